"""The JSON body of a request: bounded while it is read, strict when it is parsed (RFC 8259, I-JSON RFC 7493)."""

import json
from collections.abc import Sequence
from typing import NoReturn

from litestar.types import Receive
from pydantic import JsonValue

from hexkeep.adapters.asgi.errors import UnsupportedMediaType
from hexkeep.adapters.asgi.headers import Headers, single
from hexkeep.core.kernel.errors import InvalidInput, TooLarge

Fields = dict[str, JsonValue]


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


def load(text: bytes, depth: int) -> JsonValue:
    """The value of a JSON text.

    Raises ``ValueError`` for what is not JSON in UTF-8, names a member twice, holds a number or character without a
    meaning outside this program, or is nested deeper than ``depth``.
    """
    try:
        value: JsonValue = json.loads(text.decode(), object_pairs_hook=_object, parse_constant=_constant)
    except RecursionError:
        raise Refused(f"is nested deeper than {depth} levels") from None
    if b"\\u" in text:
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no character
    if text.count(b"{") + text.count(b"[") > depth:
        _check_depth(value, depth)
    return value


class Refused(ValueError):
    """Not acceptable for a reason that is safe to show."""


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"is not JSON: line {error.lineno}, column {error.colno}"
    if isinstance(error, Refused):
        return str(error)
    return "is not JSON in UTF-8 that this program can read"


def _object(pairs: Sequence[tuple[str, JsonValue]]) -> Fields:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Refused("names a member of an object twice")
    return members


def _constant(name: str) -> NoReturn:
    raise Refused(f"holds {name}, which JSON does not have")


def _check_depth(value: JsonValue, limit: int) -> None:
    level: list[JsonValue] = [value]
    for _ in range(limit):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise Refused(f"is nested deeper than {limit} levels")


def _children(value: JsonValue) -> list[JsonValue]:
    """The members that can hold members themselves."""
    if isinstance(value, dict):
        return [child for child in value.values() if isinstance(child, dict | list)]
    return [child for child in value if isinstance(child, dict | list)] if isinstance(value, list) else []
