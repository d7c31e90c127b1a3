"""What a client may insist on beyond a sign-in: single claims, a person, an authentication class, a recent proof."""

import json
from datetime import timedelta
from typing import Any

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.authrequest.messages import GetAuthRequest
from hexkeep.core.consent.messages import GrantConsent
from hexkeep.core.factor.events import PasskeyRegistered, TotpRegistered, TotpVerified
from hexkeep.core.factor.state import FACTORS, Factor
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.oidc.acr import MULTI_FACTOR, PASSWORD, PHISHING_RESISTANT
from hexkeep.core.session.events import SessionFactorChecked, SessionPasswordChecked
from hexkeep.core.session.state import SESSION
from hexkeep.core.token.messages import GetUserInfo
from hexkeep.testing.answers import claims_of
from hexkeep.testing.decisions import NOW, World
from tests.unit.core.oidc_world import SESSION_TOKEN, application, redeem, refresh, resume, start, tokens, told, world

TYPES = ("code", "id_token", "id_token token", "code id_token")
LATER = NOW + timedelta(minutes=1)


def asking(**members: object) -> dict[str, str]:
    """The claims parameter."""
    return {"claims": json.dumps(members)}


def app() -> Append:
    """An authenticator app, set up after the session of the world began: so that one may go on without it."""
    return FACTORS.append(
        "ada", TotpRegistered(user_id="ada", secret="s"), TotpVerified(user_id="ada", verified_at=LATER)
    )


def passkey() -> Append:
    """A passkey, registered after the session of the world began."""
    registered = PasskeyRegistered(
        user_id="ada",
        passkey_id="key-1",
        credential_id="c",
        public_key="p",
        sign_count=0,
        name="Key",
        passwordless=True,
        registered_at=LATER,
    )
    return FACTORS.append("ada", registered)


def proven(before: World, factor: Factor) -> World:
    """The world after one more proof in Ada's session."""
    return before.given(SESSION.append("session-1", SessionFactorChecked(factor=factor.value, checked_at=before.now)))


def info(after: World, access_token: str) -> dict[str, Any]:
    """The userinfo document."""
    document: dict[str, Any] = json.loads(after.when(GetUserInfo(access_token=access_token)).result.document)
    return document


def test_claims_come_where_they_were_asked_for() -> None:
    """OIDC Core section 5.5: without the scopes that stand for them, and after a refresh as well."""
    wishes = asking(userinfo={"email": {"essential": True}, "nickname": None}, id_token={"given_name": None})
    after, answer = tokens(world(), scope="openid offline_access", **wishes)
    assert info(after, answer.access_token).keys() == {"sub", "email"}
    first = claims_of(answer.id_token or "")
    assert first["given_name"] == "Ada"
    assert "email" not in first
    second = after.when(refresh(answer.refresh_token or ""))
    assert claims_of(second.result.id_token)["given_name"] == "Ada"
    assert info(second.world, second.result.access_token)["email"] == "ada@example.com"


@pytest.mark.parametrize("claims", ["[]", "{", '{"userinfo":7}'])
def test_malformed_claims_are_told(claims: str) -> None:
    """RFC 6749 section 4.1.2.1."""
    assert told(world().when(start(claims=claims)).result)["error"] == "invalid_request"


def test_person_is_asked_about_single_claims() -> None:
    """A consent to a scope covers its claims; a new claim is asked about in the words of its scope."""
    wishes = asking(userinfo={"email": None})
    outcome = world().when(start("strict", **wishes))
    assert (outcome.result.kind, outcome.result.scopes) == ("consent", ("openid", "email"))
    after = outcome.world.when(GrantConsent(auth_request_id="id-1", session_token=SESSION_TOKEN)).world
    assert "code" in told(after.when(start("strict", **wishes)).result)
    assert "code" in told(after.when(start("strict", scope="openid email")).result)
    assert after.when(start("strict", **asking(userinfo={"name": None}))).result.kind == "consent"


def test_another_subject_than_the_demanded_one_is_refused() -> None:
    """OIDC Core section 5.5.1: a positive answer is about that person or there is none."""
    good, bad = (asking(id_token={"sub": {"value": user}}) for user in ("ada", "eve"))
    assert "code" in told(world().when(start(prompt="none", **good)).result)
    assert told(world().when(start(prompt="none", **bad)).result)["error"] == "login_required"
    assert world().when(start(**bad)).result.kind == "login"


def test_id_token_alone_has_the_claims_of_its_scopes() -> None:
    """OIDC Core section 5.4: there is no access token to ask userinfo with; with one they stay there."""
    metadata = ClientMetadata.model_validate({"response_types": TYPES})
    before = world(application("all", grant_types=("authorization_code", "implicit"), client_metadata=metadata))
    scope = {"scope": "openid profile email", "nonce": "n-1"}
    alone = told(before.when(start("all", response_type="id_token", **scope)).result)["id_token"]
    assert claims_of(alone)["email"] == "ada@example.com"
    for response_type in TYPES[2:]:
        beside = told(before.when(start("all", response_type=response_type, **scope)).result)["id_token"]
        assert "email" not in claims_of(beside)


def test_application_may_have_the_claims_of_scopes_in_every_id_token() -> None:
    """For clients that never ask userinfo."""
    asserting = application("web", client_metadata=ClientMetadata(id_token_userinfo_assertion=True))
    _, answer = tokens(world(asserting), scope="openid email")
    assert claims_of(answer.id_token or "")["email"] == "ada@example.com"


