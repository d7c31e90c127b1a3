import json
from datetime import timedelta
from typing import Any

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata, SubjectType
from hexkeep.core.application.events import ApplicationDeactivated
from hexkeep.core.application.state import APPLICATION
from hexkeep.core.asset.events import AvatarSet
from hexkeep.core.asset.state import AVATAR
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.key.events import SigningKeyDeactivated, SigningKeyRemoved
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.oidc.errors import InsufficientScope, InvalidToken
from hexkeep.core.policy.events import LifetimePolicy
from hexkeep.core.session.events import SessionEnded
from hexkeep.core.session.state import SESSION
from hexkeep.core.token.messages import ExchangeToken, GetUserInfo
from hexkeep.core.user.events import UserDeactivated, UserPhoneChanged, UserProfileChanged
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import claims_of, jwt, signing_key
from hexkeep.testing.decisions import ISSUER, NOW, World
from tests.unit.core.oidc_world import (
    application,
    authorized,
    basic,
    redeem,
    signed_in,
    tokens,
    with_plugin_claims,
    world,
)


def info(before: World, token: str) -> dict[str, Any]:
    """The document for an access token."""
    document: dict[str, Any] = json.loads(before.when(GetUserInfo(access_token=token)).result.document)
    return document


def test_subject_is_always_told() -> None:
    """OIDC Core section 5.3.2."""
    after, answer = tokens(world())
    assert info(after, answer.access_token) == {"sub": "ada"}


def test_scopes_choose_what_is_told() -> None:
    """OIDC Core section 5.4."""
    after, answer = tokens(world(), scope="openid profile email")
    assert info(after, answer.access_token) == {
        "sub": "ada",
        "name": "Ada Lovelace",
        "given_name": "Ada",
        "family_name": "Lovelace",
        "preferred_username": "ada",
        "locale": "en",
        "updated_at": int(NOW.timestamp()),
        "email": "ada@example.com",
        "email_verified": True,
    }


def well_known(client: ClientMetadata | None = None) -> World:
    """A world in which all is known of Ada that can be."""
    profile = UserProfileChanged(
        given_name="Ada",
        family_name="Lovelace",
        display_name="Ada Lovelace",
        preferred_language="en",
        nickname="Countess",
        gender="female",
        formatted_address="12 St James's Square\nLondon",
        locality="London",
    )
    phone = UserPhoneChanged(phone="+41441234567", verified=False)
    picture = AvatarSet(
        user_id="ada", organization_id="acme", name="n4m3", content_type="image/png", size=1, width=1, height=1
    )
    bank = application("bank", client_metadata=client or ClientMetadata())
    return world(bank, USER.append("ada", profile, phone), AVATAR.append("ada", picture))


def test_all_that_is_known_is_told_to_who_may_know_it() -> None:
    """OIDC Core section 5.1: what is known of a person, under its registered names, and nothing without its scope."""
    after, answer = tokens(well_known(), "bank", scope="openid profile phone")
    told = info(after, answer.access_token)
    assert {name: told[name] for name in ("nickname", "gender", "phone_number", "phone_number_verified")} == {
        "nickname": "Countess",
        "gender": "female",
        "phone_number": "+41441234567",
        "phone_number_verified": False,
    }
    assert told["picture"] == f"{ISSUER}/assets/v1/users/ada/avatar/n4m3"
    assert "email" not in told
    less, answer = tokens(well_known(), "bank", scope="openid email")
    assert info(less, answer.access_token).keys() == {"sub", "email", "email_verified"}


def test_postal_address_is_one_claim_of_what_is_known() -> None:
    """OIDC Core sections 5.1.1 and 5.4: by its scope or by name, without members that nobody knows."""
    known = {"formatted": "12 St James's Square\nLondon", "locality": "London"}
    after, answer = tokens(well_known(), "bank", scope="openid address")
    assert info(after, answer.access_token) == {"sub": "ada", "address": known}
    by_name = json.dumps({"id_token": {"address": {"essential": True}}})
    after, answer = tokens(well_known(), "bank", scope="openid", claims=by_name)
    assert claims_of(answer.id_token or "")["address"] == known
    assert "address" not in info(after, answer.access_token)
    nobody, answer = tokens(world(), scope="openid address")
    assert "address" not in info(nobody, answer.access_token)


def test_update_is_told_when_it_was() -> None:
    """OIDC Core section 5.1, `updated_at`: seconds since the epoch, and later once something is different."""
    after, answer = tokens(well_known(), "bank", scope="openid profile")
    assert info(after, answer.access_token)["updated_at"] == int(NOW.timestamp())
    changed = after.at(after.now + timedelta(seconds=90)).given(
        USER.append("ada", UserPhoneChanged(phone="", verified=False))
    )
    assert info(changed, answer.access_token)["updated_at"] == int(changed.now.timestamp())


