"""The pages behind the links in mails on which people choose a password: another one, or their first.

The link holds the code. To open it does nothing: programs that look at mail open links as well. What the form sends is
used up by the answer, so that what stays in the browser's history is of no use to anybody.
"""

from dataclasses import dataclass

from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, retry_after
from hexkeep.adapters.web import csrf, paths
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.rendering import View
from hexkeep.adapters.web.texts import text, too_many
from hexkeep.adapters.web.visitors import SURFACE
from hexkeep.core.code.errors import InvalidCode
from hexkeep.core.kernel.errors import InvalidInput, ResourceExhausted
from hexkeep.core.kernel.operation import Empty, Message, Operation
from hexkeep.core.user.invitations import VerifyInvitation
from hexkeep.core.user.reset import ResetPassword
from hexkeep.ports.api import Anonymous, Api

BAD_REQUEST = 400
USER, LOGIN, CODE = "user", "login", "code"
NEW, REPEATED = "new_password", "repeated_password"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the pages: where it is, what its texts begin with, and which operation takes the form."""

    path: str
    texts: str
    operation: str
    input: type[Message]
    field: str
    """What the operation calls the password."""


RESET = Choice(paths.RESET, "reset", "ResetPassword", ResetPassword, "new_password")
INVITATION = Choice(paths.INVITATION, "invitation", "VerifyInvitation", VerifyInvitation, "password")


class ChoicePage:
    """``GET`` shows the form, ``POST`` takes it."""

    def __init__(self, api: Api, pages: WebPages, choice: Choice) -> None:
        self._api = api
        self._pages = pages
        self._choice = choice
        self._operation: Operation[Message, Empty] = api.operation(choice.operation)

    async def show(self, request: Request) -> Response:
        """The empty form, with what the link holds."""
        return self._form(request, request.query())

    async def submit(self, request: Request) -> Response:
        """Set the password, or show the form again and say why not."""
        form = await csrf.accepted_form(request)
        if problem := _incomplete(form):
            return self._form(request, form, problem, BAD_REQUEST)
        fields = {"user_id": form.get(USER), "code": form.get(CODE), self._choice.field: form.get(NEW)}
        try:
            asked = message(self._choice.input, **fields)
            await self._api.call(self._operation, asked, Anonymous(), request.meta(SURFACE))
        except InvalidInput as error:
            return self._form(request, form, _reason(error), error.status)
        except ResourceExhausted as error:
            problem = too_many("code.too_many", error)
            return self._form(request, form, problem, error.status).adding(*retry_after(error))
        return self._done(request)

    def _form(self, request: Request, given: Form, problem: str = "", status: int = 200) -> Response:
        link = {name: given.get(name) for name in (USER, CODE)}
        if not all(link.values()):
            return broken_link(self._pages, request)
        values = {
            "action": self._choice.path,
            "link": {**link, LOGIN: given.get(LOGIN)},
            "login": given.get(LOGIN),
            "lead": text(f"{self._choice.texts}.lead"),
            "submit": text(f"{self._choice.texts}.submit"),
        }
        title = text(f"{self._choice.texts}.title")
        return self._pages.show(request, View("choice.html", title, values, status=status, problem=problem))

    def _done(self, request: Request) -> Response:
        values = {"lines": (text(f"{self._choice.texts}.done"),), "sign_in": paths.LOGIN}
        title = text(f"{self._choice.texts}.done.title")
        return self._pages.show(request, View("done.html", title, values, has_form=False))


def broken_link(pages: WebPages, request: Request) -> Response:
    """The page for a link of which something is missing."""
    values = {"lines": (text("link.broken"),), "sign_in": ""}
    view = View("done.html", text("link.broken.title"), values, status=BAD_REQUEST, has_form=False)
    return pages.show(request, view)


def _incomplete(form: Form) -> str:
    """What is missing before anybody needs to be asked, or nothing."""
    if not form.get(NEW) or not form.get(REPEATED):
        return text("chosen.incomplete")
    return "" if form.get(NEW) == form.get(REPEATED) else text("password.differs")


def _reason(error: InvalidInput) -> str:
    at_fault = {one.field for one in error.violations}
    if isinstance(error, InvalidCode) or at_fault & {"user_id", "code"}:
        return text("code.invalid")
    return text("password.refused", reason=next((one.message for one in error.violations), error.message))
