"""Password hashes that other systems have made: which forms are known, and how costly one may be.

A person who is imported with such a hash signs in with the old password. At that moment it is hashed anew as ours are,
so that no such hash outlives the first sign-in. Nothing new is hashed in any of these ways.

Bounds keep a hash from being a weapon: whoever imports one decides how long each attempt to sign in will take.
"""

import base64
import binascii
import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hexkeep.core.kernel.errors import InvalidInput, Violation

MIN_BCRYPT_COST, MAX_BCRYPT_COST = 4, 14
MAX_ITERATIONS = 2_000_000
MAX_MEMORY_KIB = 262_144
MAX_PASSES = 16
MAX_LANES = 16
MIN_DIGEST_BYTES = 16
BLOCK_BYTES = {"sha1": 20, "sha256": 32, "sha512": 64}
"""All iterations are done anew for each so many bytes of a PBKDF2 digest (RFC 8018 section 5.2)."""
MD5CRYPT_SYMBOLS = "./0-9A-Za-z"


class Scheme(enum.StrEnum):
    """A way to hash passwords that is known here."""

    ARGON2 = "argon2"
    """RFC 9106 in the PHC string format, of any type and cost."""
    BCRYPT = "bcrypt"
    """``$2a$``, ``$2b$`` and ``$2y$``. Looks at the first 72 bytes alone, as whoever made it did."""
    SCRYPT = "scrypt"
    """RFC 7914 as ``$scrypt$ln=…,r=…,p=…$salt$digest``."""
    PBKDF2 = "pbkdf2"
    """RFC 8018 with SHA-1, SHA-256 or SHA-512, as ``$pbkdf2-sha256$…$salt$digest`` or ``pbkdf2_sha256$…``."""
    MD5CRYPT = "md5crypt"
    """``$1$``, of old Unix systems. Hardly a protection: only for moving away from it."""


@dataclass(frozen=True, slots=True)
class ForeignHash:
    """A hash taken apart. ``costs`` are the scheme's numbers; ``variant`` tells kinds of one scheme apart."""

    scheme: Scheme
    text: str = field(repr=False)
    variant: str = ""
    costs: Mapping[str, int] = field(default_factory=dict)
    salt: bytes = field(default=b"", repr=False)
    digest: bytes = field(default=b"", repr=False)


B64 = r"[A-Za-z0-9+/.]+={0,2}"
FORMS: tuple[tuple[Scheme, re.Pattern[str]], ...] = (
    (
        Scheme.ARGON2,
        re.compile(
            r"\$argon2(?P<variant>id|i|d)\$v=(?:16|19)\$m=(?P<memory>\d{1,7}),t=(?P<passes>\d{1,4}),p=(?P<lanes>\d{1,3})"
            rf"\$(?P<salt>{B64})\$(?P<digest>{B64})"
        ),
    ),
    (Scheme.BCRYPT, re.compile(r"\$2(?P<variant>[aby])\$(?P<cost>\d{2})\$[./A-Za-z0-9]{53}")),
    (
        Scheme.SCRYPT,
        re.compile(
            r"\$(?P<variant>scrypt)\$ln=(?P<log_n>\d{1,2}),r=(?P<block>\d{1,3}),p=(?P<lanes>\d{1,3})"
            rf"\$(?P<salt>{B64})\$(?P<digest>{B64})"
        ),
    ),
    (
        Scheme.PBKDF2,
        re.compile(
            rf"\$pbkdf2(?P<variant>-sha256|-sha512|)\$(?P<iterations>\d{{1,7}})\$(?P<salt>{B64})\$(?P<digest>{B64})"
        ),
    ),
    (
        Scheme.PBKDF2,
        re.compile(
            rf"pbkdf2_(?P<variant>sha1|sha256|sha512)\$(?P<iterations>\d{{1,7}})\$(?P<plain>[!-#%-~]{{1,64}})\$(?P<digest>{B64})"
        ),
    ),
    (
        Scheme.MD5CRYPT,
        re.compile(rf"\$(?P<variant>1)\$(?P<plain>[{MD5CRYPT_SYMBOLS}]{{1,8}})\$[{MD5CRYPT_SYMBOLS}]{{22}}"),
    ),
)
NUMBERS = ("memory", "passes", "lanes", "cost", "log_n", "block", "iterations")


def parse(text: str) -> ForeignHash | None:
    """The hash taken apart, or ``None`` when its form is not known or its cost is out of bounds."""
    for scheme, form in FORMS:
        match = form.fullmatch(text)
        found = _taken_apart(scheme, text, match.groupdict()) if match else None
        if found is not None:
            return found if _affordable(found) else None
    return None


def accept_hash(text: str, field_: str = "password_hash") -> str:
    """``text``, if it is a hash that can be verified here; raises ``InvalidInput`` that does not repeat it."""
    if parse(text) is None:
        known = ", ".join(Scheme)
        raise InvalidInput("", Violation(field_, f"must be a hash of a known form and cost: {known}"))
    return text


def _taken_apart(scheme: Scheme, text: str, groups: Mapping[str, str | None]) -> ForeignHash | None:
    costs = {name: int(value) for name in NUMBERS if (value := groups.get(name)) is not None}
    try:
        salt = (groups.get("plain") or "").encode() or _decoded(groups.get("salt"))
        digest = _decoded(groups.get("digest"))
    except (binascii.Error, ValueError):
        return None
    if groups.get("digest") is not None and len(digest) < MIN_DIGEST_BYTES:
        return None
    variant = (groups.get("variant") or "").removeprefix("-") or "sha1"
    if scheme is Scheme.PBKDF2:
        costs["blocks"] = -(-len(digest) // BLOCK_BYTES[variant])
    return ForeignHash(scheme, text, variant, costs, salt, digest)


def _decoded(text: str | None) -> bytes:
    """Base64, with ``.`` for ``+`` and without padding as some write it."""
    plain = (text or "").replace(".", "+").rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def _affordable(found: ForeignHash) -> bool:
    return _BOUNDS[found.scheme](found.costs)


def _scrypt_affordable(costs: Mapping[str, int]) -> bool:
    memory_kib = (1 << min(costs["log_n"], 40)) * costs["block"] // 8
    return costs["log_n"] >= 1 and 1 <= memory_kib <= MAX_MEMORY_KIB and 1 <= costs["lanes"] <= MAX_LANES


def _argon2_affordable(costs: Mapping[str, int]) -> bool:
    lanes = costs["lanes"]
    return (
        1 <= lanes <= MAX_LANES
        and 8 * lanes <= costs["memory"] <= MAX_MEMORY_KIB
        and 1 <= costs["passes"] <= MAX_PASSES
    )


_BOUNDS: Mapping[Scheme, Callable[[Mapping[str, int]], bool]] = {
    Scheme.ARGON2: _argon2_affordable,
    Scheme.BCRYPT: lambda costs: MIN_BCRYPT_COST <= costs["cost"] <= MAX_BCRYPT_COST,
    Scheme.SCRYPT: _scrypt_affordable,
    Scheme.PBKDF2: lambda costs: 1 <= costs["iterations"] * costs["blocks"] <= MAX_ITERATIONS,
    Scheme.MD5CRYPT: lambda _: True,
}
