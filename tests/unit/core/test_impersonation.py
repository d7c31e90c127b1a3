"""Impersonation (RFC 8693, ADR 29): who may, as whom, what the tokens say and what they are not good for."""

import json
from typing import Any

import pytest

from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.errors import PermissionDenied
from hexkeep.core.kernel.permission import Level
from hexkeep.core.membership.commands import CreateMembership, MembershipLevel
from hexkeep.core.membership.events import MembershipAdded, MembershipRemoved
from hexkeep.core.membership.state import MEMBERSHIPS
from hexkeep.core.oidc import rfc8693
from hexkeep.core.oidc.errors import InvalidRequest, InvalidScope, InvalidTarget, InvalidToken, UnauthorizedClient
from hexkeep.core.organization.events import OrganizationAdded
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy.events import SecurityPolicySet
from hexkeep.core.policy.state import INSTANCE_POLICIES, POLICIES
from hexkeep.core.project.events import ProjectChanged
from hexkeep.core.project.state import PROJECT
from hexkeep.core.session.events import SessionEnded
from hexkeep.core.session.state import SESSION, token_of
from hexkeep.core.token.events import TokenFamilyStarted, UserImpersonated
from hexkeep.core.token.messages import ExchangeToken, GetUserInfo, IntrospectToken
from hexkeep.core.token.state import IMPERSONATION
from hexkeep.core.user.events import UserDeactivated, UserLocked
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import claims_of
from hexkeep.testing.decisions import ISSUER, Outcome, World
from tests.unit.core.oidc_world import ada, application, authorized, basic, session, tokens, world
from tests.unit.core.people import caller
from tests.unit.core.test_bound_tokens import ADA as HOLDER
from tests.unit.core.test_bound_tokens import MALLORY as THIEF
from tests.unit.core.test_bound_tokens import NOTHING as UNBOUND

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
GRANTS = ("authorization_code", "refresh_token", GRANT)
ALLOWED = POLICIES.append(INSTANCE_POLICIES, SecurityPolicySet(impersonation_allowed=True))
API = "openid urn:hexkeep:api"


def held(user_id: str, *roles: str, level: Level = Level.ORGANIZATION, place: str = "acme") -> Append:
    """A user's roles, in the organization unless told otherwise."""
    organization = "" if level is Level.INSTANCE else place
    added = MembershipAdded(level=level, scope_id=organization, organization_id=organization, roles=roles)
    return MEMBERSHIPS.append(user_id, added)


SUPPORTER = held("eve", "ORGANIZATION_IMPERSONATOR")


def desk(*changes: Change, allowed: bool = True, scope: str = API, client_id: str = "desk") -> tuple[World, str]:
    """The world in which Eve is signed in to the support desk, which may exchange tokens; and her token."""
    here = world(
        USER.append("eve", ada().events[0].model_copy(update={"user_name": "eve", "display_name": "Eve"})),
        session("session-2", "of-eve", "eve"),
        application("desk", grant_types=GRANTS, api_access=True),
        application("orders", grant_types=GRANTS),
        *((ALLOWED,) if allowed else ()),
        *changes,
    )
    after, answer = tokens(here, client_id, token=token_of("session-2", "of-eve"), scope=scope)
    return after, answer.access_token


def asked_of(actor: str, user: str = "ada", client_id: str = "desk", **changes: str) -> ExchangeToken:
    """A well-formed request, changed by `changes`; an empty value takes a parameter away."""
    usual = {
        "grant_type": GRANT,
        "subject_token": user,
        "subject_token_type": rfc8693.USER_ID,
        "actor_token": actor,
        "actor_token_type": rfc8693.ACCESS_TOKEN,
        "scope": "openid profile",
    }
    return ExchangeToken(params=usual | changes, authorization=basic(client_id))


def impersonate(at: World, actor: str, user: str = "ada", client_id: str = "desk", **changes: str) -> Outcome:
    """What comes of it."""
    return at.when(asked_of(actor, user, client_id, **changes))


def test_who_may_gets_a_token_that_names_both() -> None:
    """Section 4.1; it is short, has nothing to renew it, and both histories tell."""
    at, actor = desk(SUPPORTER)
    outcome = impersonate(at, actor, reason="Case 7")
    answer, claims = outcome.result, claims_of(outcome.result.access_token)
    assert (claims["sub"], claims["client_id"], claims["act"]) == ("ada", "desk", {"sub": "eve"})
    assert "auth_time" not in claims
    assert (answer.refresh_token, answer.id_token, answer.expires_in) == (None, None, 600)
    (started,), (told,) = (change.events for change in outcome.changes if isinstance(change, Append))
    assert [change.ref for change in outcome.changes if isinstance(change, Append)][1] == IMPERSONATION.ref("ada")
    assert isinstance(started, TokenFamilyStarted)
    assert (started.user_id, started.actor_id, started.session_id, started.grant_type) == (
        *("ada", "eve", "session-2"),
        GRANT,
    )
    family_id = str(claims["jti"]).partition(".")[0]
    assert told == UserImpersonated(
        organization_id="acme",
        actor_id="eve",
        client_id="desk",
        token_family_id=family_id,
        scopes=("openid", "profile"),
        reason="Case 7",
    )
    document = json.loads(outcome.world.when(GetUserInfo(access_token=answer.access_token)).result.document)
    assert (document["sub"], document["name"]) == ("ada", "Ada Lovelace")


