"""Reading an upload: the body as it is, or the one file of a form (RFC 7578), and never more than the bound of either.

What the client says that the bytes are is not looked at.
"""

from collections.abc import AsyncIterator

from multipart import (  # type: ignore[import-untyped]  # it ships no types
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)

from hexkeep.adapters.asgi.headers import Headers, single
from hexkeep.adapters.asgi.types import Receive
from hexkeep.core.asset.commands import LARGEST
from hexkeep.core.kernel.errors import InvalidInput, TooLarge

FORM = "multipart/form-data"
AROUND = 64 << 10
"""Bytes that a form may have besides its file."""
PARTS = 16
LONGEST_BOUNDARY = 70
"""RFC 2046 section 5.1.1."""


async def read(receive: Receive, headers: Headers) -> bytes:
    """The bytes that were uploaded; raises ``TooLarge``, before any is read where the length is announced."""
    kind, options = parse_options_header(single(headers, "content-type"))
    if kind.lower() != FORM:
        return b"".join([chunk async for chunk in _chunks(receive, headers, LARGEST)])
    boundary = options.get("boundary", "")
    if not 0 < len(boundary) <= LONGEST_BOUNDARY or not boundary.isascii():
        raise InvalidInput("The form has no boundary")
    try:
        return await _file(_chunks(receive, headers, LARGEST + AROUND), boundary)
    except ParserLimitReached as error:
        raise TooLarge(f"A file has at most {LARGEST} bytes, a form at most {PARTS} parts") from error
    except MultipartError as error:
        raise InvalidInput("The body is not a form as its header says") from error


async def _file(chunks: AsyncIterator[bytes], boundary: str) -> bytes:
    """The first part that is a file."""
    found: bytearray | None = None
    inside = False
    parser = PushMultipartParser(boundary, max_segment_size=LARGEST, max_segment_count=PARTS)
    async for chunk in _ended(chunks):
        for event in parser.parse(chunk):
            if isinstance(event, MultipartSegment):
                inside = found is None and event.filename is not None
                found = bytearray() if inside else found
            elif event is None:
                inside = False
            elif inside and found is not None:
                found += event
    if found is None:
        raise InvalidInput("The form holds no file")
    return bytes(found)


async def _ended(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks that are not empty, and then an empty one, by which the parser knows the end."""
    async for chunk in chunks:
        if chunk:
            yield chunk
    yield b""


async def _chunks(receive: Receive, headers: Headers, limit: int) -> AsyncIterator[bytes]:
    announced = single(headers, "content-length")
    if announced.isdecimal() and (len(announced) > len(str(limit)) or int(announced) > limit):
        raise TooLarge(f"The body is larger than {limit} bytes")
    total, more = 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise InvalidInput("The body ended early")
        chunk = message.get("body", b"")
        total += len(chunk)
        if total > limit:
            raise TooLarge(f"The body is larger than {limit} bytes")
        more = message.get("more_body", False)
        yield chunk
