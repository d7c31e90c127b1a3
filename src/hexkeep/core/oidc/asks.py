"""What protocol decisions ask for besides the kernel's asks."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from hexkeep.core.kernel.ask import Ask


@dataclass(frozen=True, slots=True)
class TokenClaims(Ask[Mapping[str, JsonValue]]):
    """What plugins add to the tokens and the userinfo of a subject; an empty mapping when there is none.

    ``user_id`` is empty when a client acts for itself. Claims with a meaning of their own in OAuth, OpenID Connect or
    Hexkeep cannot be set this way; they are dropped (``hexkeep.core.oidc.claims``).
    """

    user_id: str
    client_id: str
    scopes: tuple[str, ...]
