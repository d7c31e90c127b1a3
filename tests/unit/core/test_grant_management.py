"""Grant Management for OAuth 2.0: grants that clients begin, change, look at and end."""

import json
from typing import Any

import pytest
from pydantic import JsonValue

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.authrequest.messages import PushAuthorization, StartAuthorization
from hexkeep.core.consent.events import ConsentForgotten
from hexkeep.core.consent.messages import ForgetConsent, GrantConsent
from hexkeep.core.consent.state import CONSENT, consent_id, revocation
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Change, FollowUp
from hexkeep.core.kernel.errors import PermissionDenied
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import ANONYMOUS, SYSTEM
from hexkeep.core.oidc.errors import (
    GrantOfAnother,
    InsufficientScope,
    InvalidGrant,
    InvalidGrantId,
    InvalidToken,
    UnknownGrant,
)
from hexkeep.core.session.events import SessionEnded
from hexkeep.core.session.state import SESSION, token_of
from hexkeep.core.token.events import GrantPassedOn, TokenFamilyRevoked
from hexkeep.core.token.messages import ExchangeToken, GetGrant, GetUserInfo, RevokeGrant, TokenResponse
from hexkeep.core.token.state import TOKEN_FAMILY
from hexkeep.core.user.events import UserDeactivated
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import claims_of
from hexkeep.testing.decisions import World
from tests.unit.core.fapi_world import asking, visit
from tests.unit.core.fapi_world import world as fapi_world
from tests.unit.core.oidc_world import (
    SESSION_TOKEN,
    ada,
    application,
    basic,
    redeem,
    refresh,
    resume,
    session,
    signed_in,
    start,
    told,
    world,
)
from tests.unit.core.worlds import caller

OFFLINE = "openid offline_access"
QUERY, REVOKE = "grant_management_query", "grant_management_revoke"


def granted(before: World, action: str = "create", **params: str) -> tuple[World, TokenResponse]:
    """The world after an authorization request with an action, and the tokens of its code."""
    after, code = signed_in(before, grant_management_action=action, **params)
    outcome = after.when(redeem(code))
    return outcome.world, outcome.result


def created(before: World | None = None, **params: str) -> tuple[World, str, TokenResponse]:
    """A grant, its id and its tokens."""
    after, tokens = granted(before or world(), **{"scope": OFFLINE, **params})
    assert tokens.grant_id
    return after, tokens.grant_id, tokens


def token(before: World, scope: str, client_id: str = "web") -> str:
    """What a client calls the endpoint with."""
    params = {"grant_type": "client_credentials", "scope": scope}
    answer: TokenResponse = before.when(ExchangeToken(params=params, authorization=basic(client_id))).result
    assert answer.scope == scope
    return answer.access_token


def look(before: World, grant_id: str, client_id: str = "web") -> GetGrant:
    """A query with a good token."""
    return GetGrant(grant_id=grant_id, access_token=token(before, QUERY, client_id))


def end(before: World, grant_id: str, client_id: str = "web") -> RevokeGrant:
    """A revocation with a good token."""
    return RevokeGrant(grant_id=grant_id, access_token=token(before, REVOKE, client_id))


def status(before: World, grant_id: str) -> dict[str, Any]:
    """What a client is told of its grant."""
    found: dict[str, Any] = json.loads(before.when(look(before, grant_id)).result.document)
    return found


# --- create ----------------------------------------------------------------------------------------------------------


def test_created_grant_is_named_with_its_tokens_and_can_be_looked_at() -> None:
    """Sections 5.4 and 6.4: the id comes with the tokens, refreshed ones included, and nothing tells of a person."""
    claims = json.dumps({"userinfo": {"email": None}, "id_token": {"name": {"essential": True}}})
    after, grant_id, tokens = created(scope=f"{OFFLINE} email", claims=claims)
    expected = {
        "scopes": [{"scope": f"{OFFLINE} email"}],
        "claims": ["email", "name"],
        "authorization_details": [],
    }
    assert status(after, grant_id) == expected
    again = after.when(refresh(tokens.refresh_token or ""))
    assert again.result.grant_id == grant_id
    assert status(again.world, grant_id) == expected


