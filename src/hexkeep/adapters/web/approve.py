"""The page on which people answer what applications ask them without a browser of theirs (CIBA Core 1.0)."""

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.web import csrf, paths, way_back
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.rendering import View
from hexkeep.adapters.web.texts import text
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.core.backchannelauth.api import (
    APPROVE_BACKCHANNEL_REQUEST,
    DENY_BACKCHANNEL_REQUEST,
)
from hexkeep.core.backchannelauth.messages import (
    ApproveBackchannelRequest,
    BackchannelRequestItem,
    DenyBackchannelRequest,
)
from hexkeep.core.kernel.errors import NotFound, ReauthenticationRequired, Unauthenticated
from hexkeep.ports.api import Api, Bearer

DECISION, ALLOW, DENY = "decision", "allow", "deny"


class ApprovePage:
    """``GET`` shows what waits for the person, ``POST`` takes the answer to one of it."""

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors) -> None:
        self._api = api
        self._pages = pages
        self._visitors = visitors

    async def show(self, request: Request) -> Response:
        """All that waits, or the one that a link leads to; who is not signed in does that first."""
        person = await self._visitors.person(request)
        if person is None:
            return way_back.to_sign_in(_page_of(request))
        try:
            waiting = await self._visitors.asked_elsewhere(request)
        except Unauthenticated:
            return way_back.to_sign_in(_page_of(request))
        return self._questions(request, waiting, person.display_name or person.user_name)

    async def submit(self, request: Request) -> Response:
        """Say yes or no; anything that is neither is no answer."""
        form = await csrf.accepted_form(request)
        request_id, decision = form.get(paths.REQUEST), form.get(DECISION)
        try:
            await self._answer(request, request_id, decision)
        except (Unauthenticated, ReauthenticationRequired):
            return way_back.to_sign_in(paths.with_request(paths.APPROVE, request_id))
        except NotFound:
            return self._done(request, "approve.over", NotFound.status)
        return self._done(request, "approve.allowed" if decision == ALLOW else "approve.denied")

    async def _answer(self, request: Request, request_id: str, decision: str) -> None:
        caller, meta = Bearer(request.session_token), request.meta(SURFACE)
        if decision == ALLOW:
            yes = message(ApproveBackchannelRequest, request_id=request_id)
            await self._api.call(APPROVE_BACKCHANNEL_REQUEST, yes, caller, meta)
        elif decision == DENY:
            no = message(DenyBackchannelRequest, request_id=request_id)
            await self._api.call(DENY_BACKCHANNEL_REQUEST, no, caller, meta)
        else:
            raise NotFound

    def _questions(self, request: Request, waiting: tuple[BackchannelRequestItem, ...], user: str) -> Response:
        named = request.query().get(paths.REQUEST)
        chosen = tuple(one for one in waiting if one.request_id == named) if named else waiting
        if not chosen:
            return self._done(request, "approve.over" if named else "approve.none")
        values = {"action": paths.APPROVE, "waiting": chosen, "user": user, "allow": ALLOW, "deny": DENY}
        return self._pages.show(request, View("approve.html", text("approve.title"), values))

    def _done(self, request: Request, key: str, status: int = 200) -> Response:
        values = {"lines": (text(key), text("device.close")), "sign_in": ""}
        view = View("done.html", text(f"{key}.title"), values, status=status, has_form=False)
        return self._pages.show(request, view).adding(way_back.arrived())


def _page_of(request: Request) -> str:
    return paths.with_request(paths.APPROVE, request.query().get(paths.REQUEST))
