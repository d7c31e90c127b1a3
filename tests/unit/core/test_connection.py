"""What applications have of a person: seen and taken back as one thing."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.connection.messages import (
    ListMyConnections,
    ListUserConnections,
    RevokeMyConnection,
    RevokeUserConnection,
    ShowConnectionLogo,
)
from hexkeep.core.consent.messages import GrantConsent
from hexkeep.core.consent.state import CONSENT, revocation
from hexkeep.core.kernel.errors import NotFound, PermissionDenied, Unauthenticated
from hexkeep.core.kernel.outside import FetchedPicture
from hexkeep.core.kernel.permission import ANONYMOUS, Caller, CallerKind, Level
from hexkeep.core.membership.events import MembershipAdded
from hexkeep.core.membership.state import MEMBERSHIPS
from hexkeep.core.oidc.errors import InvalidGrant, InvalidToken
from hexkeep.core.session.commands import EndMySession
from hexkeep.core.session.events import SubjectActivityErased
from hexkeep.core.session.state import SUBJECT_ACTIVITY
from hexkeep.core.token.messages import GetUserInfo
from hexkeep.testing.decisions import World
from tests.unit.core.oidc_world import SESSION_TOKEN, application, refresh, start, tokens, world
from tests.unit.core.worlds import caller

ADA = Caller(CallerKind.USER, user_id="ada", session_id="session-1")
LOGO = "https://shop.example.com/logo.png"
OFFLINE = "openid offline_access"
LIST, CUT = ListMyConnections(), RevokeMyConnection(client_id="web")


def shown(before: World) -> dict[str, tuple[int, int, bool]]:
    """Per application its refresh tokens, its sessions, and whether there is a consent."""
    listed = before.as_(ADA).when(LIST).result.connections
    return {one.client_id: (one.refresh_tokens, one.sessions, one.consented) for one in listed}


def test_everything_that_an_application_has_is_one_connection() -> None:
    """Consent, refresh tokens and sessions, with when they began and were last of use."""
    metadata = ClientMetadata(initiate_login_uri="https://shop.example.com/start")
    before = world(application("web", client_metadata=metadata))
    before, first = tokens(before, scope=OFFLINE)
    before, _ = tokens(before, "spa", scope="openid email")
    asked = before.when(start("strict"))
    given = asked.world.when(GrantConsent(auth_request_id=asked.result.auth_request_id, session_token=SESSION_TOKEN))
    used = given.world.later(minutes=9)
    used = used.when(refresh(first.refresh_token or "")).world
    assert shown(used) == {"web": (1, 1, False), "spa": (0, 1, False), "strict": (0, 0, True)}
    _spa, strict, web = used.as_(ADA).when(LIST).result.connections
    assert (web.client_name, web.initiate_login_uri) == ("Web", "https://shop.example.com/start")
    assert web.scopes == ("openid", "offline_access")
    assert (web.granted_at, web.last_used_at) == (before.now, used.now)
    assert strict.scopes == ("openid",)


def test_what_ends_by_itself_is_not_shown_any_more() -> None:
    """A session, a refresh token that nobody used, and what rested on them."""
    before, _ = tokens(world(), scope=OFFLINE)
    before, _ = tokens(before, "spa")
    out = before.as_(ADA).when(EndMySession(session_id="session-1")).world
    assert shown(out) == {"web": (1, 0, False)}
    assert shown(before.later(days=400)) == {}


def test_logo_has_an_address_of_ours() -> None:
    """The picture as we draw it, for who was told its name; another picture, or another application, has another."""
    metadata = ClientMetadata(logo_uri=LOGO)
    public = application("spa", client_metadata=metadata, application_type="spa", auth_method="none", secret_hash="")
    before = world(application("web", client_metadata=metadata), public)
    before.answerer.pictures[LOGO] = FetchedPicture(b"picture", "image/png")
    before, _ = tokens(before)
    before, _ = tokens(before, "spa")
    addresses = [urlsplit(one.logo_uri) for one in before.as_(ADA).when(LIST).result.connections]
    assert {(one.scheme, one.path) for one in addresses} == {("https", "/ui/client-logo")}
    spa, web = (dict(parse_qsl(one.query)) for one in addresses)
    before = before.as_(ANONYMOUS)
    logo = before.when(ShowConnectionLogo(client_id=web["client"], name=web["name"])).result
    assert (logo.content, logo.content_type) == (b"picture", "image/png")
    for wish in (ShowConnectionLogo(client_id="web", name=spa["name"]), ShowConnectionLogo(client_id="web", name="x")):
        before.when(wish).refused(NotFound)


def test_application_without_a_logo_has_no_address() -> None:
    """Nor has one whose picture is gone a picture, by whatever name."""
    before, _ = tokens(world())
    assert [one.logo_uri for one in before.as_(ADA).when(LIST).result.connections] == [""]
    gone, _ = tokens(world(application("web", client_metadata=ClientMetadata(logo_uri=LOGO))))
    (one,) = gone.as_(ADA).when(LIST).result.connections
    name = dict(parse_qsl(urlsplit(one.logo_uri).query))["name"]
    gone.as_(ANONYMOUS).when(ShowConnectionLogo(client_id="web", name=name)).refused(NotFound)


def test_cutting_a_connection_ends_tokens_at_once() -> None:
    """The access token and the refresh token; another application's go on."""
    before, web = tokens(world(), scope=OFFLINE)
    before, spa = tokens(before, "spa")
    cut = before.as_(ADA).when(CUT).then(revocation("ada", "web", before.now)).world
    assert shown(cut) == {"spa": (0, 1, False)}
    cut = cut.as_(ANONYMOUS)
    cut.when(GetUserInfo(access_token=web.access_token)).refused(InvalidToken)
    cut.when(refresh(web.refresh_token or "")).refused(InvalidGrant)
    cut.when(GetUserInfo(access_token=spa.access_token)).then()
    cut.as_(ADA).when(CUT).refused(NotFound)
    again, _ = tokens(cut.later(minutes=1), scope=OFFLINE)
    assert shown(again)["web"][0] == 1


