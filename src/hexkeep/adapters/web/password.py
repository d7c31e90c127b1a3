"""The page on which people change their password, by choice or because they have to before they go on."""

from hexkeep.adapters.asgi import cookies
from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, redirect, retry_after
from hexkeep.adapters.web import csrf, paths
from hexkeep.adapters.web.account import CHANGED
from hexkeep.adapters.web.form_page import FormPage
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.sign_in import SignIn
from hexkeep.adapters.web.texts import text, too_many
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.adapters.web.way_back import arrived, way_back
from hexkeep.core.authrequest.api import CONTINUE_AUTHORIZATION
from hexkeep.core.authrequest.messages import AuthRequestDetails, ContinueAuthorization
from hexkeep.core.kernel.errors import HexkeepError, InvalidInput, ResourceExhausted
from hexkeep.core.kernel.operation import Empty, Operation
from hexkeep.core.session.commands import SessionOpened
from hexkeep.core.user.credentials import ChangePassword
from hexkeep.core.user.errors import PasswordMismatch
from hexkeep.core.user.queries import UserView
from hexkeep.ports.api import Anonymous, Api, Bearer

BAD_REQUEST = 400
FIELDS = ("present_password", "new_password", "repeated_password")


class PasswordPage:
    """``GET`` shows the form, ``POST`` takes it. Within an authorization request it goes on with that afterwards."""

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors) -> None:
        self._api = api
        self._pages = pages
        self._page = FormPage(pages, paths.PASSWORD, "password.html", "password.title")
        self._visitors = visitors
        self._sign_in = SignIn(api, visitors)
        self._change: Operation[ChangePassword, Empty] = api.operation("ChangePassword")

    async def show(self, request: Request) -> Response:
        """The empty form, for who is signed in."""
        asked = await self._visitors.asked(request, request.query().get(paths.REQUEST))
        person = await self._visitors.person(request)
        if person is None:
            return redirect(paths.with_request(paths.LOGIN, asked.auth_request_id if asked else ""))
        return self._form(request, person, asked)

    async def submit(self, request: Request) -> Response:
        """Change the password and go on, or show the form again and say why not."""
        form = await csrf.accepted_form(request)
        asked = await self._visitors.asked(request, form.get(paths.REQUEST))
        person = await self._visitors.person(request)
        if person is None:
            return redirect(paths.with_request(paths.LOGIN, asked.auth_request_id if asked else ""))
        if incomplete := _incomplete(form):
            return self._form(request, person, asked, incomplete, BAD_REQUEST)
        try:
            await self._changed(request, form)
        except InvalidInput as error:
            return self._form(request, person, asked, _reason(error), error.status)
        except ResourceExhausted as error:
            problem = too_many("password.too_many", error)
            return self._form(request, person, asked, problem, error.status).adding(*retry_after(error))
        return await self._proven_anew(request, form.get("new_password"), asked)

    async def _changed(self, request: Request, form: Form) -> None:
        present, new, _ = (form.get(name) for name in FIELDS)
        change = message(ChangePassword, present_password=present, new_password=new)
        await self._api.call(self._change, change, Bearer(request.session_token), request.meta(SURFACE))

    async def _proven_anew(self, request: Request, password: str, asked: AuthRequestDetails | None) -> Response:
        """The change has ended all sessions that rest on the old password; this one goes on with the new one."""
        try:
            opened = await self._sign_in.renew(request, password)
        except HexkeepError:  # changed all the same; the login page takes it from here
            return redirect(paths.with_request(paths.LOGIN, asked.auth_request_id if asked else ""))
        way_on = await self._way_on(request, opened, asked)
        return way_on.adding(cookies.kept(cookies.SESSION, opened.session_token))

    async def _way_on(self, request: Request, opened: SessionOpened, asked: AuthRequestDetails | None) -> Response:
        if asked is None:
            page = way_back(request)
            return redirect(page).adding(arrived()) if page else redirect(f"{paths.ACCOUNT}?{CHANGED}")
        further = ContinueAuthorization(auth_request_id=asked.auth_request_id, session_token=opened.session_token)
        answer = await self._api.call(CONTINUE_AUTHORIZATION, further, Anonymous(), request.meta(SURFACE))
        return self._pages.step(request, answer.output, after_form=True)

    def _form(
        self,
        request: Request,
        person: UserView,
        asked: AuthRequestDetails | None,
        problem: str = "",
        status: int = 200,
    ) -> Response:
        return self._page.show(request, asked, {"person": person, "account": paths.ACCOUNT}, problem, status)


def _incomplete(form: Form) -> str:
    """What is missing before anybody needs to be asked, or nothing."""
    if not all(form.get(name) for name in FIELDS):
        return text("password.incomplete")
    return "" if form.get("new_password") == form.get("repeated_password") else text("password.differs")


def _reason(error: InvalidInput) -> str:
    if isinstance(error, PasswordMismatch):
        return text("password.mismatch")
    return text("password.refused", reason=next((one.message for one in error.violations), error.message))
