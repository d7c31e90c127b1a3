"""The grants that clients manage, each at an address of its own (Grant Management for OAuth 2.0 section 6.3)."""

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import NO_CONTENT, NO_STORE, Response
from hexkeep.adapters.oidc import answers, userinfo
from hexkeep.adapters.oidc.answers import JSON, SURFACE
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.oidc import discovery
from hexkeep.core.oidc.errors import GrantOfAnother, UnknownGrant
from hexkeep.core.token.api import GET_GRANT, REVOKE_GRANT
from hexkeep.core.token.messages import GetGrant, RevokeGrant
from hexkeep.ports.api import Anonymous, Api


class GrantEndpoint:
    """Tells a client of a grant of its own, and ends it."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.of_one = {"GET": self.get, "DELETE": self.revoke}

    async def get(self, request: Request) -> Response:
        """Section 6.4."""
        asked = message(GetGrant, **await _asked(request))
        answer = await self._api.call(GET_GRANT, asked, Anonymous(), request.meta(SURFACE))
        nonce = answers.next_nonce(answer.output.dpop_nonce)
        return Response(200, (JSON, NO_STORE, *nonce), answer.output.document.encode())

    async def revoke(self, request: Request) -> Response:
        """Section 6.5."""
        asked = message(RevokeGrant, **await _asked(request))
        await self._api.call(REVOKE_GRANT, asked, Anonymous(), request.meta(SURFACE))
        return Response(NO_CONTENT, (NO_STORE,))


async def _asked(request: Request) -> dict[str, object]:
    grant_id = request.path.removeprefix(f"{discovery.GRANTS}/")
    return {**await userinfo.presentation(request), "grant_id": grant_id}


def failed(request: Request, error: HexkeepError) -> Response:
    """Section 6.6: what is wrong with the token as RFC 6750 has it; what is wrong with the grant is no challenge."""
    if isinstance(error, UnknownGrant | GrantOfAnother):
        return answers.failed(request, error)
    return userinfo.failed(request, error)
