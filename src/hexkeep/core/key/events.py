"""What happens to an instance's keys, and how they are rotated. Times are ``None`` in events of before."""

from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import Field, JsonValue, model_validator

from hexkeep.core.kernel.event import Event, Sealed
from hexkeep.core.kernel.operation import Message

AHEAD = timedelta(hours=1)
"""Nobody keeps our JWK set for longer than that (see its ``Cache-Control``), so a key is known before it signs."""
KEPT = timedelta(hours=48)
"""No token that is verified by its signature alone holds for longer than a day (``policy.fields.ShortLife``)."""


class KeyRotation(Message):
    """How keys make way for others by themselves."""

    automatic: bool = Field(default=True, description="Whether keys are replaced without anybody's doing.")
    every: timedelta = Field(
        default=timedelta(days=90),
        ge=timedelta(days=1),
        le=timedelta(days=3650),
        description="For how long a key signs.",
    )
    published_ahead: timedelta = Field(
        default=timedelta(days=7),
        ge=AHEAD,
        le=timedelta(days=365),
        description="For how long a key is published before it signs.",
    )
    kept: timedelta = Field(
        default=timedelta(days=7),
        ge=KEPT,
        le=timedelta(days=365),
        description="For how long a key is published when it signs no more.",
    )

    @model_validator(mode="after")
    def _is_ahead(self) -> Self:
        if self.published_ahead >= self.every:
            raise ValueError("published_ahead must be shorter than every")
        return self


class SigningKeyCreated(Event):
    """A key pair was made, for a signature or encryption algorithm; it is published and not yet used.

    ``private`` is the private JWK (RFC 7517) as JSON text.
    """

    type = "signing_key.created"

    key_id: str
    algorithm: str
    private: Annotated[str, Sealed("signing")]
    public: dict[str, JsonValue]
    created_at: datetime | None = None


class SigningKeyActivated(Event):
    """The key is used from now on for whatever asks for its algorithm."""

    type = "signing_key.activated"

    key_id: str
    activated_at: datetime | None = None


class SigningKeyDeactivated(Event):
    """The key is used for nothing new; what it has signed can be verified, what was encrypted to it can be read."""

    type = "signing_key.deactivated"

    key_id: str
    deactivated_at: datetime | None = None


class SigningKeyRemoved(Event):
    """The key is gone, so nothing that it has signed holds."""

    type = "signing_key.removed"

    key_id: str


class KeyRotationSet(Event, KeyRotation):
    """Keys make way for others like this from now on."""

    type = "signing_key.rotation.set"
