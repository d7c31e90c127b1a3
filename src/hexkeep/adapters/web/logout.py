"""Signing out on our own pages."""

from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, redirect
from hexkeep.adapters.web import accounts, csrf, paths
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.rendering import View
from hexkeep.adapters.web.sign_in import SignIn
from hexkeep.adapters.web.texts import text
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.core.token.api import END_OIDC_SESSION
from hexkeep.core.token.messages import EndOidcSession, LogoutKind, LogoutStep
from hexkeep.ports.api import Anonymous, Api


class LogoutPage:
    """``GET`` asks, ``POST`` signs out, whether the wish came from an application or from here."""

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors) -> None:
        self._api = api
        self._pages = pages
        self._visitors = visitors
        self._sign_in = SignIn(api, visitors)

    async def show(self, request: Request) -> Response:
        """The question, for who is signed in."""
        if await self._visitors.person(request) is None:
            return redirect(paths.SIGNED_OUT)
        return self._pages.confirm_logout(request, LogoutStep(kind=LogoutKind.CONFIRM), Form())

    async def submit(self, request: Request) -> Response:
        """Sign out on the person's own word: of every account that this browser is signed in to."""
        form = await csrf.accepted_form(request)
        asked = message(EndOidcSession, params=form.values, session_token=request.session_token, confirmed=True)
        answer = await self._api.call(END_OIDC_SESSION, asked, Anonymous(), request.meta(SURFACE))
        others = accounts.waiting(request)
        for token in others:
            await self._sign_in.end(request, token)
        forgotten = accounts.keeping() if others else ()
        return self._pages.logout(request, answer.output, form).adding(*forgotten)

    async def done(self, request: Request) -> Response:
        """The page afterwards."""
        view = View("signed_out.html", text("signed_out.title"), {"login": paths.LOGIN}, has_form=False)
        return self._pages.show(request, view)
