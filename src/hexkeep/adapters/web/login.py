"""The login page: user name and password, for an application or for its own sake."""

import math

from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, redirect, retry_after
from hexkeep.adapters.web import accounts, csrf, paths
from hexkeep.adapters.web.about import Logos, links_of
from hexkeep.adapters.web.idp import ProviderButtons
from hexkeep.adapters.web.look import present
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.rendering import View
from hexkeep.adapters.web.scripts import PASSKEY
from hexkeep.adapters.web.sign_in import SignIn
from hexkeep.adapters.web.texts import text
from hexkeep.adapters.web.visitors import Visitors
from hexkeep.adapters.web.way_back import way_back
from hexkeep.adapters.web.way_on import WayOn
from hexkeep.core.authrequest.messages import AuthRequestDetails
from hexkeep.core.kernel.errors import ResourceExhausted, Unauthenticated
from hexkeep.core.oidc.rfc6749 import redirect_origin
from hexkeep.core.session.commands import SessionOpened
from hexkeep.ports.api import Api

BAD_REQUEST, FORBIDDEN = 400, 403
CANCEL = "cancel"
PASSKEY_SOURCE = "/auth/v1/passkey-sign-ins"
"""Where the page's script begins a sign-in with a passkey: ``StartPasskeySignIn``."""


class LoginPage:
    """``GET`` shows the form, ``POST`` takes it."""

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors, logos: Logos) -> None:
        self._pages = pages
        self._visitors = visitors
        self._logos = logos
        self._sign_in = SignIn(api, visitors)
        self._providers = ProviderButtons(api)
        self._way_on = WayOn(api, pages)

    async def show(self, request: Request) -> Response:
        """The empty form. Without an application's wish, who is signed in has no need of it."""
        asked = await self._visitors.asked(request, request.query().get(paths.REQUEST))
        if asked is None and not way_back(request) and await self._visitors.person(request):
            return redirect(paths.ACCOUNT)
        another = bool(request.query().get(accounts.ANOTHER))
        return await self._form(request, asked, asked.login_hint if asked and not another else "", another=another)

    async def submit(self, request: Request) -> Response:
        """Sign in and go on, or show the form again and say why not."""
        form = await csrf.accepted_form(request)
        asked = await self._visitors.asked(request, form.get(paths.REQUEST))
        another = bool(form.get(accounts.ANOTHER))
        if asked and form.get("decision") == CANCEL:
            return await self._way_on.denied(request, asked)
        try:
            return await self._signed_in(request, form, asked)
        except Unauthenticated:
            problem = text("passkey.failed" if form.get("passkey") else "login.wrong")
            return await self._form(request, asked, form.get("user_name"), problem, FORBIDDEN, another=another)
        except ResourceExhausted as error:
            minutes = str(math.ceil(error.retry_after / 60))
            problem = text("login.too_many", minutes=minutes)
            page = await self._form(request, asked, form.get("user_name"), problem, error.status, another=another)
            return page.adding(*retry_after(error))

    async def _signed_in(self, request: Request, form: Form, asked: AuthRequestDetails | None) -> Response:
        another, organization_id = bool(form.get(accounts.ANOTHER)), asked.organization_id if asked else ""
        if passkey := form.get("passkey"):
            opened = await self._sign_in.by_passkey(request, passkey, organization_id, beside=another)
            return await self._after(request, opened, asked, another=another)
        user_name, password = form.get("user_name").strip(), form.get("password")
        if not user_name or not password:
            return await self._form(request, asked, user_name, text("login.incomplete"), BAD_REQUEST, another=another)
        opened = await self._sign_in(request, user_name, password, organization_id, beside=another)
        return await self._after(request, opened, asked, another=another)

    async def _after(
        self, request: Request, opened: SessionOpened, asked: AuthRequestDetails | None, *, another: bool
    ) -> Response:
        """The way on; the session that the browser has had waits where another one was begun beside it."""
        kept = accounts.beside(request, opened.session_id) if another else ()
        return (await self._way_on.after(request, opened, asked)).adding(*kept)

    def _register(self, asked: AuthRequestDetails | None) -> str:
        """Where people make accounts, or nothing where they may not."""
        request_id = asked.auth_request_id if asked else ""
        return paths.with_request(paths.REGISTER, request_id) if present().registration_allowed else ""

    async def _form(
        self,
        request: Request,
        asked: AuthRequestDetails | None,
        user_name: str,
        problem: str = "",
        status: int = 200,
        *,
        another: bool = False,
    ) -> Response:
        values = {
            "action": paths.with_request(paths.LOGIN, asked.auth_request_id if asked else ""),
            "request_id": asked.auth_request_id if asked else "",
            "another": "1" if another else "",
            "client": asked.client_name if asked else "",
            "organization": asked.organization_name if asked else "",
            "links": links_of(asked),
            "client_logo": await self._logos.path_of(request, asked),
            "user_name": user_name,
            "cancel": CANCEL,
            "forgotten": paths.FORGOTTEN,
            "register": self._register(asked),
            "passkey_source": PASSKEY_SOURCE,
            "providers": await self._providers.buttons(request, asked, beside=another),
        }
        view = View(
            "login.html",
            text("login.title"),
            values,
            status=status,
            problem=problem,
            form_target=asked.redirect_origin if asked else redirect_origin(present().default_redirect),
            in_flow=asked is not None,
            script=PASSKEY,
        )
        return self._pages.show(request, view)
