"""What happens to a machine user's key."""

from datetime import datetime

from pydantic import JsonValue

from hexkeep.core.kernel.event import Event


class MachineKeyCreated(Event):
    """A machine user has a key more. ``public`` is its public JWK with ``alg``; the private part is nowhere here."""

    type = "machine_key.created"

    user_id: str
    organization_id: str
    public: dict[str, JsonValue]
    expires_at: datetime


class MachineKeyDeleted(Event):
    """Nothing that the key has signed holds any more."""

    type = "machine_key.deleted"
