"""OAuth 2.0 Token Exchange (RFC 8693): kinds of tokens, and who acts for whom."""

from collections.abc import Mapping

from pydantic import JsonValue

from hexkeep.core.oidc.errors import InvalidRequest

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
JWT = "urn:ietf:params:oauth:token-type:jwt"
"""Section 3. Of tokens that we issue, a JWT is an access token."""
ACT, MAY_ACT = "act", "may_act"
"""Sections 4.1 and 4.4."""
MAX_ACTORS = 5
"""How long a chain of actors gets, so that services calling each other in a circle come to an end."""


def accept_type(token_type: str) -> None:
    """Section 2.2.2: raises ``InvalidRequest`` for a kind of token that is not exchanged here."""
    if token_type not in {ACCESS_TOKEN, JWT}:
        raise InvalidRequest("Only access tokens are exchanged, for access tokens")


def acting(subject: Mapping[str, JsonValue], actor: str) -> dict[str, JsonValue]:
    """Section 4.1: the ``act`` of a token that ``actor`` uses in place of one with the claims ``subject``.

    Who acted before is nested in it, for the record. Raises ``InvalidRequest`` where ``may_act`` names somebody else
    (section 4.4), or there are too many.
    """
    allowed, before = subject.get(MAY_ACT), subject.get(ACT)
    if MAY_ACT in subject and (not isinstance(allowed, dict) or allowed.get("sub") != actor):
        raise InvalidRequest("The subject token names another actor")
    if _length(before) >= MAX_ACTORS:
        raise InvalidRequest("Too many have acted for each other")
    return {"sub": actor, **({ACT: before} if isinstance(before, dict) else {})}


def _length(act: JsonValue) -> int:
    count = 0
    while isinstance(act, dict):
        count, act = count + 1, act.get(ACT)
    return count