def test_tokens_tell_how_somebody_signed_in() -> None:
    """OIDC Core section 2, RFC 9470 section 6: class and methods, in ID and access token, refreshed ones as well."""
    after, answer = tokens(world(), scope="openid offline_access")
    refreshed = after.when(refresh(answer.refresh_token or "")).result
    for one in (answer, refreshed):
        assert claims_of(one.id_token or "")["acr"] == PASSWORD
        assert claims_of(one.access_token)["acr"] == PASSWORD
    assert claims_of(answer.id_token or "")["amr"] == ["pwd"]


@pytest.mark.parametrize(
    "params",
    [
        {"acr_values": MULTI_FACTOR},
        {"acr_values": f"unknown {MULTI_FACTOR}"},
        asking(id_token={"acr": {"values": [MULTI_FACTOR]}}),
        asking(id_token={"acr": {"essential": True, "value": MULTI_FACTOR}}),
    ],
    ids=str,
)
def test_weak_sign_in_is_strengthened_by_who_can(params: dict[str, str]) -> None:
    """RFC 9470 section 5: a second factor is asked for, and then the class is told."""
    outcome = world(app()).when(start(**params))
    assert (outcome.result.kind, outcome.result.auth_request_id) == ("second_factor", "id-1")
    assert not outcome.world.when(GetAuthRequest(auth_request_id="id-1")).result.passkey_needed
    assert outcome.world.when(resume("id-1")).result.kind == "second_factor"
    after = proven(outcome.world, Factor.TOTP).when(resume("id-1"))
    answer = after.world.when(redeem(told(after.result)["code"])).result
    assert claims_of(answer.id_token)["acr"] == MULTI_FACTOR
    assert claims_of(answer.id_token)["amr"] == ["pwd", "otp", "mfa"]


def test_passkey_alone_resists_phishing() -> None:
    """EAP ACR Values: who has an app but no passkey cannot reach it; who has both is asked for the passkey."""
    wish = asking(id_token={"acr": {"essential": True, "values": [PHISHING_RESISTANT]}})
    answer = told(world(app()).when(start(**wish)).result)
    assert answer["error"] == "unmet_authentication_requirements"
    outcome = world(app(), passkey()).when(start(**wish))
    assert outcome.result.kind == "second_factor"
    assert outcome.world.when(GetAuthRequest(auth_request_id="id-1")).result.passkey_needed
    weaker = proven(outcome.world, Factor.TOTP)
    assert weaker.when(resume("id-1")).result.kind == "second_factor"
    assert "code" in told(proven(weaker, Factor.PASSKEY).when(resume("id-1")).result)


def test_mere_wish_stops_nobody() -> None:
    """OIDC Core section 3.1.2.1: `acr_values` is voluntary: who has no factor, or may be asked nothing, goes on."""
    assert "code" in told(world().when(start(acr_values=MULTI_FACTOR)).result)
    assert "code" in told(world(app()).when(start(acr_values=MULTI_FACTOR, prompt="none")).result)
    assert "code" in told(world(app()).when(start(acr_values="unknown")).result)


def test_classes_that_nobody_knows_are_kept_nowhere() -> None:
    """Whoever sends people here may write anything there; the log has nothing of it, and defaults go on."""
    outcome = world(app()).when(start(acr_values=f"login:grace@example.com {MULTI_FACTOR}"))
    assert "grace" not in repr(outcome.changes)
    assert MULTI_FACTOR in repr(outcome.changes)


def test_essential_class_that_cannot_be_had_is_an_error() -> None:
    """OIDC Core section 5.5.1.1, Core Error Code 1.0: a failed authentication, told as what it is."""
    unknown = asking(id_token={"acr": {"essential": True, "values": ["unknown"]}})
    assert told(world().when(start(token="", **unknown)).result)["error"] == "unmet_authentication_requirements"
    strong = asking(id_token={"acr": {"essential": True, "values": [MULTI_FACTOR]}})
    assert told(world().when(start(**strong)).result)["error"] == "unmet_authentication_requirements"
    assert told(world(app()).when(start(prompt="none", **strong)).result)["error"] == "login_required"


def test_defaults_of_the_client_count_where_a_request_says_nothing() -> None:
    """OpenID Connect Dynamic Client Registration section 2: `default_max_age` and `default_acr_values`."""
    metadata = ClientMetadata(default_max_age=timedelta(minutes=2), default_acr_values=(MULTI_FACTOR,))
    before = world(application("web", client_metadata=metadata), app())
    assert before.when(start()).result.kind == "login"
    assert before.when(start(max_age="600")).result.kind == "second_factor"
    assert "code" in told(before.when(start(max_age="600", acr_values=PASSWORD)).result)


def test_max_age_of_nothing_always_asks() -> None:
    """OIDC Core section 3.1.2.1: as `prompt=login` does; `auth_time` is then that of the new sign-in."""
    outcome = world().when(start(max_age="0"))
    assert outcome.result.kind == "login"
    later = outcome.world.later(seconds=20)
    signed = later.given(SESSION.append("session-1", SessionPasswordChecked(checked_at=later.now))).later(seconds=40)
    after = signed.when(resume("id-1"))
    answer = after.world.when(redeem(told(after.result)["code"])).result
    assert claims_of(answer.id_token)["auth_time"] == int(later.now.timestamp())
