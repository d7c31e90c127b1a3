"""JSON Web Keys (RFC 7517): made, published and parsed. What a key says of its use and algorithm binds it."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.util import urlsafe_b64decode

from hexkeep.core.kernel.ask import KeyPair
from hexkeep.ports.jose import Jwk

ParsedKey = ECKey | RSAKey | OKPKey
Material = tuple[str, ...]
"""Algorithm, then the public members of a key in the order of its kind: what tells two uses of keys apart."""

RSA_BITS = 2048
RSA_ACCEPTED = range(RSA_BITS, 8192 + 1)
"""Below is forbidden (RFC 7518 section 3.3); above, a stranger's key could make every verification a burden."""
RSA_EXPONENTS = range(3, 2**32 + 2)
"""The exponent of a stranger's key, too, decides how long a verification takes."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Keys of one type (and curve), and what they can do. The first algorithm of each use is the usual one."""

    parse: Callable[[Mapping[str, str | list[str]]], ParsedKey]
    make: Callable[[], ParsedKey]
    members: tuple[str, ...]
    signs: tuple[str, ...] = ()
    encrypts: tuple[str, ...] = ()


def _elliptic(curve: str, algorithm: str) -> Kind:
    """RFC 7518 sections 3.4, 4.6 and 6.2.1."""
    agreement = ("ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW")
    return Kind(
        lambda jwk: ECKey.import_key({**jwk}),
        lambda: ECKey.generate_key(curve),
        ("kty", "crv", "x", "y"),
        (algorithm,),
        agreement,
    )


KINDS: Mapping[tuple[str, str | None], Kind] = {
    ("EC", "P-256"): _elliptic("P-256", "ES256"),
    ("EC", "P-384"): _elliptic("P-384", "ES384"),
    ("EC", "P-521"): _elliptic("P-521", "ES512"),
    # RFC 7518 sections 3.3, 3.5, 4.3 and 6.3.1
    ("RSA", None): Kind(
        lambda jwk: RSAKey.import_key({**jwk}),
        lambda: RSAKey.generate_key(RSA_BITS),
        ("kty", "n", "e"),
        ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
        ("RSA-OAEP-256", "RSA-OAEP"),
    ),
    # RFC 8037 section 2, RFC 9864 section 2.2
    ("OKP", "Ed25519"): Kind(
        lambda jwk: OKPKey.import_key({**jwk}),
        lambda: OKPKey.generate_key("Ed25519"),
        ("kty", "crv", "x"),
        ("Ed25519", "EdDSA"),
    ),
}
SIGNS: Mapping[str, Kind] = {name: kind for kind in KINDS.values() for name in kind.signs}
"""By JWS algorithm."""
ENCRYPTS: Mapping[str, Kind] = {
    "RSA-OAEP-256": KINDS["RSA", None],
    "ECDH-ES": KINDS["EC", "P-256"],
}
"""By the JWE algorithms that key pairs are made for."""
_SAME = {"EdDSA": "Ed25519"}
"""RFC 9864 section 2.2 named anew, by its curve, what RFC 8037 had named."""


def new_key_pair(algorithm: str) -> KeyPair:
    """A fresh key pair; its ``kid`` is its thumbprint (RFC 7638). ``ValueError`` for an algorithm in neither table.

    One for encryption names no ``alg``: it serves all ways of its kind.
    """
    if algorithm in SIGNS:
        return _pair(algorithm, SIGNS[algorithm].make(), {"use": "sig", "alg": algorithm})
    if algorithm in ENCRYPTS:
        return _pair(algorithm, ENCRYPTS[algorithm].make(), {"use": "enc"})
    raise ValueError(f"no keys are made for {algorithm}")


def seeded_key_pair(algorithm: str, seed: bytes) -> KeyPair:
    """The key pair that 32 bytes are; its ``kid`` is its thumbprint. ``ValueError`` for other than ``Ed25519``."""
    if algorithm != "Ed25519":
        raise ValueError(f"no signing keys are made from seeds for {algorithm}")
    raw = OKPKey.binding.from_private_bytes("Ed25519", seed)
    return _pair(algorithm, OKPKey(raw, raw), {"use": "sig", "alg": algorithm})


