"""Where a sign-in leads: to what is still missing, to the application that asked for it, or to the account page."""

from hexkeep.adapters.asgi import cookies
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, redirect
from hexkeep.adapters.web import paths
from hexkeep.adapters.web.look import present
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.visitors import SURFACE
from hexkeep.adapters.web.way_back import arrived, way_back
from hexkeep.core.authrequest.api import CONTINUE_AUTHORIZATION, DENY_AUTHORIZATION
from hexkeep.core.authrequest.messages import AuthRequestDetails, ContinueAuthorization, DenyAuthorization
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.session.commands import SessionOpened
from hexkeep.ports.api import Anonymous, Api


class WayOn:
    """Shared by the pages on which people sign in."""

    def __init__(self, api: Api, pages: WebPages) -> None:
        self._api = api
        self._pages = pages

    async def after(self, request: Request, opened: SessionOpened, asked: AuthRequestDetails | None) -> Response:
        """The way on with a session, which the browser keeps from now on."""
        return await self.opened(request, opened, asked.auth_request_id if asked else "")

    async def opened(self, request: Request, opened: SessionOpened, request_id: str) -> Response:
        """The same for an authorization request that is known by its id alone."""
        way_on = await self._after(request, opened, request_id)
        return way_on.adding(cookies.kept(cookies.SESSION, opened.session_token))

    async def _after(self, request: Request, opened: SessionOpened, request_id: str) -> Response:
        if opened.second_factor_required:
            return redirect(paths.with_request(paths.SECOND_FACTOR, request_id))
        if opened.enrolment_required:
            return redirect(paths.with_request(paths.SET_UP, request_id))
        if opened.password_change_required:
            return redirect(paths.with_request(paths.PASSWORD, request_id))
        return await self.proven(request, opened.session_token, request_id)

    async def denied(self, request: Request, asked: AuthRequestDetails) -> Response:
        """The way back to the application, for who does not want to go on."""
        denial = DenyAuthorization(auth_request_id=asked.auth_request_id)
        answer = await self._api.call(DENY_AUTHORIZATION, denial, Anonymous(), request.meta(SURFACE))
        return self._pages.step(request, answer.output, after_form=True)

    async def proven(self, request: Request, session_token: str, request_id: str) -> Response:
        """The way on of who has nothing left to prove."""
        if not request_id and (page := way_back(request)):
            return redirect(page).adding(arrived())
        if not request_id:
            return self._pages.leaving(request, present().default_redirect or paths.ACCOUNT)
        further = ContinueAuthorization(auth_request_id=request_id, session_token=session_token)
        try:
            answer = await self._api.call(CONTINUE_AUTHORIZATION, further, Anonymous(), request.meta(SURFACE))
        except HexkeepError as error:
            return self._pages.error(request, error)
        return self._pages.step(request, answer.output, after_form=True)
