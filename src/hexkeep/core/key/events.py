"""What happens to an instance's signing keys."""

from typing import Annotated

from pydantic import JsonValue

from hexkeep.core.kernel.event import Event, Sealed


class SigningKeyCreated(Event):
    """A key pair was made; it signs nothing yet. ``private`` is the private JWK (RFC 7517) as JSON text."""

    type = "signing_key.created"

    key_id: str
    algorithm: str
    private: Annotated[str, Sealed("signing")]
    public: dict[str, JsonValue]


class SigningKeyActivated(Event):
    """The key signs from now on whatever asks for its algorithm."""

    type = "signing_key.activated"

    key_id: str


class SigningKeyDeactivated(Event):
    """The key signs nothing any more; what it has signed can still be verified."""

    type = "signing_key.deactivated"

    key_id: str


class SigningKeyRemoved(Event):
    """The key is not published any more, so nothing that it has signed holds."""

    type = "signing_key.removed"

    key_id: str
