"""OpenID Connect Core 1.0: the parameters it adds to an authorization request, the ID token, the standard claims."""

import base64
import enum
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import JsonValue

from hexkeep.core.oidc.errors import InvalidRequest
from hexkeep.core.oidc.scopes import EMAIL, PROFILE

ID_TOKEN_TYPE = "JWT"
ID_TOKEN_ALGORITHM = "RS256"
"""Section 15.1: the algorithm every provider has to support, and what clients expect that register no other."""

MAX_AGE = re.compile(r"[0-9]{1,9}")
LANGUAGE_TAG = re.compile(r"[A-Za-z0-9-]{1,35}")
MAX_LANGUAGES = 10
MAX_LOGIN_HINT = 200


class Prompt(enum.StrEnum):
    """Section 3.1.2.1, ``prompt``. Nobody can make an account here, so there is no ``create`` (Prompt Create 1.0)."""

    NONE = "none"
    LOGIN = "login"
    CONSENT = "consent"
    SELECT_ACCOUNT = "select_account"


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
    locale: str = ""
    email: str = ""
    email_verified: bool = False


def standard_claims(profile: Profile, scopes: tuple[str, ...]) -> dict[str, JsonValue]:
    """Section 5.4: the claims that scopes ask for; what is not known is left out (section 5.3.2)."""
    claims: dict[str, JsonValue] = {}
    if PROFILE in scopes:
        names = ("name", "given_name", "family_name", "preferred_username", "locale")
        claims |= {name: getattr(profile, name) for name in names if getattr(profile, name)}
    if EMAIL in scopes and profile.email:
        claims |= {"email": profile.email, "email_verified": profile.email_verified}
    return claims


@dataclass(frozen=True, slots=True)
class Hint:
    """An ID token of ours that came back as ``id_token_hint``; it may have expired."""

    subject: str
    client_id: str
    session_id: str = ""
    claims: Mapping[str, JsonValue] = field(default_factory=dict, repr=False, compare=False)
    """All that it says."""


def read_hint(claims: Mapping[str, JsonValue], issuer: str) -> Hint | None:
    """Section 3.1.2.1: the hint behind *verified* claims of an ID token, or ``None`` when it is not ours."""
    subject, audience, session = claims.get("sub"), claims.get("aud"), claims.get("sid", "")
    if claims.get("iss") != issuer or not (isinstance(subject, str) and isinstance(audience, str)):
        return None
    return Hint(subject, audience, session if isinstance(session, str) else "", claims)
