"""The token endpoint (RFC 6749 section 3.2)."""

import json

from pydantic import JsonValue

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import NO_STORE, Response
from hexkeep.adapters.oidc.answers import JSON, PRAGMA, SURFACE, next_nonce
from hexkeep.adapters.oidc.back_channel import client_request
from hexkeep.core.token.api import EXCHANGE_TOKEN
from hexkeep.core.token.messages import ExchangeToken, TokenResponse
from hexkeep.ports.api import Anonymous, Api


class TokenEndpoint:
    """Exchanges grants for tokens. Parameters in the query count for nothing (section 2.3.1)."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def exchange(self, request: Request) -> Response:
        """Section 5.1, or an ``OAuthError``."""
        asked = message(ExchangeToken, **await client_request(request))
        answer = await self._api.call(EXCHANGE_TOKEN, asked, Anonymous(), request.meta(SURFACE))
        headers = (JSON, NO_STORE, PRAGMA, *next_nonce(answer.output.dpop_nonce))
        return Response(200, headers, json.dumps(_members(answer.output)).encode())


def _members(tokens: TokenResponse) -> dict[str, JsonValue]:
    """The answer without what it leaves out; RFC 9396 section 7: what was granted in detail as JSON, not as text."""
    members: dict[str, JsonValue] = tokens.model_dump(mode="json", exclude_none=True)
    if tokens.authorization_details:
        members["authorization_details"] = json.loads(tokens.authorization_details)
    return members
