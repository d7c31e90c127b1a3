"""OAuth 2.0 Token Exchange (RFC 8693): kinds of tokens, and who acts for whom."""

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from hexkeep.core.oidc.errors import InvalidRequest

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"
JWT = "urn:ietf:params:oauth:token-type:jwt"
"""Section 3. Of tokens that we issue, a JWT is an access token."""
USER_ID = "urn:hexkeep:token-type:user-id"
"""Ours: no token but the id of a user whom the actor impersonates."""
NO_SCHEME = "N_A"
"""Section 2.2.1: the ``token_type`` of what is no access token."""
AUDIENCE = "audience"
ACT, MAY_ACT = "act", "may_act"
"""Sections 4.1 and 4.4."""
MAX_ACTORS = 5
"""How long a chain of actors gets, so that services calling each other in a circle come to an end."""


def accept_type(token_type: str, *known: str) -> str:
    """Section 2.2.2: the kind of token if it is ``known``; raises ``InvalidRequest``."""
    if token_type not in known:
        raise InvalidRequest("This kind of token is not exchanged here")
    return token_type


def joined(params: Mapping[str, str], audiences: Iterable[str]) -> dict[str, str]:
    """Section 2.1: the parameters of a request with all values of ``audience``, as a list like that of scopes."""
    return {**params, AUDIENCE: " ".join(audiences)} if any(audiences) else dict(params)


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
