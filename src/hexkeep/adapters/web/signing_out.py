"""The page from which a logout goes on to service providers of SAML, one after the other."""

from hexkeep.adapters.asgi import cookies
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.web import paths
from hexkeep.adapters.web.check_session import browser_state
from hexkeep.adapters.web.pages import WITHOUT, WebPages
from hexkeep.adapters.web.rendering import View
from hexkeep.adapters.web.texts import text
from hexkeep.adapters.web.visitors import SURFACE
from hexkeep.core.samllogout.api import CONTINUE_SAML_LOGOUT
from hexkeep.core.samllogout.messages import ContinueSamlLogout, SamlLogoutKind, SamlLogoutStep
from hexkeep.ports.api import Anonymous, Api


class SigningOutPage:
    """``GET`` alone: what the browser holds says where the logout stands, and who comes back sees it again.

    Going on without somebody is no form: it names a request whose id nobody knows but the browser and its receiver.
    """

    def __init__(self, api: Api, pages: WebPages) -> None:
        self._api = api
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """The next one, or the end."""
        asked = message(
            ContinueSamlLogout,
            token=request.cookie(cookies.SIGNING_OUT),
            session_token=request.session_token,
            without=request.query().get(WITHOUT),
        )
        step = (await self._api.call(CONTINUE_SAML_LOGOUT, asked, Anonymous(), request.meta(SURFACE))).output
        way_on = self._way_on(request, step)
        if step.kind is not SamlLogoutKind.ASK:
            way_on = way_on.adding(cookies.forgotten(cookies.SIGNING_OUT))
        if not step.forget_session:
            return way_on
        return way_on.adding(cookies.forgotten(cookies.SESSION), browser_state(""))

    def _way_on(self, request: Request, step: SamlLogoutStep) -> Response:
        if step.kind is not SamlLogoutKind.DONE:
            return self._pages.carried(request, step, ask=step.kind is SamlLogoutKind.ASK)
        to = step.redirect_to or paths.SIGNED_OUT
        if not step.failed:
            return self._pages.leaving(request, to)
        values = {"step": step.model_copy(update={"redirect_to": to}), "ask": False, "without": ""}
        view = View("saml_logout.html", text("signed_out.title"), values, has_form=False, in_flow=True)
        return self._pages.show(request, view)
