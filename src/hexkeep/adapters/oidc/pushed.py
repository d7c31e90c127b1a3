"""The pushed authorization request endpoint (RFC 9126 section 2)."""

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import NO_STORE, Response
from hexkeep.adapters.oidc.answers import JSON, SURFACE
from hexkeep.adapters.oidc.back_channel import client_request
from hexkeep.core.authrequest.api import PUSH_AUTHORIZATION
from hexkeep.core.authrequest.messages import PushAuthorization
from hexkeep.ports.api import Anonymous, Api

CREATED = 201


class PushedAuthorizationEndpoint:
    """Takes what a client is going to ask for, before a browser comes with the reference to it."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def push(self, request: Request) -> Response:
        """Section 2.2, or an ``OAuthError``."""
        asked = message(PushAuthorization, **await client_request(request))
        answer = await self._api.call(PUSH_AUTHORIZATION, asked, Anonymous(), request.meta(SURFACE))
        return Response(CREATED, (JSON, NO_STORE), answer.output.model_dump_json().encode())
