"""Columns as arrays in PostgreSQL's binary format, made in as few steps as Python allows.

Header (dimensions, no nulls, type of the elements, length, lower bound), then each element behind its length.
"""

import struct
from collections.abc import Sequence
from itertools import chain, repeat

from hexkeep.core.kernel.errors import InvalidInput

INT4, INT8, TEXT, BYTEA = 23, 20, 25, 17
ARRAY_OF = {INT4: 1007, INT8: 1016, TEXT: 1009, BYTEA: 1001}
_HEADER = struct.Struct(">iiIii")
_EMPTY = {element: struct.pack(">iiI", 0, 0, element) for element in ARRAY_OF}
_LENGTHS = tuple(struct.pack(">i", length) for length in range(1024))


def bigints(values: Sequence[int]) -> bytes:
    """An array of ``bigint``."""
    if not values:
        return _EMPTY[INT8]
    flat = chain.from_iterable(zip(repeat(8), values))  # one of the two has no end
    return _header(INT8, len(values)) + struct.pack(">" + "iq" * len(values), *flat)


def integers(values: Sequence[int]) -> bytes:
    """An array of ``integer``."""
    if not values:
        return _EMPTY[INT4]
    flat = chain.from_iterable(zip(repeat(4), values))  # one of the two has no end
    return _header(INT4, len(values)) + struct.pack(">" + "ii" * len(values), *flat)


def texts(values: Sequence[str]) -> bytes:
    """An array of ``text``; raises ``InvalidInput`` for what PostgreSQL cannot hold."""
    if not values:
        return _EMPTY[TEXT]
    encoded = "\n".join(values).encode()
    if b"\0" in encoded:
        raise InvalidInput("A name must not contain NUL")
    if encoded.count(b"\n") == len(values) - 1:
        return _header(TEXT, len(values)) + _elements(encoded.split(b"\n"))
    return _header(TEXT, len(values)) + _elements([value.encode() for value in values])


def blobs(values: Sequence[bytes]) -> bytes:
    """An array of ``bytea``."""
    if not values:
        return _EMPTY[BYTEA]
    return _header(BYTEA, len(values)) + _elements(values)


def _header(element: int, length: int) -> bytes:
    return _HEADER.pack(1, 0, element, length, 1)


def _elements(values: Sequence[bytes]) -> bytes:
    try:
        return b"".join([_LENGTHS[len(value)] + value for value in values])
    except IndexError:
        return b"".join([struct.pack(">i", len(value)) + value for value in values])
