"""gRPC-web-text: gRPC-web in base64, for browsers that read streams as text.

An application around one that speaks binary gRPC-web (``PROTOCOL-WEB.md`` of gRPC). Base64 may come in several padded
segments, as this one sends it: one per chunk.
"""

import base64
import binascii

from hexkeep.adapters.asgi.types import ASGIApp, Message, Receive, Scope, Send
from hexkeep.adapters.rpc.failures import failure
from hexkeep.core.kernel.errors import InvalidInput

TEXT = b"application/grpc-web-text"
BINARY = b"application/grpc-web"
CONTENT_TYPE = b"content-type"
GROUP = 4
"""Characters that stand for three bytes."""


def is_text(kind: bytes) -> bool:
    """Whether a content type is gRPC-web-text."""
    return kind.startswith(TEXT)


class TextShim:
    """Decodes requests and encodes responses."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request in base64."""
        headers = [
            (name, value.replace(TEXT, BINARY, 1) if name == CONTENT_TYPE else value)
            for name, value in scope["headers"]
            if name != b"content-length"
        ]
        await self._app({**scope, "headers": headers}, _decoding(receive), _encoding(send))


def _decoding(receive: Receive) -> Receive:
    """The body's bytes; raises the failure of ``InvalidInput`` for what is not base64."""
    waiting = b""

    async def decoded() -> Message:
        nonlocal waiting
        message = await receive()
        if message["type"] != "http.request":
            return message
        waiting += message.get("body", b"")
        whole = len(waiting) if not message.get("more_body", False) else len(waiting) // GROUP * GROUP
        taken, waiting = waiting[:whole], waiting[whole:]
        try:
            return {**message, "body": decode(taken)}
        except binascii.Error as error:
            raise failure(InvalidInput("The body is not base64")) from error

    return decoded


def decode(text: bytes) -> bytes:
    """The bytes of base64 in one or several padded segments; raises ``binascii.Error``."""
    segments, start = [], 0
    while start < len(text):
        padding = text.find(b"=", start)
        end = len(text) if padding < 0 else (padding // GROUP + 1) * GROUP
        segments.append(base64.b64decode(text[start:end], validate=True))
        start = end
    return b"".join(segments)


def _encoding(send: Send) -> Send:
    async def encoded(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                (name, value.replace(BINARY, TEXT, 1) if name == CONTENT_TYPE else value)
                for name, value in message["headers"]
            ]
        elif message["type"] == "http.response.body":
            message["body"] = base64.b64encode(message.get("body", b""))
        await send(message)

    return encoded
