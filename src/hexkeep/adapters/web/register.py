"""The page on which people make accounts for themselves, for an application or for their own sake.

Whoever has an account already is shown the same as everybody else, and told by mail.
"""

from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, redirect, retry_after
from hexkeep.adapters.web import csrf, paths
from hexkeep.adapters.web.form_page import FormPage
from hexkeep.adapters.web.languages import LANGUAGE_NAMES, accepted_languages, chosen_language
from hexkeep.adapters.web.look import present
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.texts import text, too_many
from hexkeep.adapters.web.verify_registration import VerifyRegistrationPage
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.adapters.web.way_on import WayOn
from hexkeep.core.authrequest.messages import AuthRequestDetails
from hexkeep.core.kernel.errors import InvalidInput, ResourceExhausted
from hexkeep.core.kernel.operation import Empty, Operation
from hexkeep.core.setting.queries import SupportedLanguages
from hexkeep.core.userregistration.commands import RegisterUser, UserRegistration
from hexkeep.ports.api import Anonymous, Api

BAD_REQUEST = 400
CANCEL = "cancel"
LANGUAGE = "preferred_language"
LINES = ("email", "given_name", "family_name", "user_name")
"""The fields that are filled in again when something is wrong; the password is not."""


class RegisterPage:
    """``GET`` shows the form, ``POST`` takes it and asks for the code that was sent."""

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors, newcomer: VerifyRegistrationPage) -> None:
        self._api = api
        self._page = FormPage(pages, paths.REGISTER, "register.html", "register.title")
        self._visitors = visitors
        self._newcomer = newcomer
        self._way_on = WayOn(api, pages)
        self._register: Operation[RegisterUser, UserRegistration] = api.operation("RegisterUser")
        self._languages: Operation[Empty, SupportedLanguages] = api.operation("ListSupportedLanguages")

    async def show(self, request: Request) -> Response:
        """The form, with the address that the application has hinted at; where nobody may register, the login page."""
        asked = await self._visitors.asked(request, request.query().get(paths.REQUEST))
        if not present().registration_allowed:
            return redirect(paths.with_request(paths.LOGIN, asked.auth_request_id if asked else ""))
        hint = asked.login_hint if asked and "@" in asked.login_hint else ""
        return await self._form(request, asked, Form({"email": hint}))

    async def submit(self, request: Request) -> Response:
        """Have a code sent and ask for it, or show the form again and say why not."""
        form = await csrf.accepted_form(request)
        asked = await self._visitors.asked(request, form.get(paths.REQUEST))
        if asked and form.get("decision") == CANCEL:
            return await self._way_on.denied(request, asked)
        if not (form.get("email").strip() and form.get("given_name").strip() and form.get("password")):
            return await self._form(request, asked, form, text("register.incomplete"), BAD_REQUEST)
        fields = {name: form.get(name).strip() for name in (*LINES, LANGUAGE)}
        try:
            where = asked.organization_id if asked else ""
            wish = message(RegisterUser, **fields, organization_id=where, password=form.get("password"))
            answer = await self._api.call(self._register, wish, Anonymous(), request.meta(SURFACE))
        except InvalidInput as error:
            field, problem = _refusal(error)
            return await self._form(request, asked, form, problem, error.status, fault=field)
        except ResourceExhausted as error:
            problem = too_many("register.too_many", error)
            return (await self._form(request, asked, form, problem, error.status)).adding(*retry_after(error))
        return self._newcomer.begin(request, answer.output.user_id, asked)

    async def _form(
        self,
        request: Request,
        asked: AuthRequestDetails | None,
        given: Form,
        problem: str = "",
        status: int = 200,
        *,
        fault: str = "",
    ) -> Response:
        known = (await self._api.call(self._languages, Empty(), Anonymous(), request.meta(SURFACE))).output.languages
        allowed = tuple(one.language for one in known if one.is_allowed)
        wanted = (given.get(LANGUAGE), *(asked.ui_locales if asked else ()), *accepted_languages(request))
        values = {
            "client": asked.client_name if asked else "",
            "organization": asked.organization_name if asked else "",
            "given": {name: given.get(name) for name in LINES},
            "fault": fault,
            "languages": {tag: LANGUAGE_NAMES.get(tag, tag) for tag in allowed},
            "language": chosen_language(wanted, allowed),
            "cancel": CANCEL,
            "login": paths.with_request(paths.LOGIN, asked.auth_request_id if asked else ""),
        }
        return self._page.show(request, asked, values, problem, status)


def _refusal(error: InvalidInput) -> tuple[str, str]:
    """The field at fault, and what is wrong with it in one sentence."""
    found = next(iter(error.violations), None)
    if found is None or found.field not in {*LINES, LANGUAGE, "password"}:
        return "", error.message or error.title
    label = text(f"register.{found.field}").partition(" (")[0]
    return found.field, text("register.refused", field=label, reason=found.message)
