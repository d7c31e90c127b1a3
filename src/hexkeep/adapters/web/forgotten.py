"""The page for who has forgotten the password: it takes the user name, and says the same whoever that is."""

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, retry_after
from hexkeep.adapters.web import csrf, paths
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.rendering import View
from hexkeep.adapters.web.texts import text, too_many
from hexkeep.adapters.web.visitors import SURFACE
from hexkeep.core.kernel.errors import InvalidInput, ResourceExhausted
from hexkeep.core.kernel.operation import Empty, Operation
from hexkeep.core.user.reset import RequestPasswordReset
from hexkeep.ports.api import Anonymous, Api

BAD_REQUEST = 400


class ForgottenPage:
    """``GET`` shows the form, ``POST`` takes it."""

    def __init__(self, api: Api, pages: WebPages) -> None:
        self._api = api
        self._pages = pages
        self._ask: Operation[RequestPasswordReset, Empty] = api.operation("RequestPasswordReset")

    async def show(self, request: Request) -> Response:
        """The empty form."""
        return self._form(request)

    async def submit(self, request: Request) -> Response:
        """Have a link sent, if there is somebody to send it to."""
        user_name = (await csrf.accepted_form(request)).get("user_name").strip()
        try:
            wish = message(RequestPasswordReset, login_name=user_name)
            await self._api.call(self._ask, wish, Anonymous(), request.meta(SURFACE))
        except InvalidInput:
            return self._form(request, text("forgotten.incomplete"), BAD_REQUEST)
        except ResourceExhausted as error:
            problem = too_many("code.too_many", error)
            return self._form(request, problem, error.status).adding(*retry_after(error))
        values = {"lines": (text("forgotten.sent"), text("forgotten.sent.none")), "sign_in": paths.LOGIN}
        return self._pages.show(request, View("done.html", text("forgotten.sent.title"), values, has_form=False))

    def _form(self, request: Request, problem: str = "", status: int = 200) -> Response:
        values = {"action": paths.FORGOTTEN, "login": paths.LOGIN}
        view = View("forgotten.html", text("forgotten.title"), values, status=status, problem=problem)
        return self._pages.show(request, view)
