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
8.  Rows of the event log are only ever inserted, never changed. They are deleted by ``drop`` alone, from the activity
    log alone, oldest first; the head's ``horizon`` is the last position that was dropped, and moves before the first
    row goes. What lies behind it is ``Archived``, never an answer with something missing.
9.  A unit that changes unique keys has events. What it changes is kept beside the position of its last event, so the
    holders of all keys at any position are the fold of ``key_changes`` up to there.
"""

import enum
from collections.abc import Iterator, Sequence
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
    Positions of two logs have no order between them, so the engine changes keys of one kind in units of one log alone.
    That is why a restore may load the ``key_changes`` of one log behind those of the other.
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
    """Where a log ends: ``position`` of its newest event (0: empty) in ``epoch``; and where it begins.

    ``horizon`` is the position of the last event that was dropped (0: none), ``horizon_at`` the time of that event.
    """

    instance: str
    log: Log
    position: int
    epoch: int
    horizon: int = 0
    horizon_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyChange:
    """What a unit did to a unique key, at ``position`` of the unit's last event.

    ``claimed``: ``owner`` holds the key from here on. Otherwise ``owner`` gave it back, if it held it.
    """

    position: int
    kind: str
    hash: bytes
    owner: Ref
    claimed: bool


def key_changes_of(unit: Unit, position: int) -> Iterator[KeyChange]:
    """What an applied unit is kept as, whose last event has ``position``.

    A key that one gives back and another takes has one change: it is taken.
    """
    claimed = {(key.kind, key.hash) for key in unit.claims}
    for given in unit.releases:
        if (given.kind, given.hash) not in claimed:
            yield KeyChange(position, given.kind, given.hash, given.owner, claimed=False)
    for taken in unit.claims:
        yield KeyChange(position, taken.kind, taken.hash, taken.owner, claimed=True)


class Reading(enum.Enum):
    """How present a read of a log has to be. All are without gaps; an adapter may treat all as ``PRESENT``."""

    PRESENT = "present"
    """Everything that was acknowledged before the call."""
    RECENT = "recent"
    """Possibly as of a fraction of a second ago, so that readers who catch up never hold a writer up."""
    HISTORY = "history"
    """Possibly as of some seconds ago, from wherever that is cheapest: for rebuilds, backups and verification."""


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
        """At most ``limit`` events of one stream with a version above ``after``, in order of version.

        Raises ``Archived`` when version ``after + 1`` was dropped and later ones were not. A stream that was dropped as
        a whole is a stream that does not exist.
        """

    async def read_log(
        self, instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        """At most ``limit`` events of one log with a position above ``after``, in order of position, without gaps.

        Raises ``Archived`` when position ``after + 1`` was dropped.
        """

    async def versions(self, instance: str, streams: Sequence[tuple[Log, Ref]]) -> list[int]:
        """The present version of each stream, 0 for those that do not exist; one consistent answer."""

    async def head(self, instance: str, log: Log) -> Head:
        """Where one log ends; position 0 of the first epoch for a log without events."""

    async def heads(self) -> list[Head]:
        """Where every log that has ever had events ends, in no particular order."""

    async def key_owner(self, instance: str, kind: str, key_hash: bytes) -> Ref | None:
        """Who holds a unique key now, or nobody."""

    async def key_changes(
        self, instance: str, log: Log, after: tuple[int, str, bytes] | None, limit: int
    ) -> list[KeyChange]:
        """A page of one log's key changes in order of (position, kind, hash), beginning behind ``after``."""

    async def forget_keys(self, instance: str, owner: Ref) -> None:
        """Free every unique key that ``owner`` holds, and remove every change of a key of its: for its erasure.

        A key that a unit moved to ``owner`` from another has one change, which tells nothing of the other. Without it
        the fold of ``key_changes`` leaves the key with that other, who does not hold it. So the engine moves no key
        between two owners within a unit: one gives it back, the other claims it in a later one.
        """

    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        """Drop events of an instance's activity log up to and including ``upto``, at most ``limit`` of them.

        The horizon moves to ``upto`` first, at once and durably; the rows go from the oldest on. From then on no answer
        depends on whether a row behind the horizon is still there: a stream that ends behind it does not exist, and who
        begins it anew gives versions from 1 on, which stay when the rest of its old rows goes. Returns how many went; 0
        when none is left, so it is called until then. Raises ``FailedPrecondition`` when ``upto`` is beyond the head.
        """