def test_grant_has_no_id_unless_it_is_managed() -> None:
    """Nobody has to keep what nobody asked for."""
    after, code = signed_in(world(), scope=OFFLINE)
    outcome = after.when(redeem(code))
    assert outcome.result.grant_id is None
    outcome.world.when(look(outcome.world, "id-1")).refused(UnknownGrant)


def test_grants_of_one_person_stand_side_by_side() -> None:
    """Section 3.5: concurrent grants; ending one leaves the other."""
    after, first, _ = created()
    after, second, tokens = created(after)
    assert first != second
    ended = after.when(end(after, first)).world
    assert status(ended, second)["scopes"] == [{"scope": OFFLINE}]
    assert ended.when(refresh(tokens.refresh_token or "")).result.grant_id == second


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"grant_management_action": "update", "grant_id": "g"}, "invalid_request"),
        ({"grant_management_action": "query"}, "invalid_request"),
        ({"grant_management_action": "merge"}, "invalid_request"),
        ({"grant_management_action": "replace"}, "invalid_request"),
        ({"grant_management_action": "create", "grant_id": "g"}, "invalid_request"),
        ({"grant_id": "g"}, "invalid_request"),
        ({"grant_management_action": "merge", "grant_id": "g"}, "invalid_grant_id"),
        ({"grant_management_action": "replace", "grant_id": "id-1"}, "invalid_grant_id"),
    ],
)
def test_malformed_wishes_and_unknown_grants_are_refused(params: dict[str, str], error: str) -> None:
    """Section 5.3."""
    assert told(world().when(start(**params)).result)["error"] == error


def test_public_clients_and_tokens_of_the_front_channel_have_no_grants() -> None:
    """Section 5.1; and the id comes from the token endpoint."""
    wish = {"grant_management_action": "create"}
    assert told(world().when(start("spa", **wish)).result)["error"] == "unauthorized_client"
    metadata = ClientMetadata.model_validate({"response_types": ("code", "code id_token")})
    both = application("both", grant_types=("authorization_code", "implicit"), client_metadata=metadata)
    hybrid = start("both", response_type="code id_token", nonce="n", **wish)
    assert told(world(both).when(hybrid).result)["error"] == "invalid_request"


# --- merge and replace -----------------------------------------------------------------------------------------------


def test_merged_grant_has_both_and_the_former_tokens_end() -> None:
    """Section 5.2, merge: new tokens can do all of it, and those before them hold no more."""
    claims = {one: json.dumps({"userinfo": {one: None}}) for one in ("name", "email")}
    after, grant_id, former = created(claims=claims["name"])
    after = after.later(minutes=1)
    after, tokens = granted(after, "merge", grant_id=grant_id, scope="openid email", claims=claims["email"])
    assert tokens.grant_id == grant_id
    assert tokens.scope == f"{OFFLINE} email"
    assert claims_of(tokens.access_token)["scope"] == f"{OFFLINE} email"
    found = status(after, grant_id)
    assert (found["scopes"], found["claims"]) == ([{"scope": f"{OFFLINE} email"}], ["name", "email"])
    after.when(refresh(former.refresh_token or "")).refused(InvalidGrant)
    after.when(GetUserInfo(access_token=former.access_token)).refused(InvalidToken)
    assert after.when(refresh(tokens.refresh_token or "")).result.grant_id == grant_id


def test_replaced_grant_has_the_new_alone_and_can_be_changed_again() -> None:
    """Section 5.2, replace. Each change passes the grant on, and the log tells to which family."""
    after, grant_id, _ = created(scope=f"{OFFLINE} email")
    after, tokens = granted(after, "replace", grant_id=grant_id, scope="openid profile")
    assert (tokens.scope, tokens.refresh_token) == ("openid profile", None)
    after, code = signed_in(after, grant_management_action="merge", grant_id=grant_id, scope=OFFLINE)
    outcome = after.when(redeem(code))
    appended = {one.ref.id: one.events for one in outcome.changes if isinstance(one, Append)}
    (passed,) = appended[grant_id]
    assert isinstance(passed, GrantPassedOn)
    assert (TokenFamilyRevoked(reason="grant_changed"),) in appended.values()
    assert status(outcome.world, grant_id)["scopes"] == [{"scope": "openid profile offline_access"}]


