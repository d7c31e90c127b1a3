"""Initiating User Registration via OpenID Connect 1.0: `prompt=create`, however the request comes."""

import pytest

from hexkeep.core.authrequest.look import GetPageLook
from hexkeep.core.authrequest.messages import GetAuthRequest
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.oidc.errors import InvalidRequest
from hexkeep.core.organization.events import OrganizationAdded
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy.events import LoginPolicySet
from hexkeep.core.policy.state import INSTANCE_POLICIES, POLICIES
from hexkeep.core.session.events import SessionPasswordChecked
from hexkeep.core.session.state import SESSION
from hexkeep.core.setting.events import DefaultOrganizationSet
from hexkeep.core.setting.state import SETTINGS, SETTINGS_ID
from hexkeep.testing.decisions import World
from tests.unit.core import fapi_world
from tests.unit.core.fapi_world import SIGNED, push, pushed, signed, visit
from tests.unit.core.oidc_world import resume, start, told, world

OPEN: tuple[Change, ...] = (
    SETTINGS.append(SETTINGS_ID, DefaultOrganizationSet(organization_id="acme")),
    POLICIES.append(INSTANCE_POLICIES, LoginPolicySet(registration_allowed=True)),
)
WORLD = world(*OPEN)


def prompts(before: World) -> list[str]:
    """What the document tells."""
    return list(before.when(Empty(), "GetDiscovery").result.prompt_values_supported)


@pytest.mark.parametrize("prompt", ["create", "create login", "create consent select_account"])
def test_an_account_is_to_be_made_first(prompt: str) -> None:
    """Section 4: the page for it is shown, also to who is signed in; a sign-in on the way there is as good."""
    outcome = WORLD.when(start(prompt=prompt))
    assert outcome.result.kind == "register"
    assert outcome.world.when(resume("id-1")).result.kind == "register"
    assert outcome.world.when(resume("id-1", "")).result.kind == "register"
    later = outcome.world.later(seconds=5)
    fresh = later.given(SESSION.append("session-1", SessionPasswordChecked(checked_at=later.now)))
    assert fresh.when(resume("id-1")).result.kind in {"redirect", "consent"}


def test_hint_reaches_the_page() -> None:
    """OIDC Core section 3.1.2.1, `login_hint`."""
    outcome = WORLD.when(start(prompt="create", login_hint="grace@example.com"))
    assert outcome.result.login_hint == "grace@example.com"
    shown = outcome.world.when(GetAuthRequest(auth_request_id="id-1"))
    assert shown.result.login_hint == "grace@example.com"


def test_create_is_told_and_taken_where_people_may_register() -> None:
    """Sections 4.1 and 4.2: elsewhere the metadata do not list it, and it is an invalid request that says so."""
    assert prompts(WORLD) == ["none", "login", "consent", "select_account", "create"]
    assert prompts(world()) == ["none", "login", "consent", "select_account"]
    answer = told(world().when(start(prompt="create")).result)
    assert answer["error"] == "invalid_request"
    assert "create" in answer["error_description"]
    assert told(WORLD.when(start(prompt="create none")).result)["error"] == "invalid_request"


def test_account_is_made_where_the_people_who_are_meant_are() -> None:
    """The policy of the organization that a scope means counts, the page says the same; metadata tell of the rest."""
    closed, opened = LoginPolicySet(registration_allowed=False), LoginPolicySet(registration_allowed=True)
    theirs = ORGANIZATION.append("other", OrganizationAdded(name="Other"))
    there = world(theirs, *OPEN[:1], POLICIES.append("other", opened))
    here = world(theirs, *OPEN, POLICIES.append("other", closed))
    scopes = "openid urn:hexkeep:organization:id:other"
    for before, meant, everybody in ((there, True, False), (here, False, True)):
        assert ("create" in prompts(before)) is everybody
        for scope, allowed in ((scopes, meant), ("openid", everybody)):
            asked = before.when(start(prompt="create", scope=scope)).result
            assert (asked.kind == "register") is allowed
            assert allowed or told(asked)["error"] == "invalid_request"
            page = before.when(start(token="", scope=scope))
            look = page.world.when(GetPageLook(auth_request_id=page.result.auth_request_id)).result
            assert look.registration_allowed is allowed


def test_pushed_and_signed_requests_ask_for_it_too() -> None:
    """RFC 9126, RFC 9101: the client is told at once where it is not supported."""
    before = fapi_world.world(*OPEN)
    after, request_uri = pushed(before, prompt="create")
    assert visit(after, request_uri).result.kind == "register"
    after, request_uri = pushed(before, SIGNED, request=signed(SIGNED, before.now, prompt="create"))
    assert visit(after, request_uri, SIGNED).result.kind == "register"
    push(fapi_world.world(), prompt="create").refused(InvalidRequest)