@pytest.mark.parametrize(
    "roles",
    [(), ("ORGANIZATION_OWNER",), ("ORGANIZATION_USER_MANAGER",), ("ORGANIZATION_VIEWER",)],
    ids=lambda roles: roles[0] if roles else "none",
)
def test_it_takes_a_right_of_its_own(roles: tuple[str, ...]) -> None:
    """Who manages users does not have it along with that."""
    at, actor = desk(held("eve", *roles))
    impersonate(at, actor).refused(InvalidRequest)


def test_owners_of_organizations_do_not_give_it() -> None:
    """Neither to others nor to themselves; who owns the instance does."""
    at, _ = desk()
    request = CreateMembership(
        user_id="eve", level=MembershipLevel.ORGANIZATION, scope_id="acme", roles=("ORGANIZATION_IMPERSONATOR",)
    )
    at.as_(caller("eve", "ORGANIZATION_OWNER", "acme")).when(request).refused(PermissionDenied)
    assert at.as_(caller("boss", "INSTANCE_OWNER")).when(request).changes


def test_the_instance_has_to_allow_it() -> None:
    """Out of the box nobody impersonates anybody."""
    at, actor = desk(SUPPORTER, allowed=False)
    impersonate(at, actor).refused(InvalidRequest)


def test_the_right_counts_where_it_is_held() -> None:
    """In another organization it is none; at the instance it is one everywhere."""
    other = ORGANIZATION.append("other", OrganizationAdded(name="Other"))
    at, actor = desk(other, held("eve", "ORGANIZATION_IMPERSONATOR", place="other"))
    impersonate(at, actor).refused(InvalidRequest)
    at, actor = desk(held("eve", "INSTANCE_IMPERSONATOR", level=Level.INSTANCE))
    assert impersonate(at, actor).result.access_token


def test_nobody_rises() -> None:
    """Whoever holds more than the impersonator is not impersonated; whoever holds as much is."""
    at, actor = desk(SUPPORTER, held("ada", "ORGANIZATION_VIEWER"))
    impersonate(at, actor).refused(InvalidRequest)
    both = held("eve", "ORGANIZATION_IMPERSONATOR", "ORGANIZATION_VIEWER")
    at, actor = desk(both, held("ada", "ORGANIZATION_VIEWER"))
    assert impersonate(at, actor).result.access_token


@pytest.mark.parametrize("user", ["nobody", "robot", "desk", ""])
def test_unknown_users_look_like_those_who_may_not_be_impersonated(user: str) -> None:
    """And so do those who are no persons."""
    at, actor = desk(SUPPORTER)
    impersonate(at, actor, user).refused(InvalidRequest)


def test_who_may_not_sign_in_or_use_the_application_is_not_impersonated() -> None:
    """The locked, and those whom the project does not let in."""
    at, actor = desk(SUPPORTER)
    impersonate(at.given(USER.append("ada", UserLocked(reason="manager"))), actor).refused(InvalidRequest)
    members = ProjectChanged(name="Shop", role_assertion=False, authorization_required=True)
    closed = at.given(PROJECT.append("shop", members), *authorized("clerk", user="eve"))
    impersonate(closed, actor).refused(InvalidRequest)


def test_the_actor_token_is_one_for_our_api_and_of_this_client() -> None:
    """An application does not get more of its administrators than they agreed to."""
    at, actor = desk(SUPPORTER, scope="openid")
    impersonate(at, actor).refused(InvalidRequest)
    at, actor = desk(SUPPORTER, application("other", grant_types=GRANTS, api_access=True))
    impersonate(at, actor, client_id="other").refused(InvalidRequest)
    impersonate(at, "").refused(InvalidRequest)
    impersonate(at, actor, actor_token_type="").refused(InvalidRequest)
    impersonate(at, actor, client_id="web").refused(UnauthorizedClient)