def test_managers_see_and_cut_what_users_have_connected() -> None:
    """Those who may see, or end, the user's sessions."""
    before, _ = tokens(world())
    cut = RevokeUserConnection(user_id="ada", client_id="web")
    owner = before.as_(caller("ORGANIZATION_OWNER", "acme"))
    assert len(owner.when(ListUserConnections(user_id="ada")).result.connections) == 1
    owner.when(cut).then(CONSENT.append("ada.web", *revocation("ada", "web", before.now).events))
    viewer = before.as_(caller("ORGANIZATION_VIEWER", "acme"))
    assert len(viewer.when(ListUserConnections(user_id="ada")).result.connections) == 1
    viewer.when(cut).refused(PermissionDenied)
    stranger = before.as_(caller("ORGANIZATION_OWNER", "other"))
    stranger.when(ListUserConnections(user_id="ada")).refused(NotFound)
    stranger.when(cut).refused(NotFound)


def test_managers_cut_nothing_of_who_holds_more() -> None:
    """As with sessions: nobody keeps those out who could set things right."""
    held = MembershipAdded(level=Level.INSTANCE, scope_id="", organization_id="", roles=("INSTANCE_OWNER",))
    before, _ = tokens(world(MEMBERSHIPS.append("ada", held)))
    cut = RevokeUserConnection(user_id="ada", client_id="web")
    before.as_(caller("ORGANIZATION_OWNER", "acme")).when(cut).refused(PermissionDenied)
    assert before.as_(caller("INSTANCE_OWNER")).when(cut).changes


@pytest.mark.parametrize("request_", [LIST, CUT])
def test_nobody_has_no_connections(request_: ListMyConnections | RevokeMyConnection) -> None:
    """Nor has anybody else's."""
    before, _ = tokens(world())
    before.as_(ANONYMOUS).when(request_).refused(Unauthenticated)
    before.as_(Caller(CallerKind.USER, user_id="eve")).when(CUT).refused(NotFound)


def test_an_erased_person_has_none() -> None:
    """The rows go with the erasure."""
    before, _ = tokens(world(), scope=OFFLINE)
    erased = before.given(SUBJECT_ACTIVITY.append("erased.ada", SubjectActivityErased(user_id="ada")))
    assert shown(erased) == {}
