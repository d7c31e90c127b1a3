"""Signing out on our own pages."""

from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.web import accounts, csrf, paths
from hexkeep.adapters.web.pages import EVERYBODY, SESSIONS, WebPages
from hexkeep.adapters.web.rendering import View
from hexkeep.adapters.web.texts import text
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.core.token.api import END_OIDC_SESSION
from hexkeep.core.token.messages import EndOidcSession, LogoutStep
from hexkeep.ports.api import Anonymous, Api


class LogoutPage:
    """``GET`` asks, ``POST`` signs out, whether the wish came from an application or from here."""

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors) -> None:
        self._api = api
        self._pages = pages
        self._visitors = visitors

    async def show(self, request: Request) -> Response:
        """The question, for who is signed in."""
        step = await self._ended(request, Form())
        return self._pages.logout(request, step, Form())

    async def submit(self, request: Request) -> Response:
        """Sign out on the person's own word: the one who is present, or everybody who has signed in to this browser."""
        form = await csrf.accepted_form(request)
        everybody = form.get(SESSIONS) == EVERYBODY
        step = await self._ended(request, form, confirmed=True, everybody=everybody)
        forgotten = accounts.keeping() if everybody else ()
        return self._pages.logout(request, step, form, after_form=True).adding(*forgotten)

    async def done(self, request: Request) -> Response:
        """The page afterwards, which tells who is still signed in here and lets them be signed out as well."""
        found = [await self._visitors.holder(request, token) for token in request.waiting_tokens]
        others = {one.user_id: one.display_name or one.user_name for one in found if one}
        values = {
            "login": paths.LOGIN,
            "others": ", ".join(others.values()),
            "action": paths.LOGOUT,
            "fields": {SESSIONS: EVERYBODY},
        }
        view = View("signed_out.html", text("signed_out.title"), values, has_form=bool(others))
        return self._pages.show(request, view)

    async def _ended(
        self, request: Request, form: Form, *, confirmed: bool = False, everybody: bool = False
    ) -> LogoutStep:
        asked = message(
            EndOidcSession,
            params=form.values,
            session_token=request.session_token,
            waiting_tokens=request.waiting_tokens,
            confirmed=confirmed,
            everybody=everybody,
        )
        return (await self._api.call(END_OIDC_SESSION, asked, Anonymous(), request.meta(SURFACE))).output
