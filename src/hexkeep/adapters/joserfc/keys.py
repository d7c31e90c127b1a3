"""JSON Web Keys (RFC 7517): made, published and parsed. A key has one algorithm, and the key decides which."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.util import urlsafe_b64decode

from hexkeep.core.kernel.ask import KeyPair
from hexkeep.ports.jose import Jwk

ParsedKey = ECKey | RSAKey | OKPKey
Material = tuple[str, ...]
"""Algorithm, then the public members of a key in the order of ``MEMBERS``: what tells two keys apart."""

RSA_BITS = 2048
RSA_ACCEPTED = range(RSA_BITS, 8192 + 1)
"""Below is forbidden (RFC 7518 section 3.3); above, a stranger's key could make every verification a burden."""
MEMBERS: Mapping[str, tuple[str, ...]] = {
    "ES256": ("kty", "crv", "x", "y"),  # RFC 7518 section 6.2.1
    "RS256": ("kty", "n", "e"),  # RFC 7518 section 6.3.1
    "Ed25519": ("kty", "crv", "x"),  # RFC 8037 section 2, RFC 9864 section 2.2
}
_MADE: Mapping[str, Callable[[], ParsedKey]] = {
    "ES256": lambda: ECKey.generate_key("P-256"),
    "RS256": lambda: RSAKey.generate_key(RSA_BITS),
    "Ed25519": lambda: OKPKey.generate_key("Ed25519"),
}
_ALGORITHM_OF = {("EC", "P-256"): "ES256", ("RSA", None): "RS256", ("OKP", "Ed25519"): "Ed25519"}


def new_key_pair(algorithm: str) -> KeyPair:
    """A fresh key pair; its ``kid`` is its thumbprint (RFC 7638). ``ValueError`` for an algorithm not in the table."""
    if algorithm not in _MADE:
        raise ValueError(f"no signing keys are made for {algorithm}")
    return _pair(algorithm, _MADE[algorithm]())


def seeded_key_pair(algorithm: str, seed: bytes) -> KeyPair:
    """The key pair that 32 bytes are; its ``kid`` is its thumbprint. ``ValueError`` for other than ``Ed25519``."""
    if algorithm != "Ed25519":
        raise ValueError(f"no signing keys are made from seeds for {algorithm}")
    raw = OKPKey.binding.from_private_bytes("Ed25519", seed)
    return _pair(algorithm, OKPKey(raw, raw))


def _pair(algorithm: str, key: ParsedKey) -> KeyPair:
    key_id = key.thumbprint()
    private = json.dumps(key.as_dict(private=True, use="sig", alg=algorithm, kid=key_id))
    public = json.loads(json.dumps(key.as_dict(private=False, use="sig", alg=algorithm, kid=key_id)))
    return KeyPair(key_id, algorithm, private, public)


def private_key(text: str) -> tuple[ParsedKey, str, str]:
    """The key behind a private JWK, its algorithm and its ``kid``; raises ``ValueError`` without quoting any of it."""
    try:
        jwk: Jwk = json.loads(text)
        material = public_material(jwk)
        key, key_id = _imported(material[0], jwk) if material else None, jwk.get("kid")
    except (AttributeError, JoseError, TypeError, ValueError):
        material = key = key_id = None
    if material is None or key is None or not key.is_private or not isinstance(key_id, str):
        raise ValueError("this is not a private JWK with alg and kid")
    return key, material[0], key_id


def public_material(jwk: Jwk) -> Material | None:
    """What a public JWK consists of, or ``None`` if it is not meant for, or cannot be used for, verification.

    A JWK without ``alg`` has the one algorithm of its type and curve (RFC 8725 section 3.1).
    """
    crv = jwk.get("crv")
    algorithm = _ALGORITHM_OF.get((str(jwk.get("kty")), str(crv) if crv is not None else None))
    if algorithm is None or jwk.get("alg", algorithm) != algorithm or not _for_signatures(jwk):
        return None
    members = tuple(jwk.get(name) for name in MEMBERS[algorithm])
    texts = tuple(member for member in members if isinstance(member, str))
    return (algorithm, *texts) if len(texts) == len(members) else None


def read_public(text: str) -> Jwk | None:
    """The public JWK that a text (JWK or PEM) is, with ``alg``; ``None`` for a private one or one of no use."""
    key = _read(text)
    jwk = None if key is None or key.is_private else _members(text, key)
    material = None if jwk is None else public_material(jwk)
    if material is None or public_key(material) is None:
        return None
    return dict(zip(MEMBERS[material[0]], material[1:], strict=True)) | {"alg": material[0], "use": "sig"}


def read_private(text: str) -> str | None:
    """The private JWK that a text (JWK in JSON, or PEM) is, with ``alg`` and its thumbprint as ``kid``, or ``None``."""
    key = _read(text)
    if key is None or not key.is_private:
        return None
    material = public_material(_members(text, key))
    return None if material is None or public_key(material) is None else _pair(material[0], key).private


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


def public_key(material: Material) -> ParsedKey | None:
    """The key, or ``None`` when its numbers make none: a point off the curve, an RSA modulus out of bounds."""
    algorithm, *members = material
    try:
        if algorithm == "RS256" and _bits(members[1]) not in RSA_ACCEPTED:
            return None
        return _imported(algorithm, dict(zip(MEMBERS[algorithm], members, strict=True)))
    except (JoseError, ValueError):
        return None


def _bits(number: str) -> int:
    return int.from_bytes(urlsafe_b64decode(number.encode()), "big").bit_length()


def _for_signatures(jwk: Jwk) -> bool:
    operations = jwk.get("key_ops", ["sign", "verify"])
    usable = isinstance(operations, list) and ("verify" in operations or "sign" in operations)
    return usable and jwk.get("use", "sig") == "sig"


def _imported(algorithm: str, jwk: Jwk) -> ParsedKey:
    members: dict[str, str | list[str]] = {name: member for name, member in jwk.items() if isinstance(member, str)}
    if algorithm == "ES256":
        return ECKey.import_key(members)
    if algorithm == "RS256":
        return RSAKey.import_key(members)
    return OKPKey.import_key(members)
