"""Storage: the six ports that one database usually serves together, opened, migrated and closed as one."""

from typing import Protocol, runtime_checkable

from hexkeep.ports.adapter import Adapter
from hexkeep.ports.event_store import EventStore
from hexkeep.ports.expiring import Expiring
from hexkeep.ports.keys import Keys
from hexkeep.ports.locks import Locks
from hexkeep.ports.pubsub import PubSub
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
