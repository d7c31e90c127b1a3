"""What protocol decisions ask for besides the kernel's asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class SelfSigned:
    """A JWT that names the key that signed it; ``thumbprint`` is that key's (RFC 7638, SHA-256)."""

    thumbprint: str
    algorithm: str
    claims: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class VerifySelfSigned(Ask[SelfSigned | None]):
    """The claims of a compact JWS of type ``type`` that the public key in its header ``jwk`` signed, or ``None``.

    Judged are the signature, ``typ``, ``crit``, that the algorithm is one of ``algorithms`` and fits the key, and that
    nothing private is in it. Who holds the key is nothing that it could tell.
    """

    token: str = field(repr=False)
    type: str
    algorithms: tuple[str, ...]
