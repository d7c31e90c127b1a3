"""The registration endpoint (RFC 7591 section 3) and the clients' own ones behind it (RFC 7592 section 2)."""

import re

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.problems import REALM
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import NO_CONTENT, NO_STORE, Response
from hexkeep.adapters.oidc import userinfo
from hexkeep.adapters.oidc.answers import JSON, PRAGMA, SURFACE, WWW_AUTHENTICATE
from hexkeep.core.kernel.errors import HexkeepError, Unauthenticated
from hexkeep.core.oidc import discovery
from hexkeep.core.oidc.errors import InvalidToken
from hexkeep.core.registration.api import (
    DELETE_REGISTERED_CLIENT,
    GET_REGISTERED_CLIENT,
    REGISTER_CLIENT,
    UPDATE_REGISTERED_CLIENT,
)
from hexkeep.core.registration.clients import (
    ClientInformation,
    DeleteRegisteredClient,
    GetRegisteredClient,
    RegisterClient,
    UpdateRegisteredClient,
)
from hexkeep.ports.api import Anonymous, Api

CREATED = 201
BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*) *", re.IGNORECASE)
"""RFC 6750 section 2.1."""


class RegistrationEndpoint:
    """Where clients register themselves, each of which then has an endpoint of its own."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.of_one = {"GET": self.get, "PUT": self.update, "DELETE": self.delete}

    async def register(self, request: Request) -> Response:
        """RFC 7591 section 3.2."""
        asked = message(RegisterClient, document=await request.json_text(), token=_token(request))
        answer = await self._api.call(REGISTER_CLIENT, asked, Anonymous(), request.meta(SURFACE))
        return _told(answer.output, CREATED)

    async def get(self, request: Request) -> Response:
        """RFC 7592 section 2.1."""
        asked = message(GetRegisteredClient, **_client(request))
        answer = await self._api.call(GET_REGISTERED_CLIENT, asked, Anonymous(), request.meta(SURFACE))
        return _told(answer.output)

    async def update(self, request: Request) -> Response:
        """RFC 7592 section 2.2."""
        asked = message(UpdateRegisteredClient, document=await request.json_text(), **_client(request))
        answer = await self._api.call(UPDATE_REGISTERED_CLIENT, asked, Anonymous(), request.meta(SURFACE))
        return _told(answer.output)

    async def delete(self, request: Request) -> Response:
        """RFC 7592 section 2.3."""
        asked = message(DeleteRegisteredClient, **_client(request))
        await self._api.call(DELETE_REGISTERED_CLIENT, asked, Anonymous(), request.meta(SURFACE))
        return Response(NO_CONTENT, (NO_STORE,))


def failed(request: Request, error: HexkeepError) -> Response:
    """RFC 6750 section 3: as at any resource, but for its one scheme: these tokens are bound to nothing."""
    if isinstance(error, Unauthenticated):
        return Response(error.status, ((WWW_AUTHENTICATE, REALM), NO_STORE))
    return userinfo.failed(request, error)


def _client(request: Request) -> dict[str, str]:
    """The client that an endpoint behind the registration endpoint is of, and its token; raises if there is none."""
    token = _token(request)
    if not token:
        raise Unauthenticated
    return {"client_id": request.path.removeprefix(f"{discovery.REGISTRATION}/"), "token": token}


def _token(request: Request) -> str:
    """The bearer token (RFC 6750 section 2.1), empty when there is none; raises ``InvalidToken`` for anything else."""
    value = request.header("authorization")
    found = BEARER.fullmatch(value)
    if value and found is None:
        raise InvalidToken
    return found[1] if found else ""


def _told(information: ClientInformation, status: int = 200) -> Response:
    return Response(status, (JSON, NO_STORE, PRAGMA), information.document.encode())
