"""Signing somebody in with what a login form holds."""

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.core.kernel.errors import InvalidInput, NotFound, Unauthenticated
from hexkeep.core.kernel.operation import Empty, Operation
from hexkeep.core.session.commands import CheckSession, CreateSession, EndMySession, SessionOpened
from hexkeep.core.session.errors import InvalidCredentials
from hexkeep.core.session.idp import CreateIdpSession
from hexkeep.core.session.state import parse_token
from hexkeep.ports.api import Anonymous, Api, Bearer


class SignIn:
    """Begins sessions. Each sign-in gives the browser another token (ASVS 5.0 section 7.2.4)."""

    def __init__(self, api: Api, visitors: Visitors) -> None:
        self._api = api
        self._visitors = visitors
        self._create: Operation[CreateSession, SessionOpened] = api.operation("CreateSession")
        self._check: Operation[CheckSession, SessionOpened] = api.operation("CheckSession")
        self._by_idp: Operation[CreateIdpSession, SessionOpened] = api.operation("CreateIdpSession")
        self._end: Operation[EndMySession, Empty] = api.operation("EndMySession")

    async def __call__(
        self, request: Request, user_name: str, password: str, organization_id: str = "", *, beside: bool = False
    ) -> SessionOpened:
        """The session of whoever these credentials belong to, of one organization if one is named.

        Somebody who is signed in already keeps the session, so that what hangs on it goes on; somebody else's ends,
        unless the sign-in is meant to stand ``beside`` it.
        Raises ``InvalidCredentials``, also for input that no credentials look like, and ``ResourceExhausted``.
        """
        present = await self._visitors.person(request)
        try:
            here = present is not None and organization_id in {"", present.organization_id}
            if present and here and present.user_name.casefold() == user_name.casefold():
                return await self.renew(request, password)
            opened = await self._begin(request, user_name, password, organization_id)
        except InvalidInput:
            raise InvalidCredentials from None
        if present and not beside:
            await self.end(request, request.session_token)
        return opened

    async def newcomer(self, request: Request, user_id: str, password: str) -> SessionOpened:
        """The session of whoever has just made an account; one that the browser has had ends. Raises likewise."""
        asked = message(CreateSession, user_id=user_id, password=password)
        opened = (await self._api.call(self._create, asked, Anonymous(), request.meta(SURFACE))).output
        if await self._visitors.person(request):
            await self.end(request, request.session_token)
        return opened

    async def _begin(self, request: Request, user_name: str, password: str, organization_id: str) -> SessionOpened:
        asked = message(CreateSession, login_name=user_name, password=password, organization_id=organization_id)
        return (await self._api.call(self._create, asked, Anonymous(), request.meta(SURFACE))).output

    async def by_passkey(
        self, request: Request, passkey: str, organization_id: str = "", *, beside: bool = False
    ) -> SessionOpened:
        """The session of whoever this passkey is of; one that the browser has had ends. Raises as for a password."""
        asked = message(CreateSession, passkey=passkey, organization_id=organization_id)
        try:
            opened = (await self._api.call(self._create, asked, Anonymous(), request.meta(SURFACE))).output
        except InvalidInput:
            raise InvalidCredentials from None
        if not beside and await self._visitors.person(request):
            await self.end(request, request.session_token)
        return opened

    async def by_proof(self, request: Request, proof: str, *, beside: bool = False) -> SessionOpened:
        """The session of whoever an identity provider says it is; one that the browser has had ends.

        Raises ``IdpIntentInvalid`` for a proof that is over, and ``UserKeptOut`` for a user who may not sign in now.
        """
        asked = message(CreateIdpSession, proof=proof)
        opened = (await self._api.call(self._by_idp, asked, Anonymous(), request.meta(SURFACE))).output
        if not beside and await self._visitors.person(request):
            await self.end(request, request.session_token)
        return opened

    async def renew(self, request: Request, password: str) -> SessionOpened:
        """The browser's own session with another token, proven anew by the password of its user."""
        token = request.session_token
        asked = message(CheckSession, session_id=_session_id(token), session_token=token, password=password)
        return (await self._api.call(self._check, asked, Anonymous(), request.meta(SURFACE))).output

    async def end(self, request: Request, token: str) -> None:
        """End one of the browser's sessions; one that is over already stays so."""
        asked = message(EndMySession, session_id=_session_id(token))
        try:
            await self._api.call(self._end, asked, Bearer(token), request.meta(SURFACE))
        except (Unauthenticated, NotFound):
            return  # it ended in the meantime


def _session_id(token: str) -> str:
    parsed = parse_token(token)
    return parsed[0] if parsed else ""
