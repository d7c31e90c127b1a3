"""JOSE of the decision kit: signatures that are readable and worth nothing, encryption that hides nothing."""

import base64
import hashlib
import json
from collections.abc import Mapping

from pydantic import JsonValue

from hexkeep.core.kernel.ask import KeyPair, VerifyJwt
from hexkeep.core.oidc.asks import Decrypted, SelfSigned, VerifySecretJwt, VerifySelfSigned

JWE_PARTS = 5


def signing_key(algorithm: str, number: int = 1) -> KeyPair:
    """What the kit answers to the ``number``-th ``NewSigningKey`` or ``NewEncryptionKey`` of a scenario."""
    return _key(algorithm, number, {"alg": algorithm, "use": "sig"})


def encryption_key(algorithm: str, number: int = 1) -> KeyPair:
    """What the kit answers when the ``number``-th key of a scenario is a ``NewEncryptionKey``."""
    return _key(algorithm, number, {"use": "enc"})


def _key(algorithm: str, number: int, told: dict[str, JsonValue]) -> KeyPair:
    public: dict[str, JsonValue] = {"kid": f"key-{number}", **told, "kty": "kit"}
    return KeyPair(f"key-{number}", algorithm, json.dumps(public), public)


def jwt(private: str, type_: str, claims: Mapping[str, JsonValue]) -> str:
    """What the kit answers to ``SignJwt``: header and claims in the clear, and a digest for a signature."""
    key = json.loads(private)
    return _signed({"alg": key["alg"], "kid": key["kid"], "typ": type_}, claims, key["kid"])


def secret_jwt(secret: str, claims: Mapping[str, JsonValue], algorithm: str = "HS256") -> str:
    """What holds for ``VerifySecretJwt``."""
    return _signed({"alg": algorithm, "typ": "JWT"}, claims, secret)


def jwe(key: Mapping[str, JsonValue], algorithm: str, encryption: str, content: str) -> str:
    """What the kit answers to ``EncryptJwt``: five parts, the fourth being the content for all to read."""
    header = part({"alg": algorithm, "enc": encryption, "kid": key.get("kid")})
    return f"{header}...{part({'content': content})}."


def thumbprint(key: str) -> str:
    """The thumbprint (RFC 7638) of a client's key that is nothing but a name."""
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()).decode().rstrip("=")


def self_signed(
    claims: Mapping[str, JsonValue], *, key: str = "key of ada", type_: str = "dpop+jwt", algorithm: str = "ES256"
) -> str:
    """A JWT that the kit believes to be signed by the key that it names (``VerifySelfSigned``)."""
    return _signed({"alg": algorithm, "typ": type_, "jwk": {"kty": "kit", "x": key}}, claims, key)


def header_of(token: str) -> dict[str, JsonValue]:
    """The header of a token made by ``jwt``, unverified."""
    header: dict[str, JsonValue] = unpacked(token.split(".", maxsplit=1)[0])
    return header


def claims_of(token: str) -> dict[str, JsonValue]:
    """The claims of a token made by ``jwt``, unverified."""
    claims: dict[str, JsonValue] = unpacked(token.split(".")[1])
    return claims


def verified(ask: VerifyJwt) -> Mapping[str, JsonValue] | None:
    """What the kit answers to ``VerifyJwt``."""
    try:
        head, body, signature = ask.token.split(".")
        header, claims = unpacked(head), unpacked(body)
    except ValueError:
        return None
    algorithm, key_id = header.get("alg"), header.get("kid")
    known = any(key.get("kid", key_id) == key_id and key.get("alg", algorithm) == algorithm for key in ask.keys)
    allowed = not ask.algorithms or algorithm in ask.algorithms
    signed = signature == digest(str(key_id), f"{head}.{body}")
    return claims if known and allowed and signed and header.get("typ") == ask.type else None


def self_verified(ask: VerifySelfSigned) -> SelfSigned | None:
    """What the kit answers to ``VerifySelfSigned``."""
    try:
        head, body, signature = ask.token.split(".")
        header, claims = unpacked(head), unpacked(body)
    except ValueError:
        return None
    jwk, algorithm = header["jwk"], header["alg"]
    assert isinstance(jwk, dict)
    assert isinstance(algorithm, str)
    key = str(jwk["x"])
    if signature != digest(key, f"{head}.{body}") or header["typ"] != ask.type or algorithm not in ask.algorithms:
        return None
    return SelfSigned(thumbprint(key), algorithm, claims)


def secret_verified(ask: VerifySecretJwt) -> Mapping[str, JsonValue] | None:
    """What the kit answers to ``VerifySecretJwt``."""
    try:
        head, body, mac = ask.token.split(".")
        header, claims = unpacked(head), unpacked(body)
    except ValueError:
        return None
    return claims if header.get("alg") in ask.algorithms and mac == digest(ask.secret, f"{head}.{body}") else None


def decrypted(token: str, keys: tuple[str, ...]) -> Decrypted | None:
    """What the kit answers to ``DecryptJwt``."""
    parts = token.split(".")
    if len(parts) != JWE_PARTS:
        return None
    try:
        header = unpacked(parts[0])
    except ValueError:
        return None
    if header.get("kid") not in [json.loads(key)["kid"] for key in keys]:
        return None
    return Decrypted(str(unpacked(parts[3])["content"]), str(header["alg"]), str(header["enc"]))


def digest(*parts: str) -> str:
    """A short digest of texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def part(value: Mapping[str, JsonValue]) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value, sort_keys=True).encode()).decode().rstrip("=")


def unpacked(text: str) -> dict[str, JsonValue]:
    """What is in such a part."""
    value: dict[str, JsonValue] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return value


def _signed(header: Mapping[str, JsonValue], claims: Mapping[str, JsonValue], key: str) -> str:
    content = f"{part(header)}.{part(dict(claims))}"
    return f"{content}.{digest(key, content)}"
