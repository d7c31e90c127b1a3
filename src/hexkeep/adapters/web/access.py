"""The page on which people see where they are signed in and what applications have of them, and take it back."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, redirect
from hexkeep.adapters.web import csrf, paths, way_back
from hexkeep.adapters.web.devices import device
from hexkeep.adapters.web.idp_link import AGAIN, DONE, FRESH, LINKED, TAKEN, Linking
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.rendering import View
from hexkeep.adapters.web.texts import scope_text, text
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.core.connection.messages import Connection, ConnectionList, ListMyConnections, RevokeMyConnection
from hexkeep.core.idplink.commands import RemoveMyIdentityProviderLink
from hexkeep.core.idplink.errors import LastWayIn
from hexkeep.core.idplink.queries import IdentityProviderLinkPage, IdentityProviderLinkView, ListMyIdentityProviderLinks
from hexkeep.core.kernel.errors import NotFound, ReauthenticationRequired
from hexkeep.core.kernel.operation import Empty, I, O, Operation
from hexkeep.core.kernel.urls import with_query
from hexkeep.core.session.commands import EndMySession
from hexkeep.core.session.others import SessionsEnded
from hexkeep.core.session.queries import ListMySessions, SessionPage, SessionSort, SessionStatus, SessionView
from hexkeep.core.session.state import parse_token
from hexkeep.core.token.api import END_OIDC_SESSION
from hexkeep.core.token.messages import EndOidcSession
from hexkeep.ports.api import Anonymous, Api, Bearer

SHOWN = 50
"""Sessions, the newest: whoever has more of them ends all."""
NOTICES = ("session", "application", "link", LINKED, AGAIN)
PROBLEMS = (TAKEN, "last")
"""What was done, and what was not, as the page is told in its query."""


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session as its person reads it."""

    id: str
    device: str
    since: datetime
    here: bool


@dataclass(frozen=True, slots=True)
class ApplicationLine:
    """An application as the person reads it. ``start`` is where a sign-in to it begins (OIDC Core section 4)."""

    id: str
    name: str
    start: str
    scopes: tuple[str, ...]
    used: datetime
    offline: bool


@dataclass(frozen=True, slots=True)
class LinkLine:
    """An account elsewhere as the person reads it; ``name`` is what the person is called there."""

    id: str
    provider: str
    name: str


