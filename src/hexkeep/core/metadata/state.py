"""The metadata of a user, an organization or a project. The aggregate's id is that of what it is kept with."""

from dataclasses import dataclass

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.metadata.events import (
    OrganizationMetadataRemoved,
    OrganizationMetadataSet,
    ProjectMetadataRemoved,
    ProjectMetadataSet,
    UserMetadataRemoved,
    UserMetadataSet,
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """Values (base64) by key, sorted by key. They count as long as what they are kept with exists."""

    entries: tuple[tuple[str, str], ...] = ()

    def value(self, key: str) -> str | None:
        """The value of a key, or ``None``."""
        return dict(self.entries).get(key)

    @property
    def size(self) -> int:
        """How many bytes all values are together, about."""
        return sum(len(value) * 3 // 4 for _, value in self.entries)

    def with_(self, key: str, value: str) -> "Metadata":
        """The same with another value."""
        return Metadata(tuple(sorted({**dict(self.entries), key: value}.items())))

    def without(self, key: str) -> "Metadata":
        """The same without a key."""
        return Metadata(tuple(entry for entry in self.entries if entry[0] != key))


def evolve(state: Metadata, event: Event) -> Metadata:
    """The state after ``event``; an event that says nothing about metadata leaves it as it was."""
    match event:
        case UserMetadataSet() | OrganizationMetadataSet() | ProjectMetadataSet():
            return state.with_(event.key, event.value)
        case UserMetadataRemoved() | OrganizationMetadataRemoved() | ProjectMetadataRemoved():
            return state.without(event.key)
        case _:
            return state


def _of(name: str, *events: type[Event]) -> Aggregate[Metadata]:
    return Aggregate(name=name, log=Log.DURABLE, initial=Metadata(), events=events, evolve=evolve)


USER_METADATA = _of("user_metadata", UserMetadataSet, UserMetadataRemoved)
ORGANIZATION_METADATA = _of("organization_metadata", OrganizationMetadataSet, OrganizationMetadataRemoved)
PROJECT_METADATA = _of("project_metadata", ProjectMetadataSet, ProjectMetadataRemoved)
