"""The keys of an instance: one aggregate, so that there is never more than one active key per algorithm."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from pydantic import JsonValue

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.ask import KeyPair, NewSigningKey
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.memo import once_per_value
from hexkeep.core.key.events import (
    KeyRotation,
    KeyRotationSet,
    SigningKeyActivated,
    SigningKeyCreated,
    SigningKeyDeactivated,
    SigningKeyRemoved,
)
from hexkeep.core.oidc.asks import NewEncryptionKey
from hexkeep.core.saml.asks import NewCertifiedKey

SIGNING_KEYS_ID = "signing-keys"
"""The id of the one aggregate of each instance."""


class Algorithm(enum.StrEnum):
    """JWS algorithms (RFC 7518 section 3.1, RFC 9864) that an instance can sign with, and those of its encryption keys.

    A key for RSA-OAEP-256 serves RSA-OAEP as well, one for ECDH-ES all ways of key agreement (RFC 7518 section 4.1).
    """

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
    RSA_OAEP_256 = "RSA-OAEP-256"
    ECDH_ES = "ECDH-ES"
    RSA_SHA256 = "rsa-sha256"
    """Of XML Signature (RFC 9231 section 2.3.2): what is said to service providers of SAML."""


ENCRYPTS = frozenset({Algorithm.RSA_OAEP_256, Algorithm.ECDH_ES})
CERTIFIED = frozenset({Algorithm.RSA_SHA256})
"""Keys that have a certificate and are published in SAML's metadata alone. People tell others of them, one by one."""
SIGNS = tuple(one for one in Algorithm if one is not Algorithm.UNSPECIFIED and one not in ENCRYPTS | CERTIFIED)


class KeyStatus(enum.StrEnum):
    """Where a key is in its life. A removed key is not in the state any more."""

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
    created_at: datetime | None = None
    activated_at: datetime | None = None
    deactivated_at: datetime | None = None

    @property
    def encrypts(self) -> bool:
        """Whether others encrypt to it; otherwise it signs."""
        return self.algorithm in ENCRYPTS

    @property
    def certified(self) -> bool:
        """Whether it is one of SAML's, and none of the JWK set."""
        return self.algorithm in CERTIFIED


@dataclass(frozen=True, slots=True, weakref_slot=True)
class SigningKeys:
    """All keys of an instance, the oldest first, and how they are rotated."""

    keys: tuple[SigningKey, ...] = ()
    rotation: KeyRotation = field(default_factory=KeyRotation)

    def get(self, key_id: str) -> SigningKey | None:
        """The key of that id, unless it was removed."""
        return next((key for key in self.keys if key.id == key_id), None)

    def active(self, algorithm: str) -> SigningKey | None:
        """The one key that is used for ``algorithm`` now."""
        return next((key for key in self.keys if key.algorithm == algorithm and key.status is KeyStatus.ACTIVE), None)

    def published(self) -> tuple[Mapping[str, JsonValue], ...]:
        """The public JWKs in the JWK set: of what signs, has signed or will sign, and of what to encrypt to now."""
        return _published(self)

    def decrypting(self) -> tuple[str, ...]:
        """The private JWKs of keys that others may have encrypted to, as JSON texts. They are secrets."""
        return tuple(key.private for key in self.keys if key.encrypts)

    def changed(self, key_id: str, change: Callable[[SigningKey], SigningKey]) -> "SigningKeys":
        """The same keys with one of them changed."""
        return replace(self, keys=tuple(change(key) if key.id == key_id else key for key in self.keys))


@once_per_value
def _published(state: SigningKeys) -> tuple[Mapping[str, JsonValue], ...]:
    listed = (key for key in state.keys if not key.certified)
    return tuple(key.public for key in listed if not key.encrypts or key.status is KeyStatus.ACTIVE)


def _created(event: SigningKeyCreated) -> SigningKey:
    public = MappingProxyType(dict(event.public))
    return SigningKey(event.key_id, event.algorithm, KeyStatus.CREATED, event.private, public, event.created_at)


def _evolve(state: SigningKeys, event: Event) -> SigningKeys:
    match event:
        case SigningKeyCreated():
            return replace(state, keys=(*state.keys, _created(event)))
        case SigningKeyActivated(key_id=key_id):
            at = event.activated_at
            return state.changed(key_id, lambda key: replace(key, status=KeyStatus.ACTIVE, activated_at=at))
        case SigningKeyDeactivated(key_id=key_id):
            at = event.deactivated_at
            return state.changed(key_id, lambda key: replace(key, status=KeyStatus.INACTIVE, deactivated_at=at))
        case SigningKeyRemoved(key_id=key_id):
            return replace(state, keys=tuple(key for key in state.keys if key.id != key_id))
        case KeyRotationSet():
            return replace(state, rotation=KeyRotation.model_construct(**event.model_dump()))
        case _:
            return state


SIGNING_KEYS = Aggregate(
    name="signing_keys",
    log=Log.DURABLE,
    initial=SigningKeys(),
    events=(SigningKeyCreated, SigningKeyActivated, SigningKeyDeactivated, SigningKeyRemoved, KeyRotationSet),
    evolve=_evolve,
)
"""One per instance, under ``SIGNING_KEYS_ID``."""


def fresh_key(ctx: Context, algorithm: Algorithm) -> KeyPair:
    """A new key pair; once for each algorithm in one decision."""
    if algorithm in CERTIFIED:
        return ctx.ask(NewCertifiedKey(algorithm.value, ctx.now))
    return ctx.ask((NewEncryptionKey if algorithm in ENCRYPTS else NewSigningKey)(algorithm.value))


def created(pair: KeyPair, at: datetime | None = None) -> SigningKeyCreated:
    """The event that records a new key pair."""
    return SigningKeyCreated(
        key_id=pair.key_id,
        algorithm=pair.algorithm,
        private=pair.private,
        public=dict(pair.public),
        created_at=at,
    )


def in_use(ctx: Context, algorithm: Algorithm) -> tuple[Event, Event]:
    """What happens when a key is made and used at once, because none has been needed before."""
    pair = fresh_key(ctx, algorithm)
    return created(pair, ctx.now), SigningKeyActivated(key_id=pair.key_id, activated_at=ctx.now)
