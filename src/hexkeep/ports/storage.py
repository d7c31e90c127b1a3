"""Storage: the nine ports that one database usually serves together, opened, migrated and closed as one."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, runtime_checkable

from hexkeep.core.kernel.event import Log
from hexkeep.ports.adapter import Adapter
from hexkeep.ports.blobs import Blobs
from hexkeep.ports.event_store import EventStore, Head, KeyChange, StoredEvent
from hexkeep.ports.expiring import Expiring
from hexkeep.ports.keys import Keys
from hexkeep.ports.locks import Locks
from hexkeep.ports.pubsub import PubSub
from hexkeep.ports.seals import Seal, Seals
from hexkeep.ports.snapshots import Snapshots
from hexkeep.ports.views import Views


class Storage(Adapter, Protocol):
    """The port. The parts share the storage's connections and are open exactly while it is."""

    @property
    def events(self) -> EventStore:
        """The log."""

    @property
    def views(self) -> Views:
        """The tables that projections fill."""

    @property
    def pubsub(self) -> PubSub:
        """Hints between the nodes on this storage."""

    @property
    def locks(self) -> Locks:
        """Leases on the storage's clock."""

    @property
    def expiring(self) -> Expiring:
        """Short-lived shared state."""

    @property
    def keys(self) -> Keys:
        """Wrapped data keys."""

    @property
    def seals(self) -> Seals:
        """Signed statements over the log."""

    @property
    def snapshots(self) -> Snapshots:
        """States of aggregates with long streams."""

    @property
    def blobs(self) -> Blobs:
        """Opaque bytes, such as pictures."""

    async def migrate(self) -> list[str]:
        """Bring the schema to this program's version, on its own connection, as the owner of the schema.

        Returns the names of the migrations that ran, none when it was current. Safe to run beside serving nodes of
        the previous version, and from several processes at once. May be called before ``open``.
        """


@runtime_checkable
class ReadOnlyStorage(Protocol):
    """An optional ability: a storage that belongs to one process at a time lets others look at it meanwhile."""

    async def open_for_reading(self) -> None:
        """Like ``open``, but beside the process that writes, and without a change to anything.

        Every method that writes then raises ``FailedPrecondition``. Raises ``StorageUnavailable`` where nothing has
        been set up yet, or where the schema is another than this program's.
        """


class Loader(Protocol):
    """Writes history as it was: for a restore and an import. Nobody may be serving the instance meanwhile.

    What was loaded stays when the work is broken off; ``wipe`` and a new beginning make that good.
    """

    async def wipe(self, instance: str) -> None:
        """Remove everything of an instance; nothing happens when there is nothing.

        That is logs, heads, unique keys and their changes, unit ids, seals, snapshots, blobs, the rows, checkpoints and
        parked aggregates of every build, short-lived state and wrapped data keys.
        """

    async def begin(self, head: Head) -> None:
        """Begin a log that has no events: its epoch and horizon. Raises ``FailedPrecondition`` when it has some.

        ``head.position`` does not count: events follow on the horizon, or on nothing.
        """

    async def load(self, instance: str, log: Log, events: Sequence[StoredEvent]) -> None:
        """Add events as they are, time and position included, in one transaction.

        Raises ``FailedPrecondition``, with nothing added, unless they follow on the log's head without a gap.
        """

    async def load_key_changes(self, instance: str, log: Log, changes: Sequence[KeyChange]) -> None:
        """Keep key changes as they are, in their order, and let the unique keys follow."""

    async def load_seals(self, seals: Sequence[Seal]) -> None:
        """Keep seals as they are."""


@runtime_checkable
class Loading(Protocol):
    """An optional ability: a storage that can be restored to."""

    def loader(self) -> AbstractAsyncContextManager[Loader]:
        """Work as the owner of the schema, on an open storage."""
