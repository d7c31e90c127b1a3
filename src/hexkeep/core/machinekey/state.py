"""The state of a machine user's key. The aggregate's id is the ``kid`` that the machine names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from pydantic import JsonValue

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.machinekey.events import MachineKeyCreated, MachineKeyDeleted


@dataclass(frozen=True, slots=True)
class MachineKey:
    """A key of one machine user. A deleted one keeps nothing."""

    user_id: str = ""
    organization_id: str = ""
    public: Mapping[str, JsonValue] = field(default_factory=lambda: MappingProxyType({}))
    expires_at: datetime | None = None

    @property
    def exists(self) -> bool:
        """Whether it was created and is not deleted."""
        return self.expires_at is not None

    def active(self, now: datetime) -> bool:
        """Whether what it signs is believed, as far as it depends on itself."""
        return self.expires_at is not None and now < self.expires_at


def _evolve(state: MachineKey, event: Event) -> MachineKey:
    match event:
        case MachineKeyCreated():
            public = MappingProxyType(dict(event.public))
            return MachineKey(event.user_id, event.organization_id, public, event.expires_at)
        case MachineKeyDeleted():
            return MachineKey()
        case _:
            return state


MACHINE_KEY = Aggregate(
    name="machine_key",
    log=Log.DURABLE,
    initial=MachineKey(),
    events=(MachineKeyCreated, MachineKeyDeleted),
    evolve=_evolve,
)
