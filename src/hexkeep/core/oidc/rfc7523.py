"""JWT profile for grants and client authentication (RFC 7523): what an assertion says, and whether it holds.

Our bounds are stricter than the RFC's, as RFC 9700 and the security considerations advise: the audience is one single
string; it holds for an hour at most; and one that has a ``jti`` can be used once.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from hexkeep.core.oidc.rfc7519 import numeric_date

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
"""Section 2.1."""
CLIENT_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""Section 2.2."""
USED = "assertion"
"""The scope in which ids of assertions are claimed: one that was a grant is no client's credential any more."""
LONGEST = timedelta(hours=1)
LEEWAY_SECONDS = 60
"""How far the signer's clock may be from ours: it is not a clock of ours."""
KEY_ID = re.compile(r"[A-Za-z0-9._~-]{1,200}")
CLIENT_ID = re.compile(r"[A-Za-z0-9._~:/%-]{1,500}")
"""Who signs: one of our ids, or the address of a client that is known by a document there."""
JTI = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class Assertion:
    """What somebody said about themselves, signed. ``token_id`` is empty where there is no ``jti``."""

    subject: str
    token_id: str
    expires_at: datetime


def key_id_of(token: str) -> str:
    """The ``kid`` that the *unverified* header names, to find the key by; empty where it names none that can be one."""
    return _unverified(token, 0, "kid")


def issuer_of(token: str) -> str:
    """The ``iss`` of the *unverified* claims, to find the key by; empty where there is none that can be one."""
    return _unverified(token, 1, "iss", CLIENT_ID)


def _unverified(token: str, part: int, member: str, form: re.Pattern[str] = KEY_ID) -> str:
    parts = token.split(".", 2)
    try:
        encoded = parts[part].encode("ascii")
        found: JsonValue = json.loads(base64.urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4)))
    except (IndexError, ValueError, RecursionError):  # errors of base64 are ValueErrors
        return ""
    value = found.get(member) if isinstance(found, dict) else None
    return value if isinstance(value, str) and form.fullmatch(value) else ""


def read(claims: Mapping[str, JsonValue], audience: str, now: datetime) -> Assertion | None:
    """Section 3: the assertion behind *verified* claims, or ``None`` when it is not for ``audience`` or not for now."""
    subject, token_id = claims.get("sub"), claims.get("jti", "")
    if not isinstance(subject, str) or not subject or claims.get("iss") != subject:
        return None
    if not audience or claims.get("aud") != audience:
        return None
    if not isinstance(token_id, str) or not (JTI.fullmatch(token_id) or "jti" not in claims):
        return None
    expires = _expiry(claims, now.timestamp())
    return None if expires is None else Assertion(subject, token_id, datetime.fromtimestamp(expires, UTC))


def _expiry(claims: Mapping[str, JsonValue], now: float) -> float | None:
    """Section 3, points 4 to 6: seconds since the epoch, if it is neither over, nor too far away, nor yet to come."""
    expires, issued, begins = (numeric_date(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None or any(name in claims and numeric_date(claims, name) is None for name in ("iat", "nbf")):
        return None
    if not now < expires <= now + LONGEST.total_seconds() + LEEWAY_SECONDS:
        return None
    return expires if max(issued or now, begins or now) <= now + LEEWAY_SECONDS else None
