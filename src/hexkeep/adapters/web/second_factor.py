"""The page that asks for a second factor once the password was right: a passkey, or a code."""

from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, redirect, retry_after
from hexkeep.adapters.web import csrf, paths
from hexkeep.adapters.web.form_page import FormPage
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.scripts import PASSKEY
from hexkeep.adapters.web.texts import text, too_many
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.adapters.web.way_on import WayOn
from hexkeep.core.authrequest.messages import AuthRequestDetails
from hexkeep.core.factor.state import Factor
from hexkeep.core.kernel.errors import InvalidInput, ResourceExhausted, Unauthenticated
from hexkeep.core.kernel.operation import Operation
from hexkeep.core.session.commands import CheckSession, RequestSessionChallenge, SessionChallenge, SessionOpened
from hexkeep.core.session.errors import InvalidSecondFactor
from hexkeep.core.session.state import parse_token
from hexkeep.ports.api import Anonymous, Api

FORBIDDEN, BAD_REQUEST = 403, 400
FIELDS = {
    Factor.TOTP: "totp_code",
    Factor.OTP_EMAIL: "otp_email_code",
    Factor.OTP_SMS: "otp_sms_code",
    Factor.RECOVERY_CODE: "recovery_code",
}
"""The proofs that are typed, the handiest first."""
SENT = frozenset({Factor.OTP_EMAIL, Factor.OTP_SMS})
FACTOR = "factor"


class SecondFactorPage:
    """``GET`` shows what can be proven with, ``POST`` takes a proof, or has a code sent."""

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors) -> None:
        self._api = api
        self._page = FormPage(pages, paths.SECOND_FACTOR, "second_factor.html", "second.title")
        self._visitors = visitors
        self._way_on = WayOn(api, pages)
        self._check: Operation[CheckSession, SessionOpened] = api.operation("CheckSession")
        self._ask: Operation[RequestSessionChallenge, SessionChallenge] = api.operation("RequestSessionChallenge")

    async def show(self, request: Request) -> Response:
        """The form; who has no session to strengthen is led to the login page."""
        query = request.query()
        asked = await self._visitors.asked(request, query.get(paths.REQUEST))
        try:
            return await self._form(request, asked, query.get(FACTOR))
        except Unauthenticated:
            return _to_login(asked)

    async def submit(self, request: Request) -> Response:
        """Take the proof and go on, or show the form again and say why not."""
        form = await csrf.accepted_form(request)
        asked = await self._visitors.asked(request, form.get(paths.REQUEST))
        try:
            if chosen := form.get("choose"):
                return await self._chosen(request, asked, chosen)
            return await self._proven(request, asked, form)
        except InvalidSecondFactor:
            return await self._form(request, asked, form.get(FACTOR), text("second.wrong"), FORBIDDEN)
        except InvalidInput:
            return await self._form(request, asked, form.get(FACTOR), text("second.incomplete"), BAD_REQUEST)
        except Unauthenticated:
            return _to_login(asked)
        except ResourceExhausted as error:
            problem = too_many("code.too_many", error)
            shown = await self._form(request, asked, form.get(FACTOR), problem, error.status)
            return shown.adding(*retry_after(error))

    async def _proven(self, request: Request, asked: AuthRequestDetails | None, form: Form) -> Response:
        passkey, code = form.get("passkey"), form.get("code").strip()
        field = "passkey" if passkey else FIELDS.get(_factor(form.get(FACTOR)), "")
        proof = {field: passkey or code} if field else {}
        check = message(CheckSession, **_session(request), **proof)
        opened = (await self._api.call(self._check, check, Anonymous(), request.meta(SURFACE))).output
        return await self._way_on.after(request, opened, asked)

    async def _chosen(self, request: Request, asked: AuthRequestDetails | None, chosen: str) -> Response:
        """Another factor; a code is sent where it needs one."""
        factor = _factor(chosen)
        if factor in SENT:
            await self._challenge(request, factor)
        return await self._form(request, asked, factor.value)

    async def _challenge(self, request: Request, factor: Factor) -> SessionChallenge:
        ask = message(RequestSessionChallenge, **_session(request), factor=factor)
        return (await self._api.call(self._ask, ask, Anonymous(), request.meta(SURFACE))).output

    async def _form(
        self, request: Request, asked: AuthRequestDetails | None, wanted: str, problem: str = "", status: int = 200
    ) -> Response:
        usable = (await self._challenge(request, Factor.UNSPECIFIED)).factors
        typed = [] if asked and asked.passkey_needed else [one for one in FIELDS if one in usable]
        at_once = next((one for one in typed if one not in SENT and one is not Factor.RECOVERY_CODE), None)
        chosen = _factor(wanted) if _factor(wanted) in typed else at_once
        values = {
            "factor": chosen.value if chosen else "",
            "others": [one.value for one in typed if one is not chosen],
            "options": (await self._challenge(request, Factor.PASSKEY)).options if Factor.PASSKEY in usable else "",
            "login": paths.with_request(paths.LOGIN, asked.auth_request_id if asked else ""),
        }
        return self._page.show(request, asked, values, problem, status, script=PASSKEY if values["options"] else "")


def _factor(name: str) -> Factor:
    return Factor(name) if name in set(Factor) else Factor.UNSPECIFIED


def _session(request: Request) -> dict[str, str]:
    """The browser's session; raises ``Unauthenticated`` where there is none."""
    parsed = parse_token(request.session_token)
    if parsed is None:
        raise Unauthenticated
    return {"session_id": parsed[0], "session_token": request.session_token}


def _to_login(asked: AuthRequestDetails | None) -> Response:
    return redirect(paths.with_request(paths.LOGIN, asked.auth_request_id if asked else ""))
