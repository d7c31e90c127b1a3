"""The page on which a newcomer proves the address: it makes the account, signs in and leads on.

It follows the form for a new account, and the link in the mail leads there. To open the link does nothing. The password
is asked for as well, so that nobody is talked into making an account that a stranger knows the password of.
"""

from hexkeep.adapters.asgi import cookies
from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, retry_after
from hexkeep.adapters.web import csrf, paths
from hexkeep.adapters.web.choice import BAD_REQUEST, CODE, USER, broken_link
from hexkeep.adapters.web.form_page import FormPage
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.sign_in import SignIn
from hexkeep.adapters.web.texts import text, too_many
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.adapters.web.way_on import WayOn
from hexkeep.core.authrequest.messages import AuthRequestDetails
from hexkeep.core.code.errors import InvalidCode
from hexkeep.core.kernel.errors import AlreadyExists, HexkeepError, InvalidInput, ResourceExhausted
from hexkeep.core.kernel.operation import Empty, Operation
from hexkeep.core.userregistration.commands import VerifyUserRegistration
from hexkeep.ports.api import Anonymous, Api

COOKIE = "__Host-hexkeep-newcomer"
"""Keeps the authorization request for who opens the link of the mail in the same browser."""
SECONDS = 1800
PASSWORD = "password"


class VerifyRegistrationPage:
    """``GET`` shows the form, filled in by the link; ``POST`` takes it."""

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors) -> None:
        self._api = api
        self._pages = pages
        self._page = FormPage(pages, paths.VERIFY_REGISTRATION, "verify_registration.html", "register.verify.title")
        self._visitors = visitors
        self._sign_in = SignIn(api, visitors)
        self._way_on = WayOn(api, pages)
        self._verify: Operation[VerifyUserRegistration, Empty] = api.operation("VerifyUserRegistration")

    def begin(self, request: Request, user_id: str, asked: AuthRequestDetails | None) -> Response:
        """The empty form, as the answer to who has asked for an account."""
        shown = self._form(request, Form({USER: user_id}), asked)
        return shown.adding(cookies.kept(COOKIE, asked.auth_request_id, seconds=SECONDS)) if asked else shown

    async def show(self, request: Request) -> Response:
        """The form, with what the link holds."""
        return self._form(request, request.query(), await self._asked(request, request.cookie(COOKIE)))

    async def submit(self, request: Request) -> Response:
        """Make the account, sign in and go on, or show the form again and say why not."""
        form = await csrf.accepted_form(request)
        asked = await self._asked(request, form.get(paths.REQUEST))
        if not form.get(CODE).strip() or not form.get(PASSWORD):
            return self._form(request, form, asked, text("register.verify.incomplete"), BAD_REQUEST)
        try:
            given = {"user_id": form.get(USER), "code": form.get(CODE).strip(), "password": form.get(PASSWORD)}
            wish = message(VerifyUserRegistration, **given)
            await self._api.call(self._verify, wish, Anonymous(), request.meta(SURFACE))
        except (InvalidInput, AlreadyExists) as error:
            return self._form(request, form, asked, _reason(error), error.status)
        except ResourceExhausted as error:
            problem = too_many("code.too_many", error)
            return self._form(request, form, asked, problem, error.status).adding(*retry_after(error))
        opened = await self._sign_in.newcomer(request, form.get(USER), form.get(PASSWORD))
        return (await self._way_on.after(request, opened, asked)).adding(cookies.forgotten(COOKIE))

    async def _asked(self, request: Request, request_id: str) -> AuthRequestDetails | None:
        """The authorization request in whose course somebody came; one that is over keeps nobody from an account."""
        try:
            return await self._visitors.asked(request, request_id)
        except HexkeepError:
            return None

    def _form(
        self, request: Request, given: Form, asked: AuthRequestDetails | None, problem: str = "", status: int = 200
    ) -> Response:
        if not given.get(USER):
            return broken_link(self._pages, request)
        values = {
            "user": given.get(USER),
            "code": given.get(CODE),
            "register": paths.with_request(paths.REGISTER, asked.auth_request_id if asked else ""),
        }
        return self._page.show(request, asked, values, problem, status)


def _reason(error: HexkeepError) -> str:
    if isinstance(error, AlreadyExists):
        return text("register.verify.taken")
    at_fault = {one.field for one in error.violations} if isinstance(error, InvalidInput) else set()
    known = isinstance(error, InvalidInput) and not isinstance(error, InvalidCode) and at_fault == {PASSWORD}
    return text("register.verify.password") if known else text("code.invalid")
