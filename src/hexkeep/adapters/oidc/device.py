"""The device authorization endpoint (RFC 8628 section 3.1)."""

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import NO_STORE, Response
from hexkeep.adapters.oidc.answers import PRAGMA, SURFACE, document
from hexkeep.adapters.oidc.back_channel import client_request
from hexkeep.core.deviceauth.api import START_DEVICE_AUTHORIZATION
from hexkeep.core.deviceauth.messages import StartDeviceAuthorization
from hexkeep.ports.api import Anonymous, Api


class DeviceAuthorizationEndpoint:
    """Where a device gets its codes."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def begin(self, request: Request) -> Response:
        """Section 3.2, or an ``OAuthError``."""
        asked = message(StartDeviceAuthorization, **await client_request(request))
        answer = await self._api.call(START_DEVICE_AUTHORIZATION, asked, Anonymous(), request.meta(SURFACE))
        return document(answer.output, NO_STORE, PRAGMA)
