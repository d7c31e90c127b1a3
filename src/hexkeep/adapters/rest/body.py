"""The JSON body of a request: bounded while it is read, strict when it is parsed (RFC 8259, I-JSON RFC 7493)."""

import json

from litestar.types import Receive

from hexkeep.adapters.asgi.errors import UnsupportedMediaType
from hexkeep.adapters.asgi.headers import Headers, single
from hexkeep.adapters.asgi.json_text import Fields, Refused, load
from hexkeep.core.kernel.errors import InvalidInput, TooLarge


async def read(receive: Receive, headers: Headers, limit: int) -> bytes:
    """The whole body; raises ``TooLarge`` above ``limit`` bytes, before reading any where its length is announced."""
    announced = single(headers, "content-length")
    if announced.isdecimal() and (len(announced) > len(str(limit)) or int(announced) > limit):
        raise TooLarge(f"The body is larger than {limit} bytes")
    chunks, total = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise InvalidInput("The body ended early")
        chunk = message.get("body", b"")
        chunks.append(chunk)
        total += len(chunk)
        if total > limit:
            raise TooLarge(f"The body is larger than {limit} bytes")
        if not message.get("more_body", False):
            return b"".join(chunks)


def check_media_type(headers: Headers) -> None:
    """Insist on JSON in UTF-8, the only encoding JSON has; raises ``UnsupportedMediaType``."""
    kind, *parameters = [part.strip().lower() for part in single(headers, "content-type").split(";")]
    charsets = [value.partition("=")[2].strip('"') for value in parameters if value.startswith("charset=")]
    if kind != "application/json" or any(charset != "utf-8" for charset in charsets):
        raise UnsupportedMediaType("The body must be application/json in UTF-8")


def parse(body: bytes, depth: int) -> Fields:
    """The members of a JSON object; raises ``InvalidInput`` for anything else that ``load`` or ``depth`` refuses."""
    try:
        value = load(body, depth)
    except ValueError as error:
        raise InvalidInput(f"The body {_reason(error)}") from error
    if not isinstance(value, dict):
        raise InvalidInput("The body must be a JSON object")
    return value


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"is not JSON: line {error.lineno}, column {error.colno}"
    if isinstance(error, Refused):
        return str(error)
    return "is not JSON in UTF-8 that this program can read"
