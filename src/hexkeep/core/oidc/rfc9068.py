"""JSON Web Token profile for OAuth 2.0 access tokens (RFC 9068): what is in one, and what is read out of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from hexkeep.core.oidc import rfc7800, rfc9396
from hexkeep.core.oidc.rfc7519 import numeric_date
from hexkeep.core.oidc.rfc7800 import BEARER, Confirmation

TYPE = "at+jwt"
"""Section 2.1: the ``typ`` header, so that no other JWT of ours passes for an access token."""
LEEWAY_SECONDS = 5
"""How far the clock of the node that issued a token may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token's claims. ``family_id`` is the token family it belongs to, empty for a client's own token.

    ``session_id`` and ``auth_time`` (seconds since the epoch) are there when a person signed in for it. ``claims`` are
    all that it says, once it has been read.
    """

    subject: str
    client_id: str
    audience: tuple[str, ...]
    scopes: tuple[str, ...]
    token_id: str
    family_id: str = ""
    session_id: str = ""
    auth_time: int | None = None
    confirmation: Confirmation = BEARER
    authorization_details: str = ""
    """RFC 9396 section 9.1: what the token is good for in detail, JSON or empty."""
    acr: str = ""
    """RFC 9470 section 6: how that person did, empty where it is not known."""
    claims: Mapping[str, JsonValue] = field(default_factory=dict, repr=False, compare=False)

    @property
    def expires_at(self) -> datetime:
        """When a token that has been read expires."""
        return datetime.fromtimestamp(numeric_date(self.claims, "exp") or 0, UTC)

    @property
    def stream(self) -> str:
        """Under which id it is remembered once it is revoked: its family's, or as a family of one its own."""
        return self.family_id or self.token_id


def audience_of(client_id: str, project_id: str, api_issuer: str) -> tuple[str, ...]:
    """Section 3: whom a token is for: the client, the APIs of its project, and our own API if asked for."""
    return tuple(one for one in (client_id, project_id, api_issuer) if one)


def claims_of(token: AccessToken, issuer: str, now: datetime, lifetime: timedelta) -> dict[str, JsonValue]:
    """Section 2.2: the claims of a token issued ``now``. ``jti`` begins with the family, so that it can be revoked."""
    issued = int(now.timestamp())
    claims: dict[str, JsonValue] = {
        "iss": issuer,
        "sub": token.subject,
        "aud": list(token.audience),
        "client_id": token.client_id,
        "scope": " ".join(token.scopes),
        "iat": issued,
        "exp": issued + int(lifetime.total_seconds()),
        "jti": f"{token.family_id}.{token.token_id}" if token.family_id else token.token_id,
    }
    if token.session_id:
        claims["sid"] = token.session_id
    if token.auth_time is not None:
        claims["auth_time"] = token.auth_time
    if token.authorization_details:
        claims[rfc9396.PARAMETER] = list(rfc9396.kept(token.authorization_details))
    if token.acr:
        claims["acr"] = token.acr
    return claims | token.confirmation.claim()


def read(claims: Mapping[str, JsonValue], issuer: str, now: datetime) -> AccessToken | None:
    """Section 4: the token behind *verified* claims, or ``None`` when it is not ours or not valid at ``now``.

    The audience is the caller's business: userinfo is there for every token with ``openid``, our API only for those
    whose audience holds the issuer.
    """
    auth_time = claims.get("auth_time")
    if not issuer or claims.get("iss") != issuer or not _in_time(claims, now.timestamp()):
        return None
    confirmation = rfc7800.read(claims.get(rfc7800.CLAIM))
    if confirmation is None:
        return None
    family_id, dot, token_id = _text(claims, "jti").rpartition(".")
    token = AccessToken(
        subject=_text(claims, "sub"),
        client_id=_text(claims, "client_id"),
        audience=_texts(claims.get("aud")),
        scopes=tuple(_text(claims, "scope").split()),
        token_id=token_id,
        family_id=family_id if dot else "",
        session_id=_text(claims, "sid"),
        auth_time=auth_time if isinstance(auth_time, int) else None,
        confirmation=confirmation,
        acr=_text(claims, "acr"),
        claims=claims,
    )
    return token if token.subject and token.client_id else None


def _in_time(claims: Mapping[str, JsonValue], now: float) -> bool:
    """RFC 7519 sections 4.1.4 to 4.1.6; ``exp`` and ``iat`` are required (section 2.2)."""
    expires, issued, begins = (numeric_date(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None or issued is None or ("nbf" in claims and begins is None):
        return False
    return now < expires and max(issued, begins or issued) <= now + LEEWAY_SECONDS


def _text(claims: Mapping[str, JsonValue], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _texts(value: JsonValue) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
