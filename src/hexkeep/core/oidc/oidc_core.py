"""OpenID Connect Core 1.0: the parameters it adds to an authorization request, the ID token, the standard claims."""

import base64
import enum
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import JsonValue

from hexkeep.core.oidc.errors import InvalidRequest
from hexkeep.core.oidc.scopes import ADDRESS, EMAIL, PHONE, PROFILE

ID_TOKEN_TYPE = "JWT"
ID_TOKEN_ALGORITHM = "RS256"
"""Section 15.1: the algorithm every provider has to support, and what clients expect that register no other."""

MAX_AGE = re.compile(r"[0-9]{1,9}")
LANGUAGE_TAG = re.compile(r"[A-Za-z0-9-]{1,35}")
MAX_LANGUAGES = 10
MAX_LOGIN_HINT = 200


class Prompt(enum.StrEnum):
    """Section 3.1.2.1, ``prompt``."""

    NONE = "none"
    LOGIN = "login"
    CONSENT = "consent"
    SELECT_ACCOUNT = "select_account"
    CREATE = "create"
    """Initiating User Registration via OpenID Connect 1.0: somebody is to make an account."""


def prompts(text: str) -> tuple[Prompt, ...]:
    """The prompts of a space-delimited list; raises ``InvalidRequest`` for unknown ones and ``none`` beside others."""
    names = tuple(dict.fromkeys(text.split()))
    if not all(name in set(Prompt) for name in names):
        raise InvalidRequest("The prompt is not known")
    if Prompt.NONE in names and len(names) > 1:
        raise InvalidRequest("The prompt none excludes all others")
    return tuple(Prompt(name) for name in names)


def max_age(text: str) -> int | None:
    """Section 3.1.2.1: the greatest age, in seconds, of the last sign-in; raises ``InvalidRequest``."""
    if not text:
        return None
    if not MAX_AGE.fullmatch(text):
        raise InvalidRequest("The max_age is not a number of seconds")
    return int(text)


def languages(text: str) -> tuple[str, ...]:
    """Section 3.1.2.1, ``ui_locales``: what looks like a language tag; the rest is ignored, as the section demands."""
    return tuple(tag for tag in text.split() if LANGUAGE_TAG.fullmatch(tag))[:MAX_LANGUAGES]


def login_hint(text: str) -> str:
    """Section 3.1.2.1: a hint fit to stand in a form field, or empty."""
    return text if text.isprintable() and len(text) <= MAX_LOGIN_HINT else ""


def half_hash(text: str, algorithm: str) -> str:
    """Sections 3.1.3.6 and 3.3.2.11: left half of the digest that goes with the ID token's algorithm.

    RFC 8032 has SHA-512 within Ed25519; the others name their digest.
    """
    name = f"sha{algorithm[-3:]}" if algorithm[-3:] in {"256", "384", "512"} else "sha512"
    digest = hashlib.new(name, text.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Beside:
    """What an ID token comes with and is bound to by hashes; empty where there is none.

    The ``state`` is hashed in the authorization response alone (Financial-grade API 1.0 part 2, section 5.1).
    """

    access_token: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    state: str = field(default="", repr=False)

    def hashes(self, algorithm: str) -> dict[str, JsonValue]:
        """Sections 3.2.2.10 and 3.3.2.11."""
        beside = {"at_hash": self.access_token, "c_hash": self.code, "s_hash": self.state}
        return {name: half_hash(text, algorithm) for name, text in beside.items() if text}


@dataclass(frozen=True, slots=True)
class Authentication:
    """How and when a person signed in, for which client. ``at`` is in seconds since the epoch."""

    subject: str
    client_id: str
    session_id: str
    at: int
    nonce: str = ""
    methods: tuple[str, ...] = ("pwd",)
    """RFC 8176 section 2."""
    acr: str = ""
    """Section 2: the authentication context class, see ``acr``; empty where nothing is told of it."""


def id_token_claims(
    authentication: Authentication, beside: Mapping[str, JsonValue], issuer: str, now: datetime, lifetime: timedelta
) -> dict[str, JsonValue]:
    """Section 2: the claims of an ID token, with the hashes of what it comes with.

    There is one audience, so there is no ``azp``.
    """
    issued = int(now.timestamp())
    claims: dict[str, JsonValue] = {
        "iss": issuer,
        "sub": authentication.subject,
        "aud": authentication.client_id,
        "iat": issued,
        "exp": issued + int(lifetime.total_seconds()),
        "auth_time": authentication.at,
        "amr": list(authentication.methods),
        "sid": authentication.session_id,
        **beside,
    }
    if authentication.nonce:
        claims["nonce"] = authentication.nonce
    if authentication.acr:
        claims["acr"] = authentication.acr
    return claims


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a user; empty text means not known."""

    name: str = ""
    given_name: str = ""
    family_name: str = ""
    preferred_username: str = ""
    nickname: str = ""
    gender: str = ""
    picture: str = ""
    locale: str = ""
    updated_at: int = 0
    email: str = ""
    email_verified: bool = False
    address: Mapping[str, str] = field(default_factory=dict)
    """Section 5.1.1: of its members those that are known; empty where none is."""
    phone_number: str = ""
    phone_number_verified: bool = False


CLAIMS_OF: Mapping[str, tuple[str, ...]] = {
    PROFILE: (
        *("name", "given_name", "family_name", "preferred_username", "nickname", "gender", "picture", "locale"),
        "updated_at",
    ),
    EMAIL: ("email", "email_verified"),
    ADDRESS: ("address",),
    PHONE: ("phone_number", "phone_number_verified"),
}
"""Section 5.4: the claims that a scope stands for, of those that we know of people."""
VERIFIED = {"email_verified": "email", "phone_number_verified": "phone_number"}
"""What is told of another claim, true or not, as soon as that is known."""


def behind(scopes: Iterable[str]) -> tuple[str, ...]:
    """The standard claims that scopes stand for."""
    return tuple(name for scope in scopes for name in CLAIMS_OF.get(scope, ()))


STANDARD = behind(CLAIMS_OF)


def standard_claims(profile: Profile, names: Collection[str]) -> dict[str, JsonValue]:
    """Section 5.1: those of ``names`` that are standard claims; what is not known is left out (section 5.3.2)."""
    asked = (name for name in STANDARD if name in names)
    return {name: getattr(profile, name) for name in asked if getattr(profile, VERIFIED.get(name, name))}


IN_ID_TOKENS_ALONE = ("exp", "iat", "auth_time")
"""Section 2: times that every ID token of ours tells, and no other JWT of its type."""


@dataclass(frozen=True, slots=True)
class Hint:
    """An ID token of ours that came back as ``id_token_hint``; it may have expired."""

    subject: str
    client_id: str
    session_id: str = ""
    claims: Mapping[str, JsonValue] = field(default_factory=dict, repr=False, compare=False)
    """All that it says."""


def read_hint(claims: Mapping[str, JsonValue], issuer: str) -> Hint | None:
    """Section 3.1.2.1: the hint behind *verified* claims of an ID token, or ``None`` when it is not ours.

    Signed userinfo has the same type, issuer and audience, and is none (RFC 8725 section 3.12).
    """
    subject, audience, session = claims.get("sub"), claims.get("aud"), claims.get("sid", "")
    if claims.get("iss") != issuer or not (isinstance(subject, str) and isinstance(audience, str)):
        return None
    if not all(isinstance(claims.get(name), int) for name in IN_ID_TOKENS_ALONE):
        return None
    return Hint(subject, audience, session if isinstance(session, str) else "", claims)
