"""Who sits at the browser, as far as the session cookie tells."""

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.web.way_back import way_back
from hexkeep.core.authrequest.api import GET_AUTH_REQUEST
from hexkeep.core.authrequest.messages import AuthRequestDetails, GetAuthRequest
from hexkeep.core.backchannelauth.api import LIST_MY_BACKCHANNEL_REQUESTS
from hexkeep.core.backchannelauth.messages import BackchannelRequestItem
from hexkeep.core.kernel.errors import NotFound, SecondFactorRequired, Unauthenticated
from hexkeep.core.kernel.operation import Empty, Operation
from hexkeep.core.user.queries import UserView
from hexkeep.ports.api import Anonymous, Api, Bearer

SURFACE = "web"


class Visitors:
    """Looks up what pages need to know before they show anything."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._get_my_user: Operation[Empty, UserView] = api.operation("GetMyUser")

    async def person(self, request: Request) -> UserView | None:
        """The signed-in person, or ``None``; a session that has ended is none."""
        return await self.holder(request, request.session_token)

    async def holder(self, request: Request, session_token: str) -> UserView | None:
        """Whose session a token is of, likewise."""
        if not session_token:
            return None
        try:
            answer = await self._api.call(self._get_my_user, Empty(), Bearer(session_token), request.meta(SURFACE))
        except (Unauthenticated, NotFound, SecondFactorRequired):
            return None
        return answer.output

    async def again(self, request: Request) -> UserView | None:
        """Who is signed in already, and was led to the login page by a page that wants a fresh sign-in."""
        return await self.person(request) if way_back(request) else None

    async def asked_elsewhere(self, request: Request) -> tuple[BackchannelRequestItem, ...]:
        """What applications ask the signed-in person without a browser of theirs; raises ``Unauthenticated``."""
        caller, meta = Bearer(request.session_token), request.meta(SURFACE)
        return (await self._api.call(LIST_MY_BACKCHANNEL_REQUESTS, Empty(), caller, meta)).output.requests

    async def asked(self, request: Request, request_id: str) -> AuthRequestDetails | None:
        """The authorization request at hand, ``None`` without an id; raises what belongs on an error page."""
        if not request_id:
            return None
        asked = message(GetAuthRequest, auth_request_id=request_id)
        return (await self._api.call(GET_AUTH_REQUEST, asked, Anonymous(), request.meta(SURFACE))).output