def _pair(algorithm: str, key: ParsedKey, told: dict[str, str]) -> KeyPair:
    key_id = key.thumbprint()
    public = json.loads(json.dumps({**key.as_dict(private=False), **told, "kid": key_id}))
    return KeyPair(key_id, algorithm, json.dumps({**key.as_dict(private=True), **told, "kid": key_id}), public)


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private JWK: the key, its ``kid``, and its ``alg``, empty where it names none."""

    key: ParsedKey
    id: str
    algorithm: str
    kind: Kind


def signing_key(text: str) -> PrivateKey:
    """The key behind a private JWK that signs; raises ``ValueError`` without quoting any of it."""
    found = _private(text, "sig")
    if found is None or found.algorithm not in found.kind.signs:
        raise ValueError("this is not a private JWK with alg and kid")
    return found


def decryption_key(text: str) -> PrivateKey:
    """The key behind a private JWK that decrypts; raises ``ValueError`` without quoting any of it."""
    found = _private(text, "enc")
    if found is None or not found.kind.encrypts:
        raise ValueError("this is not a private JWK for encryption with kid")
    return found


def _private(text: str, use: str) -> PrivateKey | None:
    try:
        jwk: Jwk = json.loads(text)
        kind, key_id, algorithm = _kind(jwk), jwk.get("kid"), jwk.get("alg", "")
        if kind is None or jwk.get("use", use) != use or not isinstance(key_id, str) or not isinstance(algorithm, str):
            return None
        key = kind.parse({name: member for name, member in jwk.items() if isinstance(member, str)})
    except (AttributeError, JoseError, TypeError, ValueError):
        return None
    return PrivateKey(key, key_id, algorithm, kind) if key.is_private else None


def verifies(jwk: Jwk, algorithm: str) -> Material | None:
    """What a public JWK consists of, or ``None`` if it is not meant for, or cannot, verify with a JWS algorithm.

    A JWK with ``alg`` is for that one alone (RFC 8725 section 3.1), by whichever of its names.
    """
    kind, own = _kind(jwk), jwk.get("alg", algorithm)
    if kind is None or algorithm not in kind.signs or not isinstance(own, str) or not _is_for(jwk, "sig", "verify"):
        return None
    return _material(algorithm, kind, jwk) if _SAME.get(own, own) == _SAME.get(algorithm, algorithm) else None


def encrypts(jwk: Jwk, algorithm: str) -> Material | None:
    """The same for encryption with a JWE algorithm."""
    kind = _kind(jwk)
    if kind is None or algorithm not in kind.encrypts or jwk.get("alg", algorithm) != algorithm:
        return None
    fits = _is_for(jwk, "enc", "encrypt", "wrapKey", "deriveKey", "deriveBits")
    return _material(algorithm, kind, jwk) if fits else None


def _kind(jwk: Jwk) -> Kind | None:
    kty, crv = jwk.get("kty"), jwk.get("crv")
    return KINDS.get((kty, crv)) if isinstance(kty, str) and isinstance(crv, str | None) else None


def _material(algorithm: str, kind: Kind, jwk: Jwk) -> Material | None:
    members = tuple(jwk.get(name) for name in kind.members)
    texts = tuple(member for member in members if isinstance(member, str))
    return (algorithm, *texts) if len(texts) == len(members) else None


def _is_for(jwk: Jwk, use: str, *operations: str) -> bool:
    found = jwk.get("key_ops", list(operations))
    return isinstance(found, list) and any(one in found for one in operations) and jwk.get("use", use) == use


def public_key(material: Material) -> ParsedKey | None:
    """The key, or ``None`` when its numbers make none: a point off the curve, an RSA modulus out of bounds."""
    algorithm, *members = material
    kind = SIGNS.get(algorithm) or next(kind for kind in KINDS.values() if algorithm in kind.encrypts)
    if len(members) != len(kind.members):
        return None
    # A key for agreement may be of any curve: its own members say which.
    jwk = dict(zip(kind.members, members, strict=True))
    kind = KINDS[jwk["kty"], jwk.get("crv")]
    try:
        return kind.parse(jwk) if jwk["kty"] != "RSA" or _bearable(jwk) else None
    except (JoseError, ValueError):
        return None


def _bearable(jwk: Mapping[str, str]) -> bool:
    return _number(jwk["n"]).bit_length() in RSA_ACCEPTED and _number(jwk["e"]) in RSA_EXPONENTS


def _number(text: str) -> int:
    return int.from_bytes(urlsafe_b64decode(text.encode()), "big")


# --- keys that others bring -----------------------------------------------------------------------------------------


def read_public(text: str) -> Jwk | None:
    """The public JWK that a text (JWK or PEM) is, with ``alg``; ``None`` for a private one or one of no use."""
    key = _read(text)
    if key is None or key.is_private:
        return None
    material = _signing_material(_members(text, key))
    if material is None or public_key(material) is None:
        return None
    return dict(zip(SIGNS[material[0]].members, material[1:], strict=True)) | {"alg": material[0], "use": "sig"}


def read_private(text: str) -> str | None:
    """The private JWK that a text (JWK in JSON, or PEM) is, with ``alg`` and its thumbprint as ``kid``, or ``None``."""
    key = _read(text)
    if key is None or not key.is_private:
        return None
    material = _signing_material(_members(text, key))
    if material is None or public_key(material) is None:
        return None
    return _pair(material[0], key, {"use": "sig", "alg": material[0]}).private


def _signing_material(jwk: Jwk) -> Material | None:
    """With its own algorithm, or the usual one of its kind."""
    kind, own = _kind(jwk), jwk.get("alg")
    if kind is None or not kind.signs:
        return None
    return verifies(jwk, own if isinstance(own, str) else kind.signs[0])


def _read(text: str) -> ParsedKey | None:
    """The key behind a JWK or PEM, whatever it is good for. For what is none, libraries raise errors of all kinds."""
    for kind in (ECKey, RSAKey, OKPKey):
        with suppress(Exception):
            key: ParsedKey = kind.import_key(json.loads(text) if text.lstrip().startswith("{") else text)
            return key
    return None


def _members(text: str, key: ParsedKey) -> Jwk:
    """What the key consists of, and what a JWK says that it is for."""
    own: Jwk = json.loads(json.dumps(key.as_dict(private=False)))
    return {**own, **(json.loads(text) if text.lstrip().startswith("{") else {})}
