"""What protocol decisions ask for besides the kernel's asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from hexkeep.core.kernel.ask import Ask, KeyPair


@dataclass(frozen=True, slots=True)
class TokenClaims(Ask[Mapping[str, JsonValue]]):
    """What plugins add to the tokens and the userinfo of a subject; an empty mapping when there is none.

    ``user_id`` is empty when a client acts for itself. Claims with a meaning of their own in OAuth, OpenID Connect or
    Hexkeep cannot be set this way; they are dropped (``hexkeep.core.oidc.claims``).
    """

    user_id: str
    client_id: str
    scopes: tuple[str, ...]
    token: str = "access_token"
    """Where they are told: ``access_token``, ``id_token`` or ``userinfo``."""
    grant_type: str = ""
    organization_id: str = ""
    project_id: str = ""
    metadata: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """The user's metadata, of those values that are text; empty where no plugin takes it (``EnricherArguments``)."""


@dataclass(frozen=True, slots=True)
class EnricherArguments(Ask[frozenset[str]]):
    """Which arguments plugins' token enrichers take. What none of them wants to know is not read for them."""


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


# --- keys and secrets of others, and encryption ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VerifySecretJwt(Ask[Mapping[str, JsonValue] | None]):
    """The claims of a compact JWS whose MAC was made with a client's ``secret``, or ``None``.

    ``algorithms`` are among HS256, HS384 and HS512. A secret must be as long as the MAC (RFC 7518 section 3.2): that
    of a client, and never a key that is published. Times, issuer and audience are the asker's business.
    """

    token: str = field(repr=False)
    secret: str = field(repr=False)
    algorithms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewEncryptionKey(Ask[KeyPair]):
    """A fresh key pair that others encrypt to, for RSA-OAEP-256 or ECDH-ES (RFC 7518 section 4)."""

    algorithm: str


@dataclass(frozen=True, slots=True)
class EncryptJwt(Ask[str | None]):
    """``content`` as a compact JWE (RFC 7516) for the owner of ``key``, a public JWK.

    ``content_type`` becomes ``cty``: ``JWT`` for a nested JWT (RFC 7519 section 5.2), empty for none. ``None`` when the
    key is not for that ``algorithm``.
    """

    key: Mapping[str, JsonValue]
    algorithm: str
    encryption: str
    content: str = field(repr=False)
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Decrypted:
    """The text that was in a JWE, and by which algorithms (``alg``, ``enc``) it was encrypted."""

    content: str = field(repr=False)
    algorithm: str
    encryption: str


@dataclass(frozen=True, slots=True)
class DecryptJwt(Ask[Decrypted | None]):
    """What is in a compact JWE that one of ``keys`` (private JWKs as JSON texts) decrypts, or ``None``."""

    token: str = field(repr=False)
    keys: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClientJwks(Ask[tuple[Mapping[str, JsonValue], ...]]):
    """The public keys at a client's ``jwks_uri``: as they were minutes ago or, if ``fresh``, fetched anew.

    Anew at most once a minute, so that nobody makes us knock at somebody's door by inventing names of keys. Empty when
    nothing fit to read was ever found there.
    """

    lasting = False

    uri: str
    fresh: bool = False
