"""A response whose content is known: an ASGI application of its own, which Litestar takes as a handler's result."""

from collections.abc import Iterable

from litestar.types import Receive, Scope, Send

JSON = "application/json"


class Reply:
    """Status, content and header fields, ready to be sent. Without ``media_type`` there is no content."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, body: bytes, media_type: str, headers: Iterable[tuple[str, str]] = ()) -> None:
        self.status = status
        self.body = body
        self.headers = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        if media_type:
            self.headers += (
                (b"content-type", media_type.encode()),
                (b"content-length", str(len(body)).encode()),
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})
