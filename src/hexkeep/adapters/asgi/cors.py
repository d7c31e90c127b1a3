"""CORS (the Fetch standard, section 3.2): scripts of an application's own origin may call the API of its instance.

Allowed are the origins that an instance's active applications name in their redirect URIs and settings. No answer
allows credentials of the browser: what counts is the token in the request, never a cookie.
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from hexkeep.adapters.asgi.headers import Headers, collect
from hexkeep.adapters.asgi.response import NO_CONTENT, Response
from hexkeep.adapters.asgi.types import ASGIApp, Message, Receive, Scope, Send
from hexkeep.core.application.origins import CheckOrigin
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.ports.api import Anonymous, Api, Meta

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
REQUEST_HEADERS = (
    "Authorization, DPoP, Content-Type, Accept, If-Match, If-None-Match, Idempotency-Key, Hexkeep-Position, "
    "X-Request-Id, Traceparent, Last-Event-ID, Connect-Protocol-Version, Connect-Timeout-Ms, Grpc-Timeout, "
    "X-Grpc-Web, X-User-Agent"
)
EXPOSED = (
    "Hexkeep-Position, X-Request-Id, ETag, Link, Location, Retry-After, WWW-Authenticate, DPoP-Nonce, Grpc-Status, "
    "Grpc-Message, Grpc-Status-Details-Bin, Connect-Content-Encoding"
)
PREFLIGHT_SECONDS = 600
REMEMBERED_SECONDS = 30.0
REMEMBERED = 1000
LONGEST_ORIGIN = 300

Allowed = Callable[[str, str], Awaitable[bool]]
"""Whether an origin may call the instance of a host."""


class Origins:
    """Asks the API whether an origin may call, and remembers the answer for half a minute."""

    def __init__(self, api: Api, clock: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], tuple[float, bool]] = OrderedDict()

    async def allowed(self, host: str, origin: str) -> bool:
        """Whether scripts of ``origin`` may call the instance of ``host``; ``False`` where that cannot be told."""
        place = (host, origin)
        until, known = self._known.get(place, (0.0, False))
        if self._clock() < until:
            return known
        try:
            instance = await self._api.instance(host)
            answer = await self._api.call(
                self._api.operation("CheckOrigin"), CheckOrigin(origin=origin), Anonymous(), Meta(instance=instance.id)
            )  # named by its id, not by the host: this is no call of a client's, which limits would count
        except HexkeepError:
            return False
        found = bool(getattr(answer.output, "allowed", False))
        self._known[place] = (self._clock() + REMEMBERED_SECONDS, found)
        self._known.move_to_end(place)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found


class Cors:
    """An ASGI application around ``app`` that answers preflights and marks what scripts of allowed origins may read."""

    def __init__(self, app: ASGIApp, allowed: Allowed) -> None:
        self._app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection; what is not HTTP, or names no origin, passes unchanged but for ``Vary``."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = collect(scope["headers"])
        origin = _single(headers, "origin")
        known = bool(origin) and len(origin) <= LONGEST_ORIGIN
        allowed = known and await self._allowed(_single(headers, "host"), origin)
        if allowed and scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _preflight(origin).send(send)
            return
        await self._app(scope, receive, _marking(send, origin if allowed else ""))


def _single(headers: Headers, name: str) -> str:
    values = headers.get(name, ())
    return values[0] if len(values) == 1 else ""


def _preflight(origin: str) -> Response:
    return Response(
        NO_CONTENT,
        (
            ("access-control-allow-origin", origin),
            ("access-control-allow-methods", METHODS),
            ("access-control-allow-headers", REQUEST_HEADERS),
            ("access-control-max-age", str(PREFLIGHT_SECONDS)),
            ("vary", "Origin"),
        ),
    )


def _marking(send: Send, origin: str) -> Send:
    """Answers differ by origin, so caches are told in any case."""
    marks = [(b"vary", b"Origin")]
    if origin:
        marks += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-expose-headers", EXPOSED.encode()),
        ]

    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *marks]
        await send(message)

    return marked
