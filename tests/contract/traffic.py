"""Writers and a reader on a storage that is treated badly, and what has to be true of it afterwards.

A writer does what the engine does: whatever it is told but an outcome, it comes again with the same unit id.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from hexkeep.core.kernel.errors import HexkeepError, Overloaded, StorageUnavailable
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Appended, KeyClaim, StoredEvent
from hexkeep.ports.storage import Storage
from hexkeep.testing.contract import fresh
from hexkeep.testing.key_changes import all_key_changes, holders
from hexkeep.testing.units import append, key_hash, stream, unit
from tests.waiting import until

WAIT = 0.01


@dataclass
class Traffic:
    """Writers on some storages, each on new streams, two events a unit and a unique key in every other one."""

    storages: Sequence[Storage]
    writers: int = 8
    instance: str = field(default_factory=lambda: fresh("instance"))
    acknowledged: dict[bytes, int] = field(default_factory=dict)
    """The position of each payload whose writer was told that it is in the log."""
    told: Counter[type[HexkeepError]] = field(default_factory=Counter)
    """What writers and reader were told instead of an answer."""
    seen: list[StoredEvent] = field(default_factory=list)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Traffic"]:
        """As long as the block runs; every unit that was begun comes to its outcome."""
        async with asyncio.TaskGroup() as tasks:
            for number in range(self.writers):
                tasks.create_task(self._write(self.storages[number % len(self.storages)], number))
            tasks.create_task(self._tail(self.storages[0]))
            try:
                await self.goes_on()
                yield self
            finally:
                self._ended.set()

    async def goes_on(self, units: int = 40) -> None:
        """Until some more units are acknowledged and read."""
        wanted = len(self.acknowledged) + 2 * units

        async def done() -> bool:
            return len(self.acknowledged) >= wanted and len(self.seen) >= wanted

        await until(done, 60)

    async def _write(self, storage: Storage, writer: int) -> None:
        turn = 0
        while not self._ended.is_set():
            turn += 1
            ref, payloads = stream(), [f"{writer}/{turn}/{part}".encode() for part in "ab"]
            claims = [KeyClaim("kit_name", key_hash(ref.id), ref)] if turn % 2 else []
            wanted = unit(self.instance, append(ref, 0, *payloads), claims=claims)
            outcome = None
            while outcome is None:
                try:
                    (outcome,) = await storage.events.append([wanted])
                except (StorageUnavailable, Overloaded) as error:  # anything else is a failed test
                    self.told[type(error)] += 1
                    await asyncio.sleep(WAIT)
            assert isinstance(outcome, Appended)
            self.acknowledged.update(zip(payloads, range(outcome.first, outcome.last + 1), strict=True))

    async def _tail(self, storage: Storage) -> None:
        while not self._ended.is_set():
            try:
                found = await storage.events.read_log(self.instance, Log.DURABLE, len(self.seen), 100)
            except (StorageUnavailable, Overloaded) as error:
                self.told[type(error)] += 1
                found = []
            assert [one.position for one in found] == list(range(len(self.seen) + 1, len(self.seen) + 1 + len(found)))
            self.seen += found
            await asyncio.sleep(WAIT if not found else 0)

    async def comes_out_whole(self, storage: Storage) -> None:
        """No event lost, none twice, none half; positions without a gap; keys with those who claimed them."""
        log = await whole_log(storage, self.instance)
        assert [event.position for event in log] == list(range(1, len(log) + 1))
        assert self.seen == log[: len(self.seen)]
        times = [event.created_at for event in log]
        assert times == sorted(times)
        assert {event.payload: event.position for event in log} == self.acknowledged
        assert len(log) == len(self.acknowledged)
        claimed = {("kit_name", key_hash(one.stream.id)): one.stream for one in log if _turn(one.payload) % 2}
        assert holders(await all_key_changes(storage.events, self.instance, Log.DURABLE)) == claimed


async def whole_log(storage: Storage, instance: str) -> list[StoredEvent]:
    """The durable log of an instance."""
    log: list[StoredEvent] = []
    while found := await storage.events.read_log(instance, Log.DURABLE, len(log), 1000):
        log += found
    return log


def _turn(payload: bytes) -> int:
    return int(payload.split(b"/")[1])
