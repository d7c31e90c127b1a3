"""Compact JWE (RFC 7516) to and from key pairs. No compression, no passwords, no shared keys: see ``HEADERS``."""

from collections.abc import Iterable

from joserfc import jwe
from joserfc.errors import JoseError

from hexkeep.adapters.joserfc.compact import MAX_TEXT, read_encrypted
from hexkeep.adapters.joserfc.keys import KINDS, ParsedKey, PrivateKey
from hexkeep.core.oidc.asks import Decrypted
from hexkeep.ports.jose import Claims

CONTENT = ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")
"""RFC 7518 section 5.1."""
WAYS = tuple(dict.fromkeys(way for kind in KINDS.values() for way in kind.encrypts))
HEADERS = {"alg", "enc", "kid", "typ", "cty", "epk", "apu", "apv", "iss", "sub", "aud"}
"""What a header may have. ``zip`` is not in it: decompression bombs (RFC 8725 section 3.6); nor is ``p2c``."""


class _Registry(jwe.JWERegistry):
    """Our algorithms alone, up to our length; what a header may have is checked before."""

    max_protected_header_length = MAX_TEXT
    max_ciphertext_length = MAX_TEXT


REGISTRY = _Registry(algorithms=[*WAYS, *CONTENT], strict_check_header=False)


def encrypted(key: ParsedKey, header: dict[str, str], content: str) -> str | None:
    """``content`` for the owner of ``key``, or ``None`` where the key will not do."""
    try:
        return jwe.encrypt_compact(header, content, key, registry=REGISTRY)
    except (JoseError, ValueError):
        return None


def readable(token: str) -> Claims | None:
    """The header of a JWE that we might decrypt, or ``None``."""
    header = read_encrypted(token)
    if header is None or not set(header) <= HEADERS:
        return None
    return header if header["alg"] in WAYS and header.get("enc") in CONTENT else None


def decrypted(token: str, header: Claims, keys: Iterable[PrivateKey]) -> Decrypted | None:
    """What one of ``keys`` decrypts: the one that is named or, where none is, the first that can."""
    named, algorithm, encryption = header.get("kid"), str(header["alg"]), str(header["enc"])
    for one in keys:
        fits = algorithm in one.kind.encrypts and one.algorithm in {"", algorithm}
        if not fits or (named is not None and one.id != named):
            continue
        try:
            found = jwe.decrypt_compact(token, one.key, registry=REGISTRY).plaintext
            content = None if found is None else found.decode("utf-8")
        except (AssertionError, JoseError, KeyError, TypeError, ValueError):  # the library asserts what strangers send
            continue
        if content is not None:
            return Decrypted(content, algorithm, encryption)
    return None