def test_single_claims_are_told_by_name() -> None:
    """OIDC Core section 5.5: without the scope, in userinfo or in the ID token, wherever they were asked for."""
    wanted = {"userinfo": {"picture": None, "updated_at": None}, "id_token": {"phone_number": None}}
    after, answer = tokens(well_known(), "bank", scope="openid", claims=json.dumps(wanted))
    assert info(after, answer.access_token).keys() == {"sub", "picture", "updated_at"}
    assert claims_of(answer.id_token or "")["phone_number"] == "+41441234567"
    assert "phone_number_verified" not in claims_of(answer.id_token or "")


def test_picture_does_not_give_a_pairwise_subject_away() -> None:
    """OIDC Core section 8: its address names the user, and would be the same for every application."""
    pairwise = ClientMetadata(subject_type=SubjectType.PAIRWISE)
    after, answer = tokens(well_known(pairwise), "bank", scope="openid profile")
    told = info(after, answer.access_token)
    assert told["nickname"] == "Countess"
    assert "picture" not in told
    assert told["sub"] != "ada"


def test_roles_organization_and_added_claims_are_as_in_the_tokens() -> None:
    """The same three sources."""
    scope = "openid urn:hexkeep:roles urn:hexkeep:organization"
    after, answer = tokens(world(*authorized("clerk")), scope=scope)
    document = info(with_plugin_claims(after, department="sales"), answer.access_token)
    assert document["urn:hexkeep:roles"] == {"shop": ["clerk"]}
    assert document["urn:hexkeep:organization:name"] == "Acme"
    assert document["department"] == "sales"


def test_openid_is_needed() -> None:
    """RFC 6750 section 3.1: `insufficient_scope`."""
    after, answer = tokens(world(), scope="email")
    after.when(GetUserInfo(access_token=answer.access_token)).refused(InsufficientScope)


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_what_is_no_token_is_refused(token: str) -> None:
    """RFC 6750 section 3.1: `invalid_token`."""
    world().when(GetUserInfo(access_token=token)).refused(InvalidToken)


def test_id_token_is_no_access_token() -> None:
    """RFC 8725 section 3.11: the type tells them apart."""
    after, answer = tokens(world())
    after.when(GetUserInfo(access_token=answer.id_token or "")).refused(InvalidToken)


def test_another_instances_token_is_refused() -> None:
    """Even with a key of the same name the issuer differs."""
    forged = jwt(signing_key("ES256", 1).private, "at+jwt", {"iss": "https://other.example.com", "sub": "ada"})
    world().when(GetUserInfo(access_token=forged)).refused(InvalidToken)


def test_expired_token_is_refused() -> None:
    """`exp` is judged here; the port judges signatures alone."""
    after, answer = tokens(world())
    expired = after.at(after.now + LifetimePolicy().access_token_lifetime)
    expired.when(GetUserInfo(access_token=answer.access_token)).refused(InvalidToken)


@pytest.mark.parametrize(
    "change",
    [
        USER.append("ada", UserDeactivated()),
        APPLICATION.append("web", ApplicationDeactivated()),
        SESSION.append("session-1", SessionEnded()),
        SIGNING_KEYS.append(SIGNING_KEYS_ID, SigningKeyRemoved(key_id="key-1")),
    ],
    ids=lambda change: change.events[0].type,
)
def test_token_ends_with_what_it_rests_on(change: Append) -> None:
    """User, application, session and key: without one of them nothing is told."""
    after, answer = tokens(world())
    after.given(change).when(GetUserInfo(access_token=answer.access_token)).refused(InvalidToken)


def test_offline_token_outlives_the_session() -> None:
    """`offline_access` was granted for that."""
    after, answer = tokens(world(), scope="openid offline_access")
    ended = after.given(SESSION.append("session-1", SessionEnded()))
    assert info(ended, answer.access_token)["sub"] == "ada"


def test_rotated_key_still_verifies() -> None:
    """A key that signs no more stays published until it is removed."""
    after, answer = tokens(world())
    rotated = after.given(SIGNING_KEYS.append(SIGNING_KEYS_ID, SigningKeyDeactivated(key_id="key-1")))
    assert info(rotated, answer.access_token)["sub"] == "ada"


def test_reused_code_ends_the_access_token_too() -> None:
    """RFC 6749 section 4.1.2: tokens issued before are revoked, where we are the one to ask."""
    after, code = signed_in(world())
    first = after.when(redeem(code))
    second = first.world.when(redeem(code))
    second.world.when(GetUserInfo(access_token=first.result.access_token)).refused(InvalidToken)


def test_clients_own_token_tells_nothing() -> None:
    """There is no person behind it."""
    request = ExchangeToken(params={"grant_type": "client_credentials"}, authorization=basic("robot"))
    token = world().when(request).result.access_token
    world().when(GetUserInfo(access_token=token)).refused(InsufficientScope)
