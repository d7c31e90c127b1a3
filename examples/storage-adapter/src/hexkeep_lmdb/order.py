"""Keys: tuples as bytes that sort as the tuples do, so that a range of keys is a range of bytes.

Text and bytes end with NUL, and a NUL within is written as NUL 255; whole numbers are eight bytes, biased so that
negative ones come first. LMDB takes keys of 511 bytes, so a long text is cut and ends with its hash: it is found as
before, but sorts by its beginning alone.
"""

import hashlib

Part = str | bytes | int
LONGEST = 64
"""Bytes of a text that stand in a key as they are."""
KEPT = 16
_BIAS = 1 << 63


def packed(*parts: Part) -> bytes:
    """The key of a tuple, and the prefix of the keys of all tuples that begin with it."""
    return b"".join(map(_part, parts))


def _part(part: Part) -> bytes:
    if isinstance(part, int):
        return (part + _BIAS).to_bytes(8, "big")
    raw = part.encode() if isinstance(part, str) else part
    if len(raw) > LONGEST:
        raw = raw[:KEPT] + hashlib.sha256(raw).digest()
    return raw.replace(b"\0", b"\0\xff") + b"\0"


def number_at_end(key: bytes) -> int:
    """The whole number that a key ends with."""
    return int.from_bytes(key[-8:], "big") - _BIAS