def test_code_that_changes_a_grant_is_good_once() -> None:
    """A second redemption ends the grant: the first comer may have been a thief."""
    after, grant_id, _ = created()
    after, code = signed_in(after, grant_management_action="merge", grant_id=grant_id)
    after = after.when(redeem(code)).world
    reused = after.when(redeem(code))
    assert isinstance(reused.error, InvalidGrant)
    reused.world.when(look(reused.world, grant_id)).refused(UnknownGrant)


def test_grant_that_ended_meanwhile_is_not_revived_by_a_code() -> None:
    """Between the person's yes and the redemption the client has ended it."""
    after, grant_id, _ = created()
    after, code = signed_in(after, grant_management_action="merge", grant_id=grant_id)
    ended = after.when(end(after, grant_id)).world
    ended.when(redeem(code)).refused(InvalidGrant)


def test_nobody_but_its_person_adds_to_a_grant() -> None:
    """Another person in the browser is asked to sign in as the one whose grant it is."""
    grace = world(USER.append("grace", *ada().events), session("session-2", "of-grace", "grace"))
    after, grant_id, _ = created(grace)
    elsewhere = start("web", token_of("session-2", "of-grace"), grant_management_action="merge", grant_id=grant_id)
    assert after.when(elsewhere).result.kind == "login"
    silent = elsewhere.model_copy(update={"params": {**elsewhere.params, "prompt": "none"}})
    assert told(after.when(silent).result)["error"] == "login_required"


def test_what_does_not_fit_is_refused_before_anybody_is_asked() -> None:
    """A parameter's bounds hold for what is put together as well."""
    first, second = (json.dumps({"userinfo": {f"{one}{n}": None for n in range(60)}}) for one in "ab")
    after, grant_id, _ = created(claims=first)
    wish = {"grant_management_action": "merge", "grant_id": grant_id, "claims": second}
    assert told(after.when(start(**wish)).result)["error"] == "invalid_request"


def test_details_are_merged_and_shown_to_the_client() -> None:
    """RFC 9396: each object once, and the access token says all of them."""
    five, seven = ([{"type": "payment", "amount": f"{n} EUR"}] for n in (5, 7))
    shop = application("web", client_metadata=ClientMetadata(authorization_details_types=("payment",)))
    before, grant_id, _ = agreed(fapi_world(shop), five)
    after, same, tokens = agreed(before, [*five, *seven], grant_management_action="merge", grant_id=grant_id)
    assert same == grant_id
    assert json.loads(tokens.authorization_details) == [*five, *seven]
    assert status(after, grant_id)["authorization_details"] == [*five, *seven]


def agreed(before: World, details: list[dict[str, str]], **params: str) -> tuple[World, str, TokenResponse]:
    """The tokens of a request in detail that Ada agreed to on its page."""
    usual = {"grant_management_action": "create", "scope": OFFLINE, "authorization_details": json.dumps(details)}
    asked = before.when(start(**usual | params))
    request_id = asked.result.auth_request_id
    yes = asked.world.when(GrantConsent(auth_request_id=request_id, session_token=SESSION_TOKEN)).world
    after = yes.when(resume(request_id))
    outcome = after.world.when(redeem(told(after.result)["code"]))
    return outcome.world, outcome.result.grant_id, outcome.result


def test_wish_may_be_pushed() -> None:
    """RFC 9126: what is wrong with it is told the client directly; what is right counts when it is visited."""
    wrong = {"grant_management_action": "merge", "grant_id": "g"}
    world().when(PushAuthorization(params=asking("web", **wrong), authorization=basic())).refused(InvalidGrantId)
    create = asking("web", grant_management_action="create")
    pushed = world().when(PushAuthorization(params=create, authorization=basic()))
    answered = visit(pushed.world, pushed.result.request_uri, "web")
    assert answered.world.when(redeem(told(answered.result)["code"])).result.grant_id


# --- query and revoke ------------------------------------------------------------------------------------------------


