"""What happens to an application's key."""

from datetime import datetime

from pydantic import JsonValue

from hexkeep.core.kernel.event import Event


class ApplicationKeyCreated(Event):
    """An application has a key more. ``public`` is its public JWK with ``alg``; the private part is nowhere here."""

    type = "application_key.created"

    client_id: str
    organization_id: str
    project_id: str
    public: dict[str, JsonValue]
    expires_at: datetime


class ApplicationKeyDeleted(Event):
    """Nothing that the key has signed holds any more."""

    type = "application_key.deleted"
