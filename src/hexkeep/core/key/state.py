"""The signing keys of an instance: one aggregate, so that there is never more than one active key per algorithm."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from pydantic import JsonValue

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.key.events import SigningKeyActivated, SigningKeyCreated, SigningKeyDeactivated, SigningKeyRemoved

SIGNING_KEYS_ID = "signing-keys"
"""The id of the one aggregate of each instance."""


class Algorithm(enum.StrEnum):
    """JWS algorithms (RFC 7518 section 3.1, RFC 9864) that an instance can sign with."""

    UNSPECIFIED = "unspecified"
    ES256 = "ES256"
    RS256 = "RS256"
    ED25519 = "Ed25519"
    RS384 = "RS384"
    RS512 = "RS512"
    PS256 = "PS256"
    PS384 = "PS384"
    PS512 = "PS512"
    ES384 = "ES384"
    ES512 = "ES512"
    EDDSA = "EdDSA"
    """The former name of Ed25519 (RFC 8037), which many programs know alone."""


class KeyStatus(enum.StrEnum):
    """Where a signing key is in its life. A removed key is not in the state any more."""

    UNSPECIFIED = "unspecified"
    CREATED = "created"
    ACTIVE = "active"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key pair. ``private`` is a secret: its JWK as JSON text. ``public`` is its public JWK, with ``kid``."""

    id: str
    algorithm: str
    status: KeyStatus
    private: str = field(repr=False)
    public: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """All keys of an instance, the oldest first."""

    keys: tuple[SigningKey, ...] = ()

    def get(self, key_id: str) -> SigningKey | None:
        """The key of that id, unless it was removed."""
        return next((key for key in self.keys if key.id == key_id), None)

    def active(self, algorithm: str) -> SigningKey | None:
        """The one key that signs with ``algorithm`` now."""
        return next((key for key in self.keys if key.algorithm == algorithm and key.status is KeyStatus.ACTIVE), None)

    def published(self) -> tuple[Mapping[str, JsonValue], ...]:
        """The public JWKs of every key that signs or has signed: what goes into the JWK set and verifies tokens."""
        return tuple(key.public for key in self.keys if key.status in {KeyStatus.ACTIVE, KeyStatus.INACTIVE})

    def marked(self, key_id: str, status: KeyStatus) -> "SigningKeys":
        """The same keys with one in another status."""
        return SigningKeys(tuple(replace(key, status=status) if key.id == key_id else key for key in self.keys))


def _created(event: SigningKeyCreated) -> SigningKey:
    public = MappingProxyType(dict(event.public))
    return SigningKey(event.key_id, event.algorithm, KeyStatus.CREATED, event.private, public)


def _evolve(state: SigningKeys, event: Event) -> SigningKeys:
    match event:
        case SigningKeyCreated():
            return SigningKeys((*state.keys, _created(event)))
        case SigningKeyActivated(key_id=key_id):
            return state.marked(key_id, KeyStatus.ACTIVE)
        case SigningKeyDeactivated(key_id=key_id):
            return state.marked(key_id, KeyStatus.INACTIVE)
        case SigningKeyRemoved(key_id=key_id):
            return SigningKeys(tuple(key for key in state.keys if key.id != key_id))
        case _:
            return state


SIGNING_KEYS = Aggregate(
    name="signing_keys",
    log=Log.DURABLE,
    initial=SigningKeys(),
    events=(SigningKeyCreated, SigningKeyActivated, SigningKeyDeactivated, SigningKeyRemoved),
    evolve=_evolve,
)
"""One per instance, under ``SIGNING_KEYS_ID``."""
