import base64
import json
from typing import Any

import pytest
from pydantic import JsonValue

from hexkeep.core.application.client_metadata import AccessTokenType, ClientMetadata
from hexkeep.core.application.events import ApiApplicationAdded, ApplicationDeactivated
from hexkeep.core.application.state import APPLICATION
from hexkeep.core.consent.events import ConsentRevoked
from hexkeep.core.consent.state import CONSENT, consent_id
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.oidc.errors import InvalidClient, InvalidRequest, InvalidToken
from hexkeep.core.organization.events import OrganizationAdded
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy.events import LifetimePolicy
from hexkeep.core.project.events import ProjectAdded
from hexkeep.core.project.state import PROJECT
from hexkeep.core.session.events import SessionEnded
from hexkeep.core.session.state import SESSION
from hexkeep.core.token.events import AccessTokenRevoked, TokenFamilyRevoked
from hexkeep.core.token.messages import ExchangeToken, GetUserInfo, IntrospectToken
from hexkeep.core.token.state import GRACE, TOKEN_FAMILY
from hexkeep.core.user.events import UserDeactivated
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import claims_of, keyed_hash, self_signed, thumbprint
from hexkeep.testing.decisions import ISSUER, NOW, World
from tests.unit.core.oidc_world import application, authorized, basic, redeem, refresh, signed_in, tokens, world

OPAQUE = ClientMetadata(access_token_type=AccessTokenType.OPAQUE)
OFFLINE = "openid offline_access"
INACTIVE = {"active": False}


def api(client_id: str, project_id: str = "shop", organization_id: str = "acme", **metadata: Any) -> Append:
    """An API of a project."""
    added = ApiApplicationAdded(
        organization_id=organization_id,
        project_id=project_id,
        name=client_id,
        auth_method="basic",
        secret_hash=keyed_hash("client_secret", f"secret of {client_id}"),
        client_metadata=ClientMetadata(**metadata),
    )
    return APPLICATION.append(client_id, added)


def start(*changes: Append) -> World:
    """The usual world with APIs of two projects, and an application whose tokens say nothing."""
    stock = ProjectAdded(organization_id="acme", name="Stock", role_assertion=False, authorization_required=False)
    apis = (api("orders"), PROJECT.append("stock", stock), api("stock-api", "stock"))
    return world(application("closed", client_metadata=OPAQUE), *apis, *authorized("clerk"), *changes)


def introspect(token: str, client_id: str = "orders", /, **params: str) -> IntrospectToken:
    """A request of an API."""
    return IntrospectToken(params={"token": token, **params}, authorization=basic(client_id))


def told(before: World, token: str, client_id: str = "orders", /, **params: str) -> dict[str, Any]:
    """What an API is told."""
    outcome = before.when(introspect(token, client_id, **params))
    outcome.then()
    document: dict[str, Any] = json.loads(outcome.result.document)
    return document


@pytest.mark.parametrize("client_id", ["web", "closed"])
@pytest.mark.parametrize("hint", ["", "access_token", "refresh_token", "something_else"])
def test_an_api_of_the_project_is_told_all_of_an_access_token(client_id: str, hint: str) -> None:
    """RFC 7662 section 2.2, RFC 9470 section 6.2: the same for a JWT and for one that says nothing."""
    after, answer = tokens(start(), client_id, scope="openid profile urn:hexkeep:roles")
    now = int(after.now.timestamp())
    assert told(after, answer.access_token, token_type_hint=hint) == {
        "active": True,
        "iss": ISSUER,
        "sub": "ada",
        "aud": [client_id, "shop"],
        "client_id": client_id,
        "scope": "openid profile urn:hexkeep:roles",
        "iat": now,
        "exp": now + 900,
        "jti": "id-1.id-2",
        "sid": "session-1",
        "auth_time": int(NOW.timestamp()),
        "acr": "urn:hexkeep:acr:pwd",
        "urn:hexkeep:roles": {"shop": ["clerk"]},
        "token_type": "Bearer",
        "username": "ada",
    }


def test_a_readable_token_says_what_is_told() -> None:
    """Who verifies a JWT by itself learns no less and no more, but what changes meanwhile."""
    after, answer = tokens(start(), scope="openid email")
    document = told(after, answer.access_token)
    assert document == {"active": True, "token_type": "Bearer", **claims_of(answer.access_token)}


def test_what_a_token_is_bound_to_is_told() -> None:
    """RFC 9449 section 6.2, RFC 8705 section 3.2: so that the API can insist on it, whichever kind of token it is."""
    for client_id in ("web", "closed"):
        after, code = signed_in(start(), client_id)
        url = f"{ISSUER}/oauth/token"
        said: dict[str, JsonValue] = {"htm": "POST", "htu": url, "iat": int(after.now.timestamp()), "jti": "one"}
        bound = redeem(code, client_id).model_copy(update={"dpop": self_signed(said), "url": url})
        outcome = after.when(bound)
        document = told(outcome.world, outcome.result.access_token)
        assert (document["cnf"], document["token_type"]) == ({"jkt": thumbprint("key of ada")}, "DPoP")


