"""One port for everything: which application a path belongs to."""

from collections.abc import Mapping

from hexkeep.adapters.asgi.types import ASGIApp, Receive, Scope, Send


class Dispatcher:
    """Hands a request to the application of its path's first segment, else to ``otherwise``.

    Applications see the scope as it came: they match the whole path themselves. ``/`` has the empty first segment.
    """

    def __init__(self, by_segment: Mapping[str, ASGIApp], otherwise: ASGIApp) -> None:
        self._by_segment = by_segment
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        app = self._otherwise
        if scope["type"] == "http" and scope["path"].startswith("/"):
            app = self._by_segment.get(scope["path"].split("/", 2)[1], self._otherwise)
        await app(scope, receive, send)
