"""The pictures inside an ICO file, as far as their sizes go: they are told before Pillow decodes any of them.

Each entry of the file's directory leads to a PNG or a bitmap with a header of its own, and only that header says how
large it really is. A PNG may pretend to have several: Pillow goes by the last one before the points, so all are told.
"""

import struct
from collections.abc import Iterator

MAGIC = b"\0\0\1\0"
PNG = b"\x89PNG\r\n\x1a\n"
ENTRY = 16
MOST = 64
"""Entries that a file may have."""
CHUNKS = 64
"""Chunks of a PNG that may come before its points."""


def is_icon(content: bytes) -> bool:
    """Whether it begins as such a file."""
    return content.startswith(MAGIC)


def sizes(content: bytes) -> Iterator[tuple[int, int]]:
    """Width and height of every picture; raises ``ValueError`` for a file that is damaged."""
    if len(content) < len(MAGIC) + 2:
        raise ValueError("no directory")
    (count,) = struct.unpack_from("<H", content, 4)
    if not 0 < count <= MOST or len(content) < 6 + count * ENTRY:
        raise ValueError("not that many entries")
    for number in range(count):
        (offset,) = struct.unpack_from("<I", content, 6 + number * ENTRY + 12)
        yield from _sizes(content, offset)


def _sizes(content: bytes, offset: int) -> Iterator[tuple[int, int]]:
    try:
        if content.startswith(PNG, offset):
            yield from _png_sizes(content, offset + len(PNG))
        else:  # a bitmap, with its mask below it
            _, width, height = struct.unpack_from("<Iii", content, offset)
            yield abs(width), abs(height) // 2
    except struct.error as error:
        raise ValueError("an entry leads nowhere") from error


def _png_sizes(content: bytes, offset: int) -> Iterator[tuple[int, int]]:
    """What every header says that stands before the points (W3C PNG section 5.3)."""
    for _ in range(CHUNKS):
        length, name = struct.unpack_from(">I4s", content, offset)
        if name == b"IHDR":
            width, height = struct.unpack_from(">II", content, offset + 8)
            yield width, height
        elif name in {b"IDAT", b"IEND"}:
            return
        offset += 12 + length
    raise ValueError("too many chunks before the points")
