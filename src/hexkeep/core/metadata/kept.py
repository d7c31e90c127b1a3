"""What is the same for the metadata of users, organizations and projects."""

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound
from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.metadata.messages import (
    MAX_ENTRIES,
    MAX_TOTAL,
    MetadataEntries,
    MetadataEntry,
    MetadataValue,
)
from hexkeep.core.metadata.state import Metadata


@dataclass(frozen=True, slots=True)
class Kept:
    """Metadata of one kind of resource: where it is, and the events that change it, by the resource's id."""

    aggregate: Aggregate[Metadata]
    as_set: Callable[[str, str, str], Event]
    as_removed: Callable[[str, str], Event]

    def set(self, owner_id: str, entries: Iterable[MetadataEntry], ctx: Context) -> Decision[Empty]:
        """Keep values. What is kept already changes nothing; too many or too large are ``FailedPrecondition``."""
        metadata = ctx.load(self.aggregate, owner_id)
        events: list[Event] = []
        for entry in entries:
            value = base64.b64encode(entry.value).decode()
            if metadata.value(entry.key) != value:
                metadata = metadata.with_(entry.key, value)
                events.append(self.as_set(owner_id, entry.key, value))
        if len(metadata.entries) > MAX_ENTRIES:
            raise FailedPrecondition(f"There are {MAX_ENTRIES} keys at most")
        if metadata.size > MAX_TOTAL:
            raise FailedPrecondition("All values together are too large")
        return self._written(owner_id, events)

    def delete(self, owner_id: str, keys: Iterable[str], ctx: Context) -> Decision[Empty]:
        """Remove keys. One that is not there is passed over."""
        metadata, as_removed = ctx.load(self.aggregate, owner_id), self.as_removed
        there = (key for key in dict.fromkeys(keys) if metadata.value(key) is not None)
        return self._written(owner_id, [as_removed(owner_id, key) for key in there])

    def value(self, owner_id: str, key: str, ctx: Context) -> Decision[MetadataValue]:
        """The value of a key; raises ``NotFound``."""
        value = ctx.load(self.aggregate, owner_id).value(key)
        if value is None:
            raise NotFound
        return Decision(_shown(key, value))

    def listed(self, owner_id: str, prefix: str, ctx: Context) -> Decision[MetadataEntries]:
        """All whose keys begin with ``prefix``."""
        entries = ctx.load(self.aggregate, owner_id).entries
        shown = (_shown(key, value) for key, value in entries if key.startswith(prefix))
        return Decision(MetadataEntries(entries=tuple(shown)))

    def _written(self, owner_id: str, events: list[Event]) -> Decision[Empty]:
        return Decision(Empty(), self.aggregate.append(owner_id, *events)) if events else Decision(Empty())


def _shown(key: str, value: str) -> MetadataValue:
    return MetadataValue(key=key, value=base64.b64decode(value))
