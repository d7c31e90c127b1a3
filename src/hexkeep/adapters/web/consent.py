"""The consent page: what an application wants, and whether the person agrees (OIDC Core section 3.1.2.4)."""

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, redirect
from hexkeep.adapters.web import csrf, paths
from hexkeep.adapters.web.about import Logos, links_of
from hexkeep.adapters.web.form_page import FormPage
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.core.authrequest.api import CONTINUE_AUTHORIZATION, DENY_AUTHORIZATION
from hexkeep.core.authrequest.messages import (
    AuthorizationStep,
    ContinueAuthorization,
    DenyAuthorization,
)
from hexkeep.core.consent.api import GRANT_CONSENT
from hexkeep.core.consent.messages import GrantConsent
from hexkeep.core.kernel.errors import NotFound, Unauthenticated
from hexkeep.ports.api import Anonymous, Api

ALLOW = "allow"


class ConsentPage:
    """``GET`` asks, ``POST`` takes the answer."""

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors, logos: Logos) -> None:
        self._api = api
        self._pages = pages
        self._page = FormPage(pages, paths.CONSENT, "consent.html", "consent.title")
        self._visitors = visitors
        self._logos = logos

    async def show(self, request: Request) -> Response:
        """The question, or the login page when nobody is there to be asked."""
        request_id = request.query().get(paths.REQUEST)
        asked = await self._visitors.asked(request, request_id)
        if asked is None:
            raise NotFound
        person = await self._visitors.person(request)
        if person is None:
            return redirect(paths.with_request(paths.LOGIN, request_id))
        values = {
            "allow": ALLOW,
            "asked": asked,
            "user": person.display_name or person.user_name,
            "other_account": paths.with_request(paths.ACCOUNTS, request_id),
            "links": links_of(asked),
            "client_logo": await self._logos.path_of(request, asked),
        }
        return self._page.show(request, asked, values)

    async def submit(self, request: Request) -> Response:
        """Remember a yes and go on; anything else is a no, which the application is told."""
        form = await csrf.accepted_form(request)
        request_id = form.get(paths.REQUEST)
        if form.get("decision") != ALLOW:
            return self._pages.step(request, await self._denied(request, request_id), after_form=True)
        try:
            return self._pages.step(request, await self._granted(request, request_id), after_form=True)
        except Unauthenticated:
            return redirect(paths.with_request(paths.LOGIN, request_id))

    async def _granted(self, request: Request, request_id: str) -> AuthorizationStep:
        token, meta = request.session_token, request.meta(SURFACE)
        grant = message(GrantConsent, auth_request_id=request_id, session_token=token)
        await self._api.call(GRANT_CONSENT, grant, Anonymous(), meta)
        further = message(ContinueAuthorization, auth_request_id=request_id, session_token=token)
        return (await self._api.call(CONTINUE_AUTHORIZATION, further, Anonymous(), meta)).output

    async def _denied(self, request: Request, request_id: str) -> AuthorizationStep:
        denial = message(DenyAuthorization, auth_request_id=request_id)
        return (await self._api.call(DENY_AUTHORIZATION, denial, Anonymous(), request.meta(SURFACE))).output
