"""Compact JWS (RFC 7515) under the rules of RFC 8725: the key fixes the algorithm, the caller fixes the type."""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NoReturn

from joserfc import jws
from joserfc.errors import JoseError
from pydantic import JsonValue

from hexkeep.adapters.joserfc.keys import (
    MEMBERS,
    Material,
    ParsedKey,
    new_key_pair,
    private_key,
    public_key,
    public_material,
    read_private,
    read_public,
    seeded_key_pair,
)
from hexkeep.core.kernel.ask import KeyPair
from hexkeep.core.oidc.asks import SelfSigned
from hexkeep.ports.jose import Claims, Jwk

SLOW = "RS256"
"""Signing takes a quarter of a millisecond and making a key far longer, so both happen in a thread."""
CACHED_KEYS = 1024
HELD_SIGNATURES = 8192
LONGEST_HEADER = 4096
"""Of a token that has an RSA key in its header; others are within the library's own bound."""
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""Members of JWKs that nobody shows to others (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1, RFC 8037 section 2)."""


class JoserfcJose:
    """The port ``jose.Jose``. Parsed keys are kept, least recently used out first: parsing costs more than signing."""

    def __init__(self) -> None:
        self._private = lru_cache(CACHED_KEYS)(private_key)
        self._public = lru_cache(CACHED_KEYS)(public_key)
        self._held: dict[tuple[bytes, Material], None] = {}
        # Unknown header parameters are ignored (RFC 7515 section 4); critical ones are refused below.
        self._registries = {name: jws.JWSRegistry(algorithms=[name], strict_check_header=False) for name in MEMBERS}
        self._with_keys = jws.JWSRegistry()
        self._with_keys.max_header_length = LONGEST_HEADER

    async def new_key(self, algorithm: str) -> KeyPair:
        """A fresh key pair for ``ES256``, ``RS256`` (2048 bits) or ``Ed25519``; ``ValueError`` for any other."""
        if algorithm == SLOW:
            return await asyncio.to_thread(new_key_pair, algorithm)
        return new_key_pair(algorithm)

    def key_from_seed(self, algorithm: str, seed: bytes) -> KeyPair:
        """The key pair that 32 secret bytes are; ``ValueError`` for other than ``Ed25519``."""
        return seeded_key_pair(algorithm, seed)

    def public_jwk(self, text: str) -> Jwk | None:
        """The public key in a text (JWK or PEM) with ``alg``; ``None`` for none, a private one, or one of no use."""
        return read_public(text)

    def private_jwk(self, text: str) -> str | None:
        """The private key in a text (JWK or PEM) as ``sign`` takes it; ``None`` for what is none."""
        return read_private(text)

    async def sign(self, private: str, type_: str, claims: Claims) -> str:
        """A compact JWS over ``claims`` with the headers ``alg``, ``kid`` and, unless empty, ``typ``."""
        key, algorithm, key_id = self._private(private)
        header = {"alg": algorithm, "kid": key_id} | ({"typ": type_} if type_ else {})
        payload = json.dumps(claims, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        if algorithm == SLOW:
            return await asyncio.to_thread(self._signed, header, payload, key)
        return self._signed(header, payload, key)

    async def verify(self, token: str, keys: Sequence[Jwk], type_: str) -> Claims | None:
        """The claims if one of ``keys`` signed this token with its own ``alg``, else ``None``."""
        signed = _parsed(token)
        if signed is None or not _acceptable(signed.protected, type_):
            return None
        digest = hashlib.sha256(token.encode("ascii")).digest()
        for material in _candidates(signed.protected, keys):
            if (digest, material) in self._held or self._holds(signed, material):
                self._remember(digest, material)
                return _claims(signed.payload)
        return None

    async def verify_self_signed(self, token: str, type_: str, algorithms: Sequence[str]) -> SelfSigned | None:
        """The claims if the public key in the token's own header signed it with one of ``algorithms``, else ``None``.

        It is a key of this one token: neither it nor that its signature held is worth remembering.
        """
        signed = _parsed(token, self._with_keys)
        jwk = None if signed is None or not _acceptable(signed.protected, type_) else signed.protected.get("jwk")
        material = public_material(jwk) if isinstance(jwk, dict) and not jwk.keys() & PRIVATE else None
        key = None if material is None else public_key(material)
        if signed is None or material is None or key is None:
            return None
        if material[0] != signed.protected["alg"] or material[0] not in algorithms or not self._holds(signed, material):
            return None
        claims = _claims(signed.payload)
        return None if claims is None else SelfSigned(key.thumbprint(), material[0], claims)

    def _remember(self, digest: bytes, material: Material) -> None:
        """A signature that held under a key holds for ever; forgotten is the one that was first seen longest ago."""
        self._held[digest, material] = None
        if len(self._held) > HELD_SIGNATURES:
            del self._held[next(iter(self._held))]

    def _signed(self, header: dict[str, str], payload: str, key: ParsedKey) -> str:
        return jws.serialize_compact(header, payload, key, registry=self._registries[header["alg"]])

    def _holds(self, signed: jws.CompactSignature, material: Material) -> bool:
        key = self._public(material)
        try:
            return key is not None and jws.validate_compact(signed, key, registry=self._registries[material[0]])
        except (JoseError, ValueError):
            return False


def _candidates(header: Claims, keys: Sequence[Jwk]) -> Iterator[Material]:
    """The keys that may have made the signature: same ``kid`` where both sides name one, same algorithm."""
    key_id = header.get("kid")
    for jwk in keys:
        named_otherwise = key_id is not None and jwk.get("kid", key_id) != key_id
        material = None if named_otherwise else public_material(jwk)
        if material is not None and material[0] == header["alg"]:
            yield material


def _parsed(token: str, registry: jws.JWSRegistry | None = None) -> jws.CompactSignature | None:
    """The parts of a token within the library's bounds (512 bytes of header, 128 000 of payload), unverified."""
    try:
        signed = jws.extract_compact(token.encode("ascii"), registry=registry)
    except (JoseError, ValueError, RecursionError):
        return None
    header: object = signed.protected  # the library does not look whether the JSON is an object
    return signed if isinstance(header, dict) else None


def _acceptable(header: Claims, type_: str) -> bool:
    # No extension is understood, so nothing may be critical (RFC 7515 section 4.1.11); `b64` is RFC 7797's.
    if "crit" in header or "b64" in header or not isinstance(header.get("kid", ""), str):
        return False
    found = header.get("typ", "")
    return isinstance(found, str) and _media_type(found) in ({_media_type(type_)} if type_ else {"", "jwt"})


def _media_type(type_: str) -> str:
    """RFC 7515 section 4.1.9: compared without case; a prefix ``application/`` may be left out."""
    return type_.lower().removeprefix("application/")


def _claims(payload: bytes) -> Claims | None:
    """RFC 7519 section 7.2: the claims are one JSON object in UTF-8."""
    try:
        claims: JsonValue = json.loads(payload.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def _refuse(constant: str) -> NoReturn:
    """``NaN`` and the infinities, which Python reads as numbers."""
    raise ValueError(f"{constant} is not JSON")
