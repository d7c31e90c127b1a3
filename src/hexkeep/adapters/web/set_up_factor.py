"""The page on which people set up an authenticator app who have to before they go on."""

from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, redirect, retry_after
from hexkeep.adapters.web import csrf, paths
from hexkeep.adapters.web.form_page import FormPage
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.texts import text, too_many
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.adapters.web.way_on import WayOn
from hexkeep.core.authrequest.messages import AuthRequestDetails
from hexkeep.core.factor.queries import FactorList
from hexkeep.core.factor.totp import NewTotp, VerifyMyTotp
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, ResourceExhausted, Unauthenticated
from hexkeep.core.kernel.operation import Empty, Operation
from hexkeep.ports.api import Api, Bearer


class SetUpFactorPage:
    """``GET`` says what has to be done, ``POST`` shows the secret, and then takes a code that the app shows.

    The secret goes back and forth in the form, between this browser and us: it is shown once, and a code may be wrong.
    """

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors) -> None:
        self._api = api
        self._page = FormPage(pages, paths.SET_UP, "set_up_factor.html", "set_up.title")
        self._visitors = visitors
        self._way_on = WayOn(api, pages)
        self._list: Operation[Empty, FactorList] = api.operation("ListMyFactors")
        self._register: Operation[Empty, NewTotp] = api.operation("RegisterMyTotp")
        self._verify: Operation[VerifyMyTotp, Empty] = api.operation("VerifyMyTotp")

    async def show(self, request: Request) -> Response:
        """What has to be done; who is not signed in that far is led to the login page."""
        asked = await self._visitors.asked(request, request.query().get(paths.REQUEST))
        try:
            await self._api.call(self._list, Empty(), Bearer(request.session_token), request.meta(SURFACE))
        except Unauthenticated:
            return _to(paths.LOGIN, asked)
        return self._form(request, asked)

    async def submit(self, request: Request) -> Response:
        """Begin, or finish and go on; or show the form again and say why not."""
        form = await csrf.accepted_form(request)
        asked = await self._visitors.asked(request, form.get(paths.REQUEST))
        try:
            if not form.get("secret"):
                return await self._begun(request, asked)
            return await self._finished(request, asked, form)
        except Unauthenticated:
            return _to(paths.LOGIN, asked)
        except FailedPrecondition:  # it was set up meanwhile
            return _to(paths.SECOND_FACTOR, asked)
        except InvalidInput as error:
            return self._form(request, asked, _shown(form), text("second.wrong"), error.status)
        except ResourceExhausted as error:
            problem = too_many("code.too_many", error)
            return self._form(request, asked, _shown(form), problem, error.status).adding(*retry_after(error))

    async def _begun(self, request: Request, asked: AuthRequestDetails | None) -> Response:
        credentials = Bearer(request.session_token)
        made = (await self._api.call(self._register, Empty(), credentials, request.meta(SURFACE))).output
        return self._form(request, asked, made)

    async def _finished(self, request: Request, asked: AuthRequestDetails | None, form: Form) -> Response:
        verify = message(VerifyMyTotp, code=form.get("code").strip())
        await self._api.call(self._verify, verify, Bearer(request.session_token), request.meta(SURFACE))
        person = await self._visitors.person(request)
        if person is None:
            return _to(paths.SECOND_FACTOR, asked)
        if person.password_change_required:
            return _to(paths.PASSWORD, asked)
        return await self._way_on.proven(request, request.session_token, asked.auth_request_id if asked else "")

    def _form(
        self,
        request: Request,
        asked: AuthRequestDetails | None,
        made: NewTotp | None = None,
        problem: str = "",
        status: int = 200,
    ) -> Response:
        values = {"secret": made.secret if made else "", "uri": made.uri if made else ""}
        return self._page.show(request, asked, values, problem, status)


def _shown(form: Form) -> NewTotp:
    """What was shown before. A link that is none of an app is not shown again: it came from the browser."""
    uri = form.get("uri")
    return NewTotp(uri=uri if uri.startswith("otpauth://") else "", secret=form.get("secret"))


def _to(path: str, asked: AuthRequestDetails | None) -> Response:
    return redirect(paths.with_request(path, asked.auth_request_id if asked else ""))
