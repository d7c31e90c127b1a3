"""Views: the tables that projections fill. Rows and checkpoint move in one transaction, fenced by the checkpoint.

What an adapter guarantees
--------------------------
1.  ``apply`` runs its operations in order and moves the checkpoint in one transaction, if and only if the checkpoint
    still stands where the caller says. So of two runners one has an effect, whoever holds the lease.
2.  A row of one instance is never visible, changed or removed through another.
3.  What operations and conditions mean is defined by ``hexkeep.core.kernel.rows``.
4.  Pages are stable under inserts: a row that exists before and after is seen exactly once.
5.  Tables of different projection versions are different tables; ``ensure`` never touches rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Projection, Row, RowOperation, Select, Table, Value
from hexkeep.ports.adapter import Adapter


@dataclass(frozen=True, slots=True)
class CheckpointKey:
    """A projection version's place in one log."""

    projection: str
    version: int
    instance: str
    log: Log


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a projection version has come. ``epoch`` is the log's epoch that ``position`` counts in."""

    key: CheckpointKey
    position: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Parked:
    """An aggregate whose events a projection version could not digest; its later events wait as well."""

    key: CheckpointKey
    aggregate_type: str
    aggregate_id: str
    position: int
    """Of the first event that failed."""
    error: str
    """The class of the failure, without data."""
    attempts: int
    parked_at: datetime


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


class Views(Adapter, Protocol):
    """The port. Every method may be called concurrently; every one may raise ``StorageUnavailable``.

    A table is named together with its projection's version, so a new version fills its own tables beside the old.
    """

    async def ensure(self, projections: Sequence[Projection]) -> None:
        """Create the tables and indexes that these projections declare and that are not there yet."""

    async def apply(self, advance: Advance) -> bool:
        """Do the work and move the checkpoint; ``False``, with nothing changed, if it stood elsewhere."""

    async def checkpoint(self, key: CheckpointKey) -> Checkpoint:
        """How far one projection version has come in one log; position 0, epoch 1 when it has never run."""

    async def checkpoints(self, projection: str, version: int) -> list[Checkpoint]:
        """How far one projection version has come in every log that it has run on."""

    async def parked(self, projection: str, version: int, instance: str | None = None) -> list[Parked]:
        """The parked aggregates of one projection version, oldest first."""

    async def get(self, version: int, instance: str, table: Table, key: tuple[Value, ...]) -> Row | None:
        """One row by key."""

    async def select(self, version: int, instance: str, query: Select) -> list[Row]:
        """One page of rows. Raises ``ValueError`` for an unknown column or a sort over a nullable one."""

    async def count(self, version: int, instance: str, query: Select) -> int:
        """How many rows match ``query.where``, whatever its page."""
