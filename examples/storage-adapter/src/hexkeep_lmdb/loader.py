"""Loading history, for restores and imports."""

from collections.abc import Sequence
from dataclasses import replace

from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Head, KeyChange, StoredEvent
from hexkeep.ports.seals import Seal
from hexkeep_lmdb.database import Database, Transaction
from hexkeep_lmdb.event_store import LogHead, change_key, forget_units, head_of, put_event, put_head
from hexkeep_lmdb.seals import put_seal

OF_INSTANCE = (
    *("head", "event", "stream", "owner", "held", "change", "row", "checkpoint", "parked"),
    *("expiring", "key", "seal", "sealed", "snapshot", "blob", "bytes"),
)
"""What has the instance behind its kind."""


class LmdbLoader:
    """See ``storage.Loader``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def wipe(self, instance: str) -> None:
        """See the port. All in one transaction."""

        def wipe(at: Transaction) -> None:
            for kind in OF_INSTANCE:
                at.remove([key for key, _ in at.scan(kind, instance)])
            forget_units(at, instance)

        await self._database.write(wipe)

    async def begin(self, head: Head) -> None:
        """See the port."""

        def begin(at: Transaction) -> None:
            if head_of(at, head.instance, head.log).head.position:
                raise FailedPrecondition("The log has events")
            begun = replace(head, position=head.horizon)
            put_head(at, LogHead(begun, head.horizon_at, head.horizon))

        await self._database.write(begin)

    async def load(self, instance: str, log: Log, events: Sequence[StoredEvent]) -> None:
        """See the port."""

        def load(at: Transaction) -> None:
            found = head_of(at, instance, log)
            position = found.head.position
            if [event.position for event in events] != [*range(position + 1, position + 1 + len(events))]:
                raise FailedPrecondition("These events do not follow on the log's head")
            for event in events:
                put_event(at, instance, log, event)
            if events:
                head = replace(found.head, position=events[-1].position)
                put_head(at, replace(found, head=head, created_at=events[-1].created_at))

        await self._database.write(load)

    async def load_key_changes(self, instance: str, log: Log, changes: Sequence[KeyChange]) -> None:
        """See the port."""

        def load(at: Transaction) -> None:
            for change in changes:
                change_key(at, instance, log, change)

        await self._database.write(load)

    async def load_seals(self, seals: Sequence[Seal]) -> None:
        """See the port."""

        def load(at: Transaction) -> None:
            for seal in seals:
                put_seal(at, seal)

        await self._database.write(load)
