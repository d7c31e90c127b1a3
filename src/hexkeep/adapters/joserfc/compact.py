"""The compact forms of JWS and JWE (RFC 7515 section 7.1, RFC 7516 section 7.1), read strictly and within bounds."""

import binascii
import json
from dataclasses import dataclass
from typing import NoReturn

from pydantic import JsonValue

from hexkeep.ports.jose import Claims

MAX_HEADER = 4096
"""A DPoP proof carries an RSA key in its header."""
MAX_TEXT = 192_000
"""Of a whole token."""
JWS_PARTS, JWE_PARTS = 3, 5


@dataclass(frozen=True, slots=True)
class Signed:
    """The parts of a JWS, unverified."""

    header: Claims
    payload: bytes
    signature: bytes
    signing_input: bytes


def read_signed(token: str) -> Signed | None:
    """The parts of a compact JWS, or ``None`` for what is none that we could verify."""
    parts = _parts(token, JWS_PARTS)
    header = None if parts is None else read_header(parts[0])
    if parts is None or header is None:
        return None
    try:
        payload, signature = (strictly_decoded(part) for part in parts[1:])
    except ValueError:
        return None
    return Signed(header, payload, signature, b".".join(parts[:2]))


def read_encrypted(token: str) -> Claims | None:
    """The header of a compact JWE whose parts are all well written, or ``None``."""
    parts = _parts(token, JWE_PARTS)
    try:
        for part in parts or ():
            strictly_decoded(part)
    except ValueError:
        return None
    return None if parts is None else read_header(parts[0])


def _parts(token: str, count: int) -> list[bytes] | None:
    if len(token) > MAX_TEXT or not token.isascii():
        return None
    parts = token.encode("ascii").split(b".")
    return parts if len(parts) == count and len(parts[0]) <= MAX_HEADER else None


def read_header(part: bytes) -> Claims | None:
    """A protected header that we understand: nothing in it may be critical (RFC 7515 section 4.1.11)."""
    try:
        header = json_object(strictly_decoded(part))
    except ValueError:
        return None
    # `b64` is RFC 7797's, and means nothing unless it is critical.
    if header is None or "crit" in header or "b64" in header:
        return None
    texts = (header.get("alg"), header.get("kid", ""), header.get("typ", ""))
    return header if all(isinstance(text, str) for text in texts) else None


def strictly_decoded(part: bytes) -> bytes:
    """RFC 7515 section 2: no padding, no other alphabet, no bits beyond the last byte. Raises ``ValueError``."""
    rest = len(part) % 4
    if rest and part[-1:] not in _LAST[rest]:
        raise binascii.Error("one value has one spelling")
    return binascii.a2b_base64(part.translate(_ALPHABET) + b"=" * (-len(part) % 4), strict_mode=True)


def _refuse(constant: str) -> NoReturn:
    """``NaN`` and the infinities, which Python reads as numbers."""
    raise ValueError(f"{constant} is not JSON")


_ALPHABET = bytes.maketrans(b"-_+/=", b"+/!!!")
_LAST = (b"", (), tuple(b"AQgw"[i : i + 1] for i in range(4)), tuple(b"AEIMQUYcgkosw048"[i : i + 1] for i in range(16)))
"""By how many characters there are beyond whole groups of four: what the last one may be."""
_DECODE = json.JSONDecoder(parse_constant=_refuse).decode


def json_object(text: bytes) -> Claims | None:
    """RFC 7519 section 7.2: one JSON object in UTF-8, or ``None``."""
    try:
        found: JsonValue = _DECODE(text.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def is_of_type(found: JsonValue, wanted: str) -> bool:
    """RFC 8725 section 3.11. An empty ``wanted`` is ``JWT`` or none."""
    return isinstance(found, str) and _media_type(found) in ({_media_type(wanted)} if wanted else {"", "jwt"})


def _media_type(type_: str) -> str:
    """RFC 7515 section 4.1.9: compared without case; a prefix ``application/`` may be left out."""
    return type_.lower().removeprefix("application/")
