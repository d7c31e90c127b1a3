"""The token endpoint (RFC 6749 section 3.2)."""

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import NO_STORE, Response
from hexkeep.adapters.oidc.answers import PRAGMA, SURFACE, document, next_nonce
from hexkeep.adapters.oidc.back_channel import client_request
from hexkeep.core.token.api import EXCHANGE_TOKEN
from hexkeep.core.token.messages import ExchangeToken
from hexkeep.ports.api import Anonymous, Api


class TokenEndpoint:
    """Exchanges grants for tokens. Parameters in the query count for nothing (section 2.3.1)."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def exchange(self, request: Request) -> Response:
        """Section 5.1, or an ``OAuthError``."""
        asked = message(ExchangeToken, **await client_request(request))
        answer = await self._api.call(EXCHANGE_TOKEN, asked, Anonymous(), request.meta(SURFACE))
        return document(answer.output, NO_STORE, PRAGMA, *next_nonce(answer.output.dpop_nonce))