class AccessPage:
    """``GET`` shows it; ``POST`` ends one session, or all, or takes back what an application or a provider has.

    Who links or unlinks an account elsewhere has signed in lately, or does so first.
    """

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors) -> None:
        self._api = api
        self._pages = pages
        self._visitors = visitors
        self._linking = Linking(api, pages)
        self._sessions: Operation[ListMySessions, SessionPage] = api.operation("ListMySessions")
        self._connections: Operation[ListMyConnections, ConnectionList] = api.operation("ListMyConnections")
        self._links: Operation[ListMyIdentityProviderLinks, IdentityProviderLinkPage] = api.operation(
            "ListMyIdentityProviderLinks"
        )
        self._unlink: Operation[RemoveMyIdentityProviderLink, Empty] = api.operation("RemoveMyIdentityProviderLink")
        self._end: Operation[EndMySession, Empty] = api.operation("EndMySession")
        self._end_others: Operation[Empty, SessionsEnded] = api.operation("EndAllMyOtherSessions")
        self._revoke: Operation[RevokeMyConnection, Empty] = api.operation("RevokeMyConnection")

    async def show(self, request: Request) -> Response:
        """The page, for who is signed in."""
        person = await self._visitors.person(request)
        if person is None:
            return redirect(paths.LOGIN)
        # First what waits for the views of the moment: the list of sessions then reads the same.
        connections = (await self._called(request, self._connections, ListMyConnections())).connections
        asked = ListMySessions(status=SessionStatus.ACTIVE, sort=SessionSort.CREATED_AT, descending=True, limit=SHOWN)
        sessions = (await self._called(request, self._sessions, asked)).sessions
        links = (await self._called(request, self._links, ListMyIdentityProviderLinks(limit=SHOWN))).links
        issuer = (await self._api.instance(request.host)).origin
        done = request.query().get(DONE)
        values = {
            "action": paths.ACCESS,
            "account": paths.ACCOUNT,
            "notice": text(f"access.{done}.done") if done in NOTICES else "",
            "linkable": await self._linking.buttons(request, person, links),
            "sessions": tuple(_session(one, _own(request)) for one in sessions),
            "links": tuple(map(_link, links)),
            "applications": tuple(_application(one, issuer) for one in connections),
        }
        problem = text(f"access.{done}.done") if done in PROBLEMS else ""
        return self._pages.show(request, View("access.html", text("access.title"), values, problem=problem))

    async def submit(self, request: Request) -> Response:
        """Take away what a button names. Who ends the session at hand is signed out, with all that goes with it."""
        form = await csrf.accepted_form(request)
        if await self._visitors.person(request) is None:
            return redirect(paths.LOGIN)
        try:
            if form.get("provider"):
                return await self._linking.begin(request, form.get("provider"))
            if form.get("everywhere"):
                return await self._everywhere(request)
            if form.get("session") == _own(request):
                return await self._signed_out(request)
            done = await self._taken(request, form)
        except ReauthenticationRequired:
            return way_back.to_sign_in(FRESH)
        except NotFound:  # gone already: the page shows what is left
            done = ""
        except LastWayIn:
            done = "last"
        return redirect(f"{paths.ACCESS}?{DONE}={done}" if done else paths.ACCESS)

    async def _taken(self, request: Request, form: Form) -> str:
        """Take one thing away, and say of which kind it was."""
        if form.get("session"):
            await self._called(request, self._end, message(EndMySession, session_id=form.get("session")))
            return "session"
        if form.get("application"):
            await self._called(request, self._revoke, message(RevokeMyConnection, client_id=form.get("application")))
            return "application"
        if form.get("link"):
            cut = message(RemoveMyIdentityProviderLink, identity_provider_link_id=form.get("link"))
            await self._called(request, self._unlink, cut)
            return "link"
        return ""

    async def _everywhere(self, request: Request) -> Response:
        while (await self._called(request, self._end_others, Empty())).more:
            pass
        return await self._signed_out(request)

    async def _signed_out(self, request: Request) -> Response:
        asked = EndOidcSession(params={}, session_token=request.session_token, confirmed=True)
        answer = await self._api.call(END_OIDC_SESSION, asked, Anonymous(), request.meta(SURFACE))
        return self._pages.logout(request, answer.output, Form())

    async def _called(self, request: Request, operation: Operation[I, O], asked: I) -> O:
        return (await self._api.call(operation, asked, Bearer(request.session_token), request.meta(SURFACE))).output


def _own(request: Request) -> str:
    """The id of the session at hand."""
    parsed = parse_token(request.session_token)
    return parsed[0] if parsed else ""


def _session(view: SessionView, own: str) -> SessionLine:
    browser, system = device(view.user_agent)
    named = text("access.device", browser=browser, system=system) if browser and system else browser or system
    return SessionLine(view.session_id, named or text("access.device.unknown"), view.created_at, view.session_id == own)


def _link(view: IdentityProviderLinkView) -> LinkLine:
    provider = view.identity_provider_name or text("access.link.gone")
    return LinkLine(view.identity_provider_link_id, provider, view.display_name)


def _application(one: Connection, issuer: str) -> ApplicationLine:
    start = with_query(one.initiate_login_uri, urlencode({"iss": issuer}))
    return ApplicationLine(
        id=one.client_id,
        name=one.client_name or one.client_id,
        start=start if _is_page(one.initiate_login_uri) else "",
        scopes=tuple(scope_text(scope) for scope in one.scopes),
        used=one.last_used_at,
        offline=one.refresh_tokens > 0,
    )


def _is_page(uri: str) -> bool:
    """Whether it may stand in a link: nothing that a browser would run."""
    return urlsplit(uri).scheme in {"https", "http"}
