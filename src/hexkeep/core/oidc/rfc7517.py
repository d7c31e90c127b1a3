"""JSON Web Keys (RFC 7517): which sets of public keys may be registered, told by their form alone."""

import json
import re
from collections.abc import Mapping

from pydantic import JsonValue

from hexkeep.core.kernel.errors import InvalidInput, Violation

MAX_SET = 50
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""RFC 7518 sections 6.2.2, 6.3.2 and 6.4: members of private and of symmetric keys."""
BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
COORDINATES: Mapping[tuple[str, str], tuple[int, tuple[str, ...]]] = {
    ("EC", "P-256"): (43, ("x", "y")),
    ("EC", "P-384"): (64, ("x", "y")),
    ("EC", "P-521"): (88, ("x", "y")),
    ("OKP", "Ed25519"): (43, ("x",)),
    ("OKP", "X25519"): (43, ("x",)),
}
"""How long the numbers of a key are, in base64url (RFC 7518 section 6.2.1, RFC 8037 section 2)."""
MODULUS = range(342, 1367)
"""The same for RSA: from 2048 bits (RFC 7518 section 3.3) to 8192, beyond which verifying becomes a burden."""

Jwk = Mapping[str, JsonValue]


def public_keys(text: str, field: str) -> tuple[Jwk, ...]:
    """The keys of a JWK set in JSON; raises ``InvalidInput`` with a violation of ``field`` for each that is unfit.

    All of them have to be public keys of a known kind: a private one among them is lost to whoever can read it here.
    """
    try:
        document: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or not 0 < len(keys) <= MAX_SET:
        raise InvalidInput("", Violation(field, f"must be a JWK set in JSON, with 1 to {MAX_SET} keys"))
    problems = [(number, problem_of(key)) for number, key in enumerate(keys)]
    wrong = [Violation(f"{field}.keys.{number}", problem) for number, problem in problems if problem]
    if wrong:
        raise InvalidInput("A key cannot be registered", *wrong)
    return tuple(key for key in keys if isinstance(key, dict))


def problem_of(key: JsonValue) -> str:
    """What is wrong with a JWK that is to be a public key; empty when nothing is."""
    if not isinstance(key, dict):
        return "must be an object"
    if PRIVATE & key.keys() or key.get("kty") == "oct":
        return "must be a public key, without its private part"
    if not all(isinstance(key.get(name, ""), str) for name in ("kid", "alg", "use")):
        return "must have texts for kid, alg and use"
    if key.get("kty") == "RSA":
        return "" if _rsa(key) else "must have an RSA modulus of 2048 to 8192 bits, and an exponent"
    size, names = COORDINATES.get((str(key.get("kty")), str(key.get("crv"))), (0, ()))
    if not names:
        return "must be an RSA key, or on P-256, P-384, P-521, Ed25519 or X25519"
    return "" if all(len(_encoded(key, name)) == size for name in names) else "must have all numbers of its curve"


def encrypts(key: Jwk, algorithm: str) -> bool:
    """Whether a key is of the type for a JWE algorithm, and says nothing of itself that keeps it from that use.

    RFC 7518 section 4.1; whether its numbers make a key is not seen here.
    """
    kty = "RSA" if algorithm.startswith("RSA") else "EC"
    return key.get("kty") == kty and key.get("use", "enc") == "enc" and key.get("alg", algorithm) == algorithm


def _rsa(key: Jwk) -> bool:
    return len(_encoded(key, "n").lstrip("A")) in MODULUS and bool(_encoded(key, "e"))


def _encoded(key: Jwk, name: str) -> str:
    value = key.get(name)
    return value if isinstance(value, str) and BASE64URL.fullmatch(value) else ""
