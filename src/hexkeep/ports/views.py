"""Views: the tables that projections fill. Rows and checkpoint move in one transaction, fenced by the checkpoint.

What an adapter guarantees
--------------------------
1.  ``apply`` runs its operations in order and moves the checkpoint in one transaction, if and only if the checkpoint
    still stands where the caller says. So of two runners one has an effect, whoever holds the lease.
2.  A row of one instance is never visible, changed or removed through another.
3.  What operations and conditions mean is defined by ``hexkeep.core.kernel.rows``.
4.  Pages are stable under inserts: a row that exists before and after is seen exactly once.
5.  A *build* is one filling of a projection's tables. Builds have tables of their own, numbered from 1 within the
    projection, so that a new one fills beside the one that serves and takes its place in one transaction.
6.  At most one build of a projection serves. A number is never used again.
7.  A checkpoint fences its own consumer alone: several consumers may fill tables of one owner, each in a transaction
    with its own place (``CheckpointKey.build`` is then the number of the owner's build).
"""

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Projection, Row, RowOperation, Select, Table, Value
from hexkeep.ports.adapter import Adapter


@dataclass(frozen=True, slots=True)
class CheckpointKey:
    """The place of one build of a projection in one log. Consumers without tables have a build that never changes."""

    projection: str
    build: int
    instance: str
    log: Log


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a build has come. ``epoch`` is the log's epoch that ``position`` counts in."""

    key: CheckpointKey
    position: int
    epoch: int


ParkedPlace = tuple[datetime, int, str, str, str, str]
"""Where a parked aggregate stands on the list: when it was parked, position, instance, log, aggregate type and id."""


@dataclass(frozen=True, slots=True)
class Parked:
    """An aggregate whose events a build could not digest; its later events wait as well."""

    key: CheckpointKey
    aggregate_type: str
    aggregate_id: str
    position: int
    """Of the first event that failed."""
    error: str
    """The class of the failure, without data."""
    attempts: int
    parked_at: datetime

    @property
    def place(self) -> ParkedPlace:
        """Where it stands on the list."""
        named = (self.key.instance, self.key.log.value, self.aggregate_type, self.aggregate_id)
        return self.parked_at, self.position, *named


@dataclass(frozen=True, slots=True)
class Advance:
    """One transaction's worth of a projection's work."""

    key: CheckpointKey
    expected: int
    """The position the checkpoint must stand at; 0 when the projection has never run."""
    position: int
    epoch: int
    operations: tuple[RowOperation, ...]
    park: tuple[Parked, ...] = ()
    unpark: tuple[tuple[str, str], ...] = ()
    """(aggregate type, aggregate id) pairs to take off the list of parked aggregates."""


class BuildState(enum.StrEnum):
    """What a build is for."""

    BUILDING = "building"
    """It is being filled from the beginning of the log."""
    SERVING = "serving"
    """Queries read it."""
    RETIRED = "retired"
    """Another has taken its place. Nodes that do not know that yet may still read it, until it is discarded."""


@dataclass(frozen=True, slots=True)
class Build:
    """One filling of a projection's tables."""

    projection: str
    number: int
    version: int
    """Of the projection that was declared when the build was begun."""
    fingerprint: str
    """Of the tables as they were declared then, made by the engine."""
    state: BuildState
    since: datetime
    """When it came into its state."""


class Views(Adapter, Protocol):
    """The port. Every method may be called concurrently; every one may raise ``StorageUnavailable``.

    A table is named together with the number of a build of its projection. Whoever asks for one of a build that was
    never begun, or was discarded, is told ``StorageUnavailable`` and has to ask for the builds anew.
    """

    async def builds(self) -> list[Build]:
        """Every build of every projection that was not discarded, in order of projection and number."""

    async def begin(self, projection: Projection, fingerprint: str, *, anew: bool = False) -> Build:
        """The build of this version and fingerprint: the one being filled, else the one that serves, else a new one.

        With ``anew`` the one that serves does not count. A new one is ``BUILDING``, with the tables and indexes that
        the projection declares, empty. Callers who begin at once get the same build.
        """

    async def switch(self, build: Build) -> bool:
        """Let a build serve and retire the one that did, in one transaction.

        ``False``, with nothing changed, unless it is ``BUILDING``.
        """

    async def discard(self, build: Build) -> None:
        """Remove a build with its tables, checkpoints and parked aggregates; nothing happens when it is gone.

        Raises ``FailedPrecondition`` for one that serves.
        """

    async def apply(self, advance: Advance) -> bool:
        """Do the work and move the checkpoint; ``False``, with nothing changed, if it stood elsewhere."""

    async def checkpoint(self, key: CheckpointKey) -> Checkpoint:
        """How far one build has come in one log; position 0, epoch 1 when it has never run."""

    async def checkpoints(self, projection: str, build: int) -> list[Checkpoint]:
        """How far one build has come in every log that it has run on."""

    async def parked(
        self,
        projection: str,
        build: int,
        instance: str | None = None,
        after: ParkedPlace | None = None,
        limit: int = 1000,
    ) -> list[Parked]:
        """A page of the parked aggregates of one build, oldest first: in order of ``Parked.place``, behind ``after``.

        An aggregate that is parked from the first page to the last is seen once, whatever others come and go.
        """

    async def get(self, build: int, instance: str, table: Table, key: tuple[Value, ...]) -> Row | None:
        """One row by key."""

    async def select(self, build: int, instance: str, query: Select) -> list[Row]:
        """One page of rows. Raises ``ValueError`` for an unknown column or a sort over a nullable one."""

    async def count(self, build: int, instance: str, query: Select) -> int:
        """How many rows match ``query.where``, whatever its page."""
