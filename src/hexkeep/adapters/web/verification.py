"""The page behind the link in a mail on which people confirm that the address is theirs.

To open the link does nothing: programs that look at mail open links as well. The button does.
"""

from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, retry_after
from hexkeep.adapters.web import csrf, paths
from hexkeep.adapters.web.choice import BAD_REQUEST, CODE, USER, broken_link
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.rendering import View
from hexkeep.adapters.web.texts import text, too_many
from hexkeep.adapters.web.visitors import SURFACE
from hexkeep.core.kernel.errors import InvalidInput, ResourceExhausted
from hexkeep.core.kernel.operation import Empty, Operation
from hexkeep.core.user.contact import VerifyEmail
from hexkeep.ports.api import Anonymous, Api


class VerificationPage:
    """``GET`` shows the form, filled in by the link; ``POST`` takes it."""

    def __init__(self, api: Api, pages: WebPages) -> None:
        self._api = api
        self._pages = pages
        self._verify: Operation[VerifyEmail, Empty] = api.operation("VerifyEmail")

    async def show(self, request: Request) -> Response:
        """The form, with what the link holds."""
        return self._form(request, request.query())

    async def submit(self, request: Request) -> Response:
        """Verify the address, or show the form again and say why not."""
        form = await csrf.accepted_form(request)
        if not form.get(CODE).strip():
            return self._form(request, form, text("verify.incomplete"), BAD_REQUEST)
        try:
            asked = message(VerifyEmail, user_id=form.get(USER), code=form.get(CODE).strip())
            await self._api.call(self._verify, asked, Anonymous(), request.meta(SURFACE))
        except InvalidInput as error:
            return self._form(request, form, text("code.invalid"), error.status)
        except ResourceExhausted as error:
            problem = too_many("code.too_many", error)
            return self._form(request, form, problem, error.status).adding(*retry_after(error))
        values = {"lines": (text("verify.done"),), "sign_in": ""}
        return self._pages.show(request, View("done.html", text("verify.done.title"), values, has_form=False))

    def _form(self, request: Request, given: Form, problem: str = "", status: int = 200) -> Response:
        if not given.get(USER):
            return broken_link(self._pages, request)
        values = {"action": paths.VERIFY_EMAIL, "user": given.get(USER), "code": given.get(CODE)}
        view = View("verify.html", text("verify.title"), values, status=status, problem=problem)
        return self._pages.show(request, view)
