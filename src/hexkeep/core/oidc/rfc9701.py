"""JWT response for OAuth token introspection (RFC 9701): the answer as something that can be kept and shown."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

TYPE = "token-introspection+jwt"
"""Section 5: the ``typ`` header, so that an answer about a token never passes for a token."""


def claims_of(members: Mapping[str, JsonValue], issuer: str, audience: str, now: datetime) -> dict[str, JsonValue]:
    """Section 5: who says it, to whom, when, and in one claim what.

    ``sub`` and ``exp`` do not stand at the top, as the section advises: it is no token that could be presented.
    """
    return {"iss": issuer, "aud": audience, "iat": int(now.timestamp()), "token_introspection": dict(members)}
