"""The event store: the one source of truth. It knows no nouns and sees opaque bytes.

What an adapter guarantees
--------------------------
1.  An append unit belongs to one instance and one log and is applied wholly or not at all.
2.  The versions of a stream are 1, 2, 3 …; a stale expected version yields ``VersionConflict``, never a driver error.
3.  Positions are per (instance, log), contiguous from 1, in commit order; ``created_at`` never goes backwards. Position
    n+1 is never visible before n, so a reader's cursor is one integer and nothing can be skipped.
4.  Unique keys change in the same transaction. A taken key yields ``AlreadyExists(kind)``.
5.  The id of an applied unit is kept for at least a day: the unit is not applied again, its first outcome is
    returned. A unit that was refused is not remembered and may come again under its id.
6.  Outcomes are per unit: in one call some units may be appended while others conflict.
7.  When a connection is lost at COMMIT the adapter finds out by unit id, it never guesses. ``StorageUnavailable`` from
    ``append`` therefore means: unknown, call again with the same unit ids.
8.  Rows of the event log are only ever inserted, never changed or deleted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import AlreadyExists, VersionConflict
from hexkeep.core.kernel.event import Log
from hexkeep.ports.adapter import Adapter

FIRST_EPOCH = 1


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event on its way in. ``payload`` is kept byte for byte; ``digest`` is 32 bytes made by the engine's codec."""

    type: str
    revision: int
    payload: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class StreamAppend:
    """Events to add to one stream that stands at ``expected_version`` (0: it does not exist yet).

    Without events it is a guard: the unit is applied only if the stream stands at that version.
    """

    stream: Ref
    expected_version: int
    events: tuple[NewEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyClaim:
    """``owner`` takes the unique key (``kind``, ``hash``) of the instance, which must be free or already its own."""

    kind: str
    hash: bytes
    owner: Ref


@dataclass(frozen=True, slots=True)
class KeyRelease:
    """``owner`` gives the unique key back. Nothing happens if it does not hold it."""

    kind: str
    hash: bytes
    owner: Ref


@dataclass(frozen=True, slots=True)
class Unit:
    """What is applied together. Each stream occurs at most once, each unique key at most once in claims and releases.

    Releases take effect before claims, so a key moves from one owner to another by a release and a claim of it.
    """

    unit_id: str
    instance: str
    log: Log
    appends: tuple[StreamAppend, ...]
    claims: tuple[KeyClaim, ...] = ()
    releases: tuple[KeyRelease, ...] = ()
    actor: str = ""
    correlation_id: str = ""
    client: bytes = b""
    """API, address and user agent, sealed by the engine."""


@dataclass(frozen=True, slots=True)
class Appended:
    """A unit that is in the log, now or from an earlier call with the same id. Positions are inclusive.

    A unit without any event has ``first = last + 1`` and ``last`` the head it was checked against.
    """

    first: int
    last: int
    epoch: int
    created_at: datetime


Outcome = Appended | VersionConflict | AlreadyExists
"""Errors are returned, not raised: one loser must not spoil the batch."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it lies in the log."""

    position: int
    stream: Ref
    version: int
    type: str
    revision: int
    payload: bytes
    digest: bytes
    actor: str
    correlation_id: str
    client: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """Where a log ends: ``position`` of its newest event (0: empty) in ``epoch``."""

    instance: str
    log: Log
    position: int
    epoch: int


@runtime_checkable
class SoleWriter(Protocol):
    """An optional ability: no other process can append while this store is open, so what was read stays true."""

    @property
    def sole_writer(self) -> bool:
        """Whether that is so for this store."""


class EventStore(Adapter, Protocol):
    """The port. Every method may be called concurrently; every one may raise ``StorageUnavailable``."""

    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        """Apply each unit or tell why not; one outcome per unit, in their order.

        Units of one call are independent of each other and may be of several instances and logs. The engine never
        puts two units into one call that touch the same stream, unique key or unit id.
        """

    async def read_stream(
        self, instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000
    ) -> list[StoredEvent]:
        """At most ``limit`` events of one stream with a version above ``after``, in order of version."""

    async def read_log(self, instance: str, log: Log, after: int, limit: int) -> list[StoredEvent]:
        """At most ``limit`` events of one log with a position above ``after``, in order of position, without gaps."""

    async def versions(self, instance: str, streams: Sequence[tuple[Log, Ref]]) -> list[int]:
        """The present version of each stream, 0 for those that do not exist; one consistent answer."""

    async def head(self, instance: str, log: Log) -> Head:
        """Where one log ends; position 0 of the first epoch for a log without events."""

    async def heads(self) -> list[Head]:
        """Where every log that has events ends, in no particular order."""

    async def key_owner(self, instance: str, kind: str, key_hash: bytes) -> Ref | None:
        """Who holds a unique key now, or nobody."""
