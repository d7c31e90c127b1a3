"""Bodies of requests, bounded and read once."""

from hexkeep.adapters.asgi.errors import UnsupportedMediaType
from hexkeep.adapters.asgi.headers import Headers, single
from hexkeep.adapters.asgi.types import Receive
from hexkeep.core.kernel.errors import InvalidInput, TooLarge

MAX_BYTES = 64 * 1024
"""The largest body, unless an endpoint says otherwise."""


async def read(receive: Receive, headers: Headers, max_bytes: int = MAX_BYTES) -> bytes:
    """The whole body, refused before any of it is read where its length is announced.

    Raises ``TooLarge``, or ``InvalidInput`` for one that ends early.
    """
    announced = single(headers, "content-length")
    if announced.isdecimal() and (len(announced) > len(str(max_bytes)) or int(announced) > max_bytes):
        raise TooLarge(f"The body is larger than {max_bytes} bytes")
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise InvalidInput("The body ended early")
        body += message.get("body", b"")
        if len(body) > max_bytes:
            raise TooLarge(f"The body is larger than {max_bytes} bytes")
        if not message.get("more_body", False):
            return bytes(body)


def declared(headers: Headers, media_type: str) -> bool:
    """Whether the body is declared to be of a media type, in UTF-8 if it says so."""
    kind, *parameters = [part.strip().lower() for part in single(headers, "content-type").split(";")]
    charsets = [value.partition("=")[2].strip('"') for value in parameters if value.startswith("charset=")]
    return kind == media_type and all(charset == "utf-8" for charset in charsets)


async def json_text(receive: Receive, headers: Headers) -> str:
    """The JSON document in a body, not yet parsed; raises as ``read`` does, and ``UnsupportedMediaType``."""
    if not declared(headers, "application/json"):
        raise UnsupportedMediaType("The body must be application/json in UTF-8")
    try:
        return (await read(receive, headers)).decode()
    except UnicodeDecodeError:
        raise InvalidInput("The body is not in UTF-8") from None