def test_the_login_name_is_for_whom_the_person_let_know_it() -> None:
    """Without the scope profile it is not told."""
    after, answer = tokens(start(), scope="openid email")
    assert "username" not in told(after, answer.access_token)


@pytest.mark.parametrize("token_of", ["web", "closed"])
def test_an_api_of_another_project_is_told_nothing(token_of: str) -> None:
    """Section 4: a token that is not for it looks like none at all."""
    after, answer = tokens(start(), token_of)
    assert told(after, answer.access_token, "stock-api") == INACTIVE


def test_the_client_is_told_about_its_own_tokens() -> None:
    """Of the refresh token as well, which is nobody else's business."""
    after, answer = tokens(start(), scope=OFFLINE)
    assert told(after, answer.access_token, "web")["sub"] == "ada"
    now = int(after.now.timestamp())
    idle = int(LifetimePolicy().refresh_token_idle_lifetime.total_seconds())
    assert told(after, answer.refresh_token or "", "web") == {
        "active": True,
        "iss": ISSUER,
        "sub": "ada",
        "client_id": "web",
        "scope": OFFLINE,
        "iat": now,
        "exp": now + idle,
    }
    for other in ("orders", "stock-api", "closed"):
        assert told(after, answer.refresh_token or "", other) == INACTIVE


def test_asking_about_an_old_refresh_token_ends_nothing() -> None:
    """Introspection does not use a token: what is no longer good is merely said to be so."""
    after, first = tokens(start(), scope=OFFLINE)
    second = after.when(refresh(first.refresh_token or ""))
    later = second.world.later(seconds=int(GRACE.total_seconds()) + 1)
    assert told(later, first.refresh_token or "", "web") == INACTIVE
    assert told(later, second.result.refresh_token, "web")["active"]


@pytest.mark.parametrize(
    "change",
    [
        USER.append("ada", UserDeactivated()),
        SESSION.append("session-1", SessionEnded()),
        APPLICATION.append("closed", ApplicationDeactivated()),
        CONSENT.append(consent_id("ada", "closed"), ConsentRevoked(revoked_at=NOW.replace(year=NOW.year + 1))),
        TOKEN_FAMILY.append("id-1", TokenFamilyRevoked(reason="revoked_by_client")),
        TOKEN_FAMILY.append(
            "id-1",
            AccessTokenRevoked(token_id="id-2", expires_at=NOW.replace(year=NOW.year + 1), revoked_at=NOW),
        ),
    ],
    ids=lambda change: change.events[0].type,
)
def test_a_token_is_inactive_without_what_it_rests_on(change: Append) -> None:
    """Section 2.2: revoked in whichever way, although it has not expired."""
    after, answer = tokens(start(), "closed")
    assert told(after, answer.access_token)["active"]
    assert told(after.given(change), answer.access_token) == INACTIVE


def test_a_refresh_token_is_inactive_once_its_person_is_gone() -> None:
    """It rests on the same."""
    after, answer = tokens(start(), scope=OFFLINE)
    gone = after.given(USER.append("ada", UserDeactivated()))
    assert told(gone, answer.refresh_token or "", "web") == INACTIVE


def test_an_expired_token_is_inactive() -> None:
    """Either kind."""
    for client_id in ("web", "closed"):
        after, answer = tokens(start(), client_id)
        assert told(after.later(days=1), answer.access_token) == INACTIVE


@pytest.mark.parametrize("token", ["x", "a.b.c", "id-1.x.y", "hexkeep_at_unknown", "hks_session-1_of-ada"])
def test_what_is_no_token_is_inactive(token: str) -> None:
    """Section 2.2: no error."""
    after, _ = tokens(start(), scope=OFFLINE)
    assert told(after, token, "web") == INACTIVE


def test_an_id_token_is_inactive() -> None:
    """RFC 8725 section 3.11: it is no access token, although we signed it."""
    after, answer = tokens(start())
    assert told(after, answer.id_token or "", "web") == INACTIVE


def test_a_clients_own_token_is_known_to_the_apis_of_its_project() -> None:
    """RFC 9068 section 2.2: its subject is the client."""
    issued = start().when(ExchangeToken(params={"grant_type": "client_credentials"}, authorization=basic("closed")))
    document = told(issued.world, issued.result.access_token)
    assert (document["sub"], document["client_id"], document["active"]) == ("closed", "closed", True)


def test_a_machines_token_concerns_no_api() -> None:
    """It is for our own API alone."""
    params = {"grant_type": "client_credentials", "scope": "urn:hexkeep:api"}
    issued = start().when(ExchangeToken(params=params, authorization=basic("robot")))
    assert told(issued.world, issued.result.access_token) == INACTIVE


