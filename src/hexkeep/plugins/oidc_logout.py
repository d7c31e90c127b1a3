"""Logouts that an OpenID provider tells of: by frames, or by itself with logout tokens.

OIDC Front-Channel Logout 1.0 and OIDC Back-Channel Logout 1.0.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar

from pydantic import JsonValue

from hexkeep.core.oidc.logout import LOGOUT_EVENT, LOGOUT_TOKEN_TYPE
from hexkeep.plugins.oauth_client import Claims
from hexkeep.plugins.oidc_flow import LONGEST, MAX_SUBJECT, SKEW, Metadata, OpenIdFlow
from hexkeep.plugins.oidc_session import OpenIdSessions
from hexkeep.ports.idp import IdpMalformed, LogoutThere

TOKEN = "logout_token"
"""Section 2.5: the field of the form that has it, and how reasons begin."""
TYPES = (LOGOUT_TOKEN_TYPE, "")
"""Section 2.4: the type is recommended, and there are providers that call everything a JWT. What else may be taken for
a logout token is told by its claims."""


MIN_SID = 16
"""Characters of a session's name that nobody can guess, as far as that can be told of one."""


class OpenIdFrames(OpenIdFlow):
    """Plays ``FrontChannelLogoutProvider`` as well."""

    FRAMES_NAME_ISSUER: ClassVar[bool] = True
    """Whether its frames say whose they are, as they have to (section 2); the place is one provider's alone anyway."""

    async def session_left(self, parameters: Mapping[str, str]) -> str:
        """OIDC Front-Channel Logout section 2: ``iss`` and ``sid``."""
        found, sid = await self._metadata(), parameters.get("sid", "")
        if ("iss" in parameters or self.FRAMES_NAME_ISSUER) and not self._is_issuer(found, parameters.get("iss")):
            raise IdpMalformed("frame_iss")
        if not MIN_SID <= len(sid) <= MAX_SUBJECT:
            raise IdpMalformed("frame_sid")
        return sid

    def _called(self, claims: Claims) -> Mapping[str, str]:
        """By what the provider names subject and session, where it does."""
        return {"session_name": _name(claims.get("sub")), "session_index": _name(claims.get("sid"))}


class OpenIdLogouts(OpenIdFrames, OpenIdSessions):
    """Plays ``BackChannelLogoutProvider`` as well."""

    async def session_ended(self, form: Mapping[str, str]) -> LogoutThere:
        """Section 2.6: the logout token is ours, is new, and says of whom.

        Its ``jti`` tells whether it has come before. It is signed as ID tokens are, and encrypted, like them, never.
        """
        found = await self._metadata()
        claims = await self._signed_logout(found, form.get(TOKEN, ""))
        if claims is None:
            raise IdpMalformed(f"{TOKEN}_signature")
        self._judge_parties(found, claims, TOKEN)
        if "nonce" in claims:
            raise IdpMalformed(f"{TOKEN}_nonce")  # it is an ID token
        events = claims.get("events")
        if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
            raise IdpMalformed(f"{TOKEN}_events")
        name, index = _named(claims, "sub"), _named(claims, "sid")
        if not name and not index:
            raise IdpMalformed(f"{TOKEN}_sub")
        token_id = _named(claims, "jti")
        if not token_id:
            raise IdpMalformed(f"{TOKEN}_jti")
        return LogoutThere(token_id, _over(claims), name, (index,) if index else ())

    async def _signed_logout(self, found: Metadata, token: str) -> Claims | None:
        """The claims if a key of the provider signed them; its keys are fetched anew once for one that is not known."""
        for fresh in (False, True):
            for type_ in TYPES:
                claims = await self._signed(found, token, type_, fresh=fresh)
                if claims is not None:
                    return claims
        return None


def _named(claims: Claims, name: str) -> str:
    """A claim that is a name if it is there at all; empty where it is not."""
    value = _name(claims.get(name))
    if name in claims and not value:
        raise IdpMalformed(f"{TOKEN}_{name}")
    return value


def _name(value: JsonValue) -> str:
    """What may be a name of a session, as ``Identity`` has them; empty for anything else."""
    return value if isinstance(value, str) and len(value) <= MAX_SUBJECT and value.isprintable() else ""


def _over(claims: Claims) -> datetime:
    """When nobody believes it any more, whatever it says; its times have been judged."""
    issued, expires = float(str(claims["iat"])), float(str(claims["exp"]))
    return datetime.fromtimestamp(min(expires, issued + LONGEST) + SKEW, UTC)
