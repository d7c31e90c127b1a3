"""The page on which a person lets a device in (RFC 8628 section 3.3): enter its code, sign in, compare, say yes or no.

To open a link with the code in it does nothing but show the form filled in, and who follows one is asked to compare the
code all the same: somebody else may have sent it (section 5.4).
"""

from urllib.parse import urlencode

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, redirect, retry_after
from hexkeep.adapters.web import csrf, paths, way_back
from hexkeep.adapters.web.look import Looks
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.rendering import View
from hexkeep.adapters.web.texts import text, too_many
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.core.deviceauth.api import (
    APPROVE_DEVICE_AUTHORIZATION,
    DENY_DEVICE_AUTHORIZATION,
    GET_DEVICE_AUTHORIZATION,
)
from hexkeep.core.deviceauth.messages import (
    ApproveDeviceAuthorization,
    DenyDeviceAuthorization,
    DeviceAuthorizationDetails,
    GetDeviceAuthorization,
)
from hexkeep.core.kernel.errors import NotFound, ResourceExhausted, Unauthenticated
from hexkeep.core.oidc import rfc8628
from hexkeep.ports.api import Anonymous, Api

USER_CODE, OTHER = "user_code", "other"
"""``other`` asks to sign in as somebody else."""
DECISION, ALLOW, DENY, ENTER = "decision", "allow", "deny", "enter"
BAD_REQUEST = 400


class DevicePage:
    """``GET`` asks for the code, or shows who waits behind it; ``POST`` takes the code, and then the answer."""

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors, looks: Looks) -> None:
        self._api = api
        self._pages = pages
        self._visitors = visitors
        self._looks = looks

    async def show(self, request: Request) -> Response:
        """The form for the code; who has signed in and brings one sees what it is for."""
        query = request.query()
        code = query.get(USER_CODE)
        if OTHER in query.values and rfc8628.entered(code):
            return way_back.to_sign_in(_with(code))
        person = await self._visitors.person(request) if code else None
        if person is None:
            return self._form(request, code)
        try:
            asked = await self._asked(request, code)
        except (Unauthenticated, NotFound, ResourceExhausted) as error:
            return self._again(request, code, error)
        if asked.organization_id:
            await self._looks.put_on(request, asked.organization_id)
        return self._question(request, asked, person.display_name or person.user_name)

    async def submit(self, request: Request) -> Response:
        """Go on with a code that was entered, or do what the person says to the device behind it."""
        form = await csrf.accepted_form(request)
        code, decision = form.get(USER_CODE), form.get(DECISION)
        if not rfc8628.entered(code):
            return self._form(request, code, text("device.incomplete"), BAD_REQUEST)
        if decision not in {ALLOW, DENY}:
            signed_in = await self._visitors.person(request)
            return redirect(_with(code)) if signed_in else way_back.to_sign_in(_with(code))
        try:
            await self._answer(request, code, allow=decision == ALLOW)
        except (Unauthenticated, NotFound, ResourceExhausted) as error:
            return self._again(request, code, error)
        return self._done(request, "device.allowed" if decision == ALLOW else "device.denied")

    async def _asked(self, request: Request, code: str) -> DeviceAuthorizationDetails:
        asked = message(GetDeviceAuthorization, user_code=code, session_token=request.session_token)
        return (await self._api.call(GET_DEVICE_AUTHORIZATION, asked, Anonymous(), request.meta(SURFACE))).output

    async def _answer(self, request: Request, code: str, *, allow: bool) -> None:
        said = {"user_code": code, "session_token": request.session_token}
        meta = request.meta(SURFACE)
        if allow:
            yes = message(ApproveDeviceAuthorization, **said)
            await self._api.call(APPROVE_DEVICE_AUTHORIZATION, yes, Anonymous(), meta)
        else:
            no = message(DenyDeviceAuthorization, **said)
            await self._api.call(DENY_DEVICE_AUTHORIZATION, no, Anonymous(), meta)

    def _again(self, request: Request, code: str, error: Exception) -> Response:
        """What follows when a code leads nowhere: sign in (once more), or enter another one."""
        if isinstance(error, Unauthenticated):
            return way_back.to_sign_in(_with(code))
        if isinstance(error, ResourceExhausted):
            problem = too_many("device.too_many", error)
            return self._form(request, "", problem, error.status).adding(*retry_after(error))
        return self._form(request, code, text("device.unknown"), NotFound.status)

    def _form(self, request: Request, code: str, problem: str = "", status: int = 200) -> Response:
        entered = rfc8628.entered(code)
        values = {"action": paths.DEVICE, "code": rfc8628.shown(entered) if entered else code, "enter": ENTER}
        return self._pages.show(
            request, View("device.html", text("device.title"), values, status=status, problem=problem)
        )

    def _question(self, request: Request, asked: DeviceAuthorizationDetails, user: str) -> Response:
        values = {
            "action": paths.DEVICE,
            "asked": asked,
            "user": user,
            "other_account": f"{_with(asked.user_code)}&{OTHER}=1",
            "allow": ALLOW,
            "deny": DENY,
        }
        view = View("device_confirm.html", text("device.confirm.title"), values)
        return self._pages.show(request, view)

    def _done(self, request: Request, key: str) -> Response:
        values = {"lines": (text(key), text("device.close")), "sign_in": ""}
        view = View("done.html", text(f"{key}.title"), values, has_form=False)
        return self._pages.show(request, view).adding(way_back.arrived())


def _with(code: str) -> str:
    """The page with a code that was entered."""
    return f"{paths.DEVICE}?{urlencode({USER_CODE: rfc8628.shown(rfc8628.entered(code))})}"
