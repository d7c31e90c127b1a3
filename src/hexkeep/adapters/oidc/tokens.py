"""What happens to tokens after they were issued: given back (RFC 7009), and asked about (RFC 7662, RFC 9701)."""

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import NO_STORE, Header, Response
from hexkeep.adapters.oidc.answers import JSON, PRAGMA, SURFACE
from hexkeep.adapters.oidc.back_channel import client_request
from hexkeep.core.token.api import INTROSPECT_TOKEN, REVOKE_TOKEN
from hexkeep.core.token.messages import IntrospectToken, RevokeToken
from hexkeep.ports.api import Anonymous, Api

INTROSPECTION_JWT = "application/token-introspection+jwt"
"""RFC 9701 section 4: what an API names that wants the answer signed."""
SIGNED: Header = ("content-type", INTROSPECTION_JWT)


class RevocationEndpoint:
    """Ends tokens on their client's word."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def revoke(self, request: Request) -> Response:
        """RFC 7009 section 2.2: nothing, whether there was anything to end or not; or an ``OAuthError``."""
        asked = message(RevokeToken, **await client_request(request))
        await self._api.call(REVOKE_TOKEN, asked, Anonymous(), request.meta(SURFACE))
        return Response(200, (NO_STORE, PRAGMA))


class IntrospectionEndpoint:
    """Tells APIs what tokens are worth. It is no business of scripts in pages, so there is no CORS."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def introspect(self, request: Request) -> Response:
        """RFC 7662 section 2.2, or RFC 9701 section 5 for who asks for it; or an ``OAuthError``."""
        signed = INTROSPECTION_JWT in request.header("accept").lower()
        asked = message(IntrospectToken, signed=signed, **await client_request(request))
        answer = await self._api.call(INTROSPECT_TOKEN, asked, Anonymous(), request.meta(SURFACE))
        return Response(200, (SIGNED if signed else JSON, NO_STORE, PRAGMA), answer.output.document.encode())