def test_a_bound_actor_token_takes_its_key() -> None:
    """A stolen one of those impersonates nobody (RFC 9449)."""
    at, _ = desk(SUPPORTER)
    at, answer = HOLDER.tokens(at, "desk", API, token=token_of("session-2", "of-eve"))
    request = asked_of(answer.access_token)
    assert HOLDER.call(at, request).result.token_type == "DPoP"
    for thief in (THIEF, UNBOUND):
        thief.call(at, request).refused(InvalidRequest)


def test_who_acts_for_somebody_goes_on_to_nobody() -> None:
    """A token with `act` is no actor's own, whoever it is for."""
    at, actor = desk(SUPPORTER, held("ada", "ORGANIZATION_IMPERSONATOR"))
    params = {"grant_type": GRANT, "subject_token": actor, "subject_token_type": rfc8693.ACCESS_TOKEN}
    passed = at.when(ExchangeToken(params=params, authorization=basic("desk"))).result.access_token
    assert claims_of(passed)["act"] == {"sub": "desk"}
    impersonate(at, passed).refused(InvalidRequest)


def test_our_own_api_is_not_for_impersonators() -> None:
    """Nobody changes a password, a factor or a right in another person's name: the scope is not to be had."""
    at, actor = desk(SUPPORTER)
    impersonate(at, actor, scope=API).refused(InvalidScope)
    impersonate(at, actor, scope="openid offline_access").refused(InvalidScope)
    usual = impersonate(at, actor, scope="").result
    assert usual.scope == "openid"
    assert claims_of(usual.access_token)["aud"] == ["desk", "shop"]
    impersonate(at, actor, audience=ISSUER).refused(InvalidTarget)


def test_it_may_be_passed_on_but_says_so() -> None:
    """A service that is called with it exchanges it, and who impersonates is still told."""
    at, actor = desk(SUPPORTER)
    outcome = impersonate(at, actor)
    params = {
        "grant_type": GRANT,
        "subject_token": outcome.result.access_token,
        "subject_token_type": rfc8693.ACCESS_TOKEN,
    }
    passed = outcome.world.when(ExchangeToken(params=params, authorization=basic("orders"))).result.access_token
    assert claims_of(passed)["act"] == {"sub": "orders", "act": {"sub": "eve"}}
    with_id = {**params, "requested_token_type": rfc8693.ID_TOKEN}
    outcome.world.when(ExchangeToken(params=with_id, authorization=basic("orders"))).refused(InvalidRequest)


@pytest.mark.parametrize("reason", ["x" * 201, "Case\n7"])
def test_a_reason_is_a_line(reason: str) -> None:
    """It stands in histories."""
    at, actor = desk(SUPPORTER)
    impersonate(at, actor, reason=reason).refused(InvalidRequest)


def ends() -> dict[str, Change]:
    """What ends an impersonation, by name."""
    removed = MembershipRemoved(level=Level.ORGANIZATION, scope_id="acme")
    return {
        "the impersonator signs out": SESSION.append("session-2", SessionEnded()),
        "the right is taken away": MEMBERSHIPS.append("eve", removed),
        "the instance allows it no more": POLICIES.append(INSTANCE_POLICIES, SecurityPolicySet()),
        "the impersonator is gone": USER.append("eve", UserDeactivated()),
        "the person is locked": USER.append("ada", UserLocked(reason="manager")),
        "the person rises": held("ada", "ORGANIZATION_OWNER"),
    }


@pytest.mark.parametrize("end", ends().values(), ids=ends().keys())
def test_it_ends_with_what_it_rests_on(end: Change) -> None:
    """At once, wherever the token is."""
    at, actor = desk(SUPPORTER)
    outcome = impersonate(at, actor)
    token = outcome.result.access_token
    outcome.world.given(end).when(GetUserInfo(access_token=token)).refused(InvalidToken)
    asked = IntrospectToken(params={"token": token}, authorization=basic("desk"))
    told: dict[str, Any] = json.loads(outcome.world.given(end).when(asked).result.document)
    assert told == {"active": False}
    assert json.loads(outcome.world.when(asked).result.document)["act"] == {"sub": "eve"}


def test_a_machine_may_be_the_one_who_acts() -> None:
    """Its token for our API is good in the hands of any application with API access."""
    at, _ = desk(held("robot", "ORGANIZATION_IMPERSONATOR"))
    params = {"grant_type": "client_credentials", "scope": "urn:hexkeep:api"}
    own = at.when(ExchangeToken(params=params, authorization=basic("robot"))).result.access_token
    outcome = impersonate(at, own)
    claims = claims_of(outcome.result.access_token)
    assert (claims["sub"], claims["act"]) == ("ada", {"sub": "robot"})
    assert outcome.world.when(GetUserInfo(access_token=outcome.result.access_token)).result.document
    impersonate(at, own, client_id="orders").refused(InvalidRequest)
