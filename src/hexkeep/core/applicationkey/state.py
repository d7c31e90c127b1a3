"""The state of an application's key. The aggregate's id is the ``kid`` that the application names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from pydantic import JsonValue

from hexkeep.core.applicationkey.events import ApplicationKeyCreated, ApplicationKeyDeleted
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log


@dataclass(frozen=True, slots=True)
class ApplicationKey:
    """A key of one application. A deleted one keeps nothing."""

    client_id: str = ""
    organization_id: str = ""
    project_id: str = ""
    public: Mapping[str, JsonValue] = field(default_factory=lambda: MappingProxyType({}))
    expires_at: datetime | None = None

    @property
    def exists(self) -> bool:
        """Whether it was created and is not deleted."""
        return self.expires_at is not None

    def active(self, now: datetime) -> bool:
        """Whether what it signs is believed, as far as it depends on itself."""
        return self.expires_at is not None and now < self.expires_at


def _evolve(state: ApplicationKey, event: Event) -> ApplicationKey:
    match event:
        case ApplicationKeyCreated():
            public = MappingProxyType(dict(event.public))
            return ApplicationKey(event.client_id, event.organization_id, event.project_id, public, event.expires_at)
        case ApplicationKeyDeleted():
            return ApplicationKey()
        case _:
            return state


APPLICATION_KEY = Aggregate(
    name="application_key",
    log=Log.DURABLE,
    initial=ApplicationKey(),
    events=(ApplicationKeyCreated, ApplicationKeyDeleted),
    evolve=_evolve,
)