def test_revoked_grant_is_over_and_its_person_is_asked_anew() -> None:
    """Section 6.5: with it end its tokens; the consent is forgotten, and other tokens are as they were."""
    after, grant_id, tokens = created()
    outcome = after.when(end(after, grant_id))
    assert outcome.follow_ups == (FollowUp("ForgetConsent", {"user_id": "ada", "client_id": "web"}),)
    outcome.then(TOKEN_FAMILY.append(grant_id, TokenFamilyRevoked(reason="grant_revoked")))
    over = outcome.world
    over.when(refresh(tokens.refresh_token or "")).refused(InvalidGrant)
    over.when(GetUserInfo(access_token=tokens.access_token)).refused(InvalidToken)
    over.when(look(over, grant_id)).refused(UnknownGrant)
    over.when(end(over, grant_id)).refused(UnknownGrant)
    merge: StartAuthorization = start(grant_management_action="merge", grant_id=grant_id)
    assert told(over.when(merge).result)["error"] == "invalid_grant_id"


def test_consent_is_forgotten_by_the_system_alone() -> None:
    """It is no withdrawal: what else the application has of the person holds."""
    asked = world().when(start("strict"))
    given = asked.world.when(GrantConsent(auth_request_id=asked.result.auth_request_id, session_token=SESSION_TOKEN))
    forget = ForgetConsent(user_id="ada", client_id="strict")
    given.world.as_(caller("INSTANCE_OWNER")).when(forget).refused(PermissionDenied)
    outcome = given.world.as_(SYSTEM).when(forget)
    outcome.then(CONSENT.append(consent_id("ada", "strict"), ConsentForgotten()))
    outcome.world.when(forget).then()
    assert outcome.world.as_(ANONYMOUS).when(start("strict")).result.kind == "consent"


def test_grant_of_another_client_cannot_be_looked_at_nor_ended() -> None:
    """Section 6.6: 403, and at the authorization endpoint it is as if there were none."""
    after, grant_id, _ = created()
    refused = after.when(look(after, grant_id, "strict")).refused(GrantOfAnother)
    assert refused.status == 403
    after.when(end(after, grant_id, "strict")).refused(GrantOfAnother)
    wish = start("strict", grant_management_action="merge", grant_id=grant_id)
    assert told(after.when(wish).result)["error"] == "invalid_grant_id"


@pytest.mark.parametrize("scope", ["", REVOKE, "urn:hexkeep:organization"])
def test_token_needs_the_scope_for_what_it_does(scope: str) -> None:
    """Section 6.1; and a token of a person never has it."""
    after, grant_id, tokens = created(scope=f"{OFFLINE} {QUERY} {REVOKE}")
    assert tokens.scope == OFFLINE
    for text in (token(after, scope), tokens.access_token):
        after.when(GetGrant(grant_id=grant_id, access_token=text)).refused(InsufficientScope)
    after.when(GetGrant(grant_id=grant_id, access_token="nonsense")).refused(InvalidToken)
    after.when(RevokeGrant(grant_id=grant_id, access_token=token(after, QUERY))).refused(InsufficientScope)


@pytest.mark.parametrize(
    ("scope", "change"),
    [
        ("openid", SESSION.append("session-1", SessionEnded())),
        (OFFLINE, revocation("ada", "web", world().now)),
        (OFFLINE, USER.append("ada", UserDeactivated())),
    ],
)
def test_grant_ends_with_what_its_tokens_rest_on(scope: str, change: Change) -> None:
    """The session where there is no refresh token, the consent, the person."""
    after, grant_id, _ = created(scope=scope)
    assert status(after, grant_id)
    over = after.given(change)
    over.when(look(over, grant_id)).refused(UnknownGrant)


def test_grant_with_a_refresh_token_outlives_the_session() -> None:
    """And lapses with it at last."""
    after, grant_id, _ = created()
    out = after.given(SESSION.append("session-1", SessionEnded()))
    assert status(out, grant_id)
    late = out.later(days=400)
    late.when(look(late, grant_id)).refused(UnknownGrant)


def test_discovery_tells_all_of_it() -> None:
    """Section 7.1."""
    document: dict[str, JsonValue] = world().when(Empty(), "GetDiscovery").result.model_dump(mode="json")
    assert document["grant_management_actions_supported"] == ["create", "merge", "replace", "query", "revoke"]
    assert document["grant_management_endpoint"] == f"{document['issuer']}/oauth/grants"
    assert document["grant_management_action_required"] is False