# --- resources (RFC 8707) ------------------------------------------------------------------------------------------


BILLS = "https://bills.example.com"


def for_resources(*resources: str) -> tuple[World, str]:
    """A world in which a client got a token for certain resources, and that token."""
    other = ORGANIZATION.append("other", OrganizationAdded(name="Other"))
    elsewhere = ProjectAdded(organization_id="other", name="Else", role_assertion=False, authorization_required=False)
    before = start(
        application("front", client_metadata=ClientMetadata(resources=(BILLS, "urn:hexkeep:project:stock"))),
        api("bills", "stock", resources=(BILLS,)),
        *(other, PROJECT.append("else", elsewhere)),
        api("claims-to-be-bills", "else", "other", resources=(BILLS,)),
    )
    fields = {"grant_type": "client_credentials"}
    request = ExchangeToken(params=fields, resources=resources, authorization=basic("front"))
    outcome = before.when(request)
    return outcome.world, outcome.result.access_token


def test_an_api_is_told_of_tokens_for_its_registered_resource() -> None:
    """Neither the project of the client nor another API of its own project is meant."""
    after, token = for_resources(BILLS)
    assert told(after, token, "bills")["aud"] == [BILLS]
    assert told(after, token, "stock-api") == told(after, token, "orders") == INACTIVE


def test_an_api_of_another_organization_does_not_answer_for_a_resource() -> None:
    """Anybody may register anything: it counts among one's own."""
    after, token = for_resources(BILLS)
    assert told(after, token, "claims-to-be-bills") == INACTIVE


def test_all_apis_of_a_project_are_meant_by_its_name() -> None:
    """The indicator of a project needs no registration with its APIs."""
    after, token = for_resources("urn:hexkeep:project:stock")
    assert told(after, token, "stock-api")["active"]
    assert told(after, token, "bills")["active"]
    assert told(after, token, "orders") == INACTIVE


# --- signed answers (RFC 9701) -------------------------------------------------------------------------------------


def header_of(token: str) -> dict[str, Any]:
    """The header of a JWT of the kit."""
    encoded = token.split(".", 1)[0]
    header: dict[str, Any] = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return header


@pytest.mark.parametrize(
    ("metadata", "algorithm"), [({}, "RS256"), ({"introspection_signed_response_alg": "ES256"}, "ES256")]
)
def test_an_answer_can_be_kept_as_a_proof(metadata: dict[str, str], algorithm: str) -> None:
    """Section 5: typed, for the caller alone, without what would make it look like a token."""
    after, answer = tokens(start(api("audit", **metadata)))
    request = introspect(answer.access_token, "audit").model_copy(update={"signed": True})
    text = after.when(request).result.document
    assert header_of(text)["typ"] == "token-introspection+jwt"
    assert header_of(text)["alg"] == algorithm
    assert claims_of(text) == {
        "iss": ISSUER,
        "aud": "audit",
        "iat": int(after.now.timestamp()),
        "token_introspection": told(after, answer.access_token, "audit"),
    }


def test_that_a_token_does_not_hold_is_signed_as_well() -> None:
    """Section 5: all that is said of it is that."""
    text = start().when(introspect("x").model_copy(update={"signed": True})).result.document
    assert claims_of(text)["token_introspection"] == INACTIVE


def test_a_signed_answer_is_no_token() -> None:
    """RFC 8725 section 3.11."""
    after, answer = tokens(start())
    text = after.when(introspect(answer.access_token).model_copy(update={"signed": True})).result.document
    after.when(GetUserInfo(access_token=text)).refused(InvalidToken)
    assert told(after, text) == INACTIVE


# --- who asks ------------------------------------------------------------------------------------------------------


def test_who_asks_has_to_prove_who_it_is() -> None:
    """Section 2.1: nobody anonymous, no public client, no machine user, no secret of another."""
    after, answer = tokens(start())
    fields = {"token": answer.access_token}
    for request in (
        IntrospectToken(params=fields),
        IntrospectToken(params={**fields, "client_id": "spa"}),
        IntrospectToken(params={**fields, "client_id": "orders"}),
        IntrospectToken(params=fields, authorization=basic("orders", "wrong")),
        IntrospectToken(params=fields, authorization=basic("robot")),
        IntrospectToken(params=fields, authorization=f"Bearer {answer.access_token}"),
    ):
        after.when(request).refused(InvalidClient)
    gone = after.given(APPLICATION.append("orders", ApplicationDeactivated()))
    gone.when(introspect(answer.access_token)).refused(InvalidClient)


def test_a_token_is_needed_once() -> None:
    """Section 2.1."""
    start().when(IntrospectToken(params={}, authorization=basic("orders"))).refused(InvalidRequest)
    twice = IntrospectToken(params={"token": "x"}, repeated=("token",), authorization=basic("orders"))
    start().when(twice).refused(InvalidRequest)
