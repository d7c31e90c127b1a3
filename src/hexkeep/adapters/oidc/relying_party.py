"""What identity providers tell the instance as their relying party: from server to server, or by a frame."""

from dataclasses import replace

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import NO_STORE, Header, Response
from hexkeep.adapters.oidc import answers
from hexkeep.adapters.oidc.answers import PRAGMA, SURFACE
from hexkeep.core.idpintent.api import RECEIVE_IDP_BACK_CHANNEL_LOGOUT, RECEIVE_IDP_FRONT_CHANNEL_LOGOUT
from hexkeep.core.idpintent.ended import ReceiveIdpBackChannelLogout, ReceiveIdpFrontChannelLogout
from hexkeep.core.idpintent.errors import IdpMalformed
from hexkeep.core.kernel.errors import HexkeepError, InvalidInput
from hexkeep.ports.api import Anonymous, Api

BAD_REQUEST = 400
FRAME: tuple[Header, ...] = (
    ("content-type", "text/html; charset=utf-8"),
    ("content-security-policy", "default-src 'none'; frame-ancestors *"),
    ("referrer-policy", "no-referrer"),
)
"""An empty page that any site may show: it tells nothing."""
MAX_FORM = 32_768
"""Bytes of a form; a logout token has less than a tenth of that."""


class BackChannelLogoutEndpoint:
    """The place of each identity provider. No cookie counts, and no browser has any business here: there is no CORS."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def receive(self, request: Request) -> Response:
        """OIDC Back-Channel Logout 1.0 section 2.8: nothing, whether a session has ended or there was none."""
        form = await request.form(MAX_FORM)
        if form.repeated:
            raise InvalidInput("Each field may be given once")
        provider_id = request.path.rpartition("/")[2]
        asked = message(ReceiveIdpBackChannelLogout, identity_provider_id=provider_id, form=dict(form.values))
        await self._api.call(RECEIVE_IDP_BACK_CHANNEL_LOGOUT, asked, Anonymous(), request.meta(SURFACE))
        return Response(200, (NO_STORE, PRAGMA))


class FrontChannelLogoutEndpoint:
    """The frame of each identity provider. No cookie counts: as a frame of another site it gets none."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def show(self, request: Request) -> Response:
        """OIDC Front-Channel Logout 1.0 section 2: an empty page that nobody keeps. A link to it does nothing."""
        query = request.query()
        if query.repeated or request.header("sec-fetch-dest") == "document":
            raise InvalidInput("This is a frame, with each parameter once")
        provider_id = request.path.rpartition("/")[2]
        asked = message(ReceiveIdpFrontChannelLogout, identity_provider_id=provider_id, parameters=dict(query.values))
        await self._api.call(RECEIVE_IDP_FRONT_CHANNEL_LOGOUT, asked, Anonymous(), request.meta(SURFACE))
        return Response(200, (NO_STORE, PRAGMA, *FRAME), b"<!doctype html><title>Signed out</title>")


def failed(request: Request, error: HexkeepError) -> Response:
    """Section 2.8: what is no logout is a bad request; why, the operator's log knows alone."""
    response = answers.failed(request, error)
    return replace(response, status=BAD_REQUEST) if isinstance(error, IdpMalformed) else response
