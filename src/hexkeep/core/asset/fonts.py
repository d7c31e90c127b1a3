"""Fonts, told by their own bytes: what they are, and that nothing stands behind them."""

import struct

from hexkeep.core.asset.errors import NotAFont

WOFF = {b"wOF2": "font/woff2", b"wOFF": "font/woff"}
"""By the first four bytes (W3C WOFF2 section 4, WOFF 1.0 section 3)."""
SFNT = {b"\0\1\0\0": "font/ttf", b"true": "font/ttf", b"OTTO": "font/otf"}
"""The same for what OpenType calls the sfnt version."""
TABLE = 16
HEADER = 12


def font_type(content: bytes) -> str:
    """The media type (RFC 8081) of a font; raises ``NotAFont`` for all else, and for what is cut or appended to."""
    kind = WOFF.get(content[:4])
    if kind is not None:
        if len(content) < HEADER or struct.unpack_from(">I", content, 8) != (len(content),):
            raise NotAFont("The font's length is not what it says")
        return kind
    kind = SFNT.get(content[:4])
    if kind is None:
        raise NotAFont
    if not _is_filled(content):
        raise NotAFont("The font's tables do not fill it")
    return kind


def _is_filled(content: bytes) -> bool:
    """Whether the tables end where the file does, but for the padding to four bytes."""
    if len(content) < HEADER:
        return False
    (count,) = struct.unpack_from(">H", content, 4)
    if not count or len(content) < HEADER + count * TABLE:
        return False
    places = (struct.unpack_from(">II", content, HEADER + number * TABLE + 8) for number in range(count))
    end: int = max(offset + length for offset, length in places)
    return end <= len(content) <= end + (-end % 4)
