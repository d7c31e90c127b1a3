"""CORS: browsers may call these endpoints from any origin, for what counts is in the request, never in a cookie."""

from collections.abc import Mapping

from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import NO_CONTENT, Header, Response
from hexkeep.adapters.asgi.router import Failed, Handler, Route
from hexkeep.core.kernel.errors import HexkeepError

ANY_ORIGIN: Header = ("access-control-allow-origin", "*")
EXPOSED: Header = ("access-control-expose-headers", "WWW-Authenticate, DPoP-Nonce, Retry-After, X-Request-Id")
ALLOWED_HEADERS = "Authorization, Content-Type, DPoP"
PREFLIGHT_SECONDS = 86_400


def shared(handlers: Mapping[str, Handler], failed: Failed) -> Route:
    """A route that scripts of any origin may use, errors included; it answers preflights by itself."""

    def failed_anywhere(request: Request, error: HexkeepError) -> Response:
        return failed(request, error).adding(ANY_ORIGIN, EXPOSED)

    opened = {method: _opened(handler) for method, handler in handlers.items()}
    return Route({**opened, "OPTIONS": _preflight(", ".join(handlers))}, failed_anywhere)


def _opened(handler: Handler) -> Handler:
    async def answer(request: Request) -> Response:
        return (await handler(request)).adding(ANY_ORIGIN, EXPOSED)

    return answer


def _preflight(methods: str) -> Handler:
    allowed = Response(
        NO_CONTENT,
        (
            ANY_ORIGIN,
            ("access-control-allow-methods", methods),
            ("access-control-allow-headers", ALLOWED_HEADERS),
            ("access-control-max-age", str(PREFLIGHT_SECONDS)),
        ),
    )

    async def answer(_: Request) -> Response:
        return allowed

    return answer
