"""The queue of deliveries on its way into a storage: page by page, and delivered by nobody before all is there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Row, Select
from hexkeep.engine.archive import records
from hexkeep.engine.archive.loading import Loading
from hexkeep.engine.archive.queue import COLUMNS, PAGE, QueueReading
from hexkeep.engine.archive.wrapping import Wrapping
from hexkeep.engine.assembly import Tuning
from hexkeep.ports.event_store import Head
from hexkeep.ports.views import Advance
from hexkeep.testing.faults import FaultyViews
from tests.unit.engine.mail import CHANNEL, QUICK, SLICES, Receiver
from tests.unit.engine.rig import FAST, INSTANCE, memory_storage, ports_of, rig_with
from tests.unit.engine.test_outbox import come_to, node, reloaded, rows, running, write

NOW = datetime(2026, 3, 31, tzinfo=UTC)
PAGES = 5
A_LATE_TOKEN = 2**40
STATES = ("pending", "dead", "delivered")


class Measured(FaultyViews):
    """Views that know what was written to them, and what was asked of them, at once."""

    def __init__(self, storage: MemoryStorage) -> None:
        super().__init__(storage.views)
        self.put = 0
        self.largest = 0

    async def apply(self, advance: Advance) -> bool:
        """See the port."""
        self.largest = max(self.largest, len(advance.operations))
        self.put += len(advance.operations)
        return await super().apply(advance)

    async def select(self, build: int, instance: str, query: Select) -> list[Row]:
        """See the port."""
        found = await super().select(build, instance, query)
        self.largest = max(self.largest, query.limit, len(found))
        return found


def row_of(number: int) -> tuple[str | int | None, ...]:
    """A row as it stands in an archive."""
    cells: dict[str, str | int | None] = dict.fromkeys(COLUMNS, "")
    cells |= dict.fromkeys(("attempts", "claim"), 0) | {"expires_at": None, "ended_at": None}
    cells |= {"created_at": NOW.isoformat(), "due_at": NOW.isoformat(), "max_attempts": 3, "channel": CHANNEL}
    cells |= {"delivery_id": f"{number:06}", "outbox": "notes", "state": STATES[number % len(STATES)]}
    return tuple(cells[name] for name in COLUMNS)


async def test_a_restore_never_has_more_of_the_queue_at_hand_than_a_page() -> None:
    """Each page is in the storage before the next one is read, and none that is asked for later is larger."""
    async with memory_storage() as storage:
        views = Measured(storage)
        rig = rig_with(replace(ports_of(storage), views=views), SLICES, Tuning(rhythm=FAST, pace=QUICK))
        await rig.machinery.prepare()
        views.put = views.largest = 0
        read: list[int] = []

        def archive() -> Iterator[records.Record]:
            names = (INSTANCE,)
            yield records.Header("id", "test", NOW, whole=False, instances=names, masters=(), events=0)
            yield records.LogBegun(Head(INSTANCE, Log.DURABLE, 0, 1))
            for page in range(PAGES):
                read.append(views.put)
                yield records.Deliveries(INSTANCE, COLUMNS, tuple(row_of(page * PAGE + one) for one in range(PAGE)))

        async with storage.loader() as loader:
            post = rig.machinery.post
            loading = Loading(
                loader,
                storage.events,
                storage.keys,
                Wrapping(rig.machinery.masters, rig.machinery.keyring.wrapping),
                hold=post.hold,
            )
            loaded = await loading.run(archive(), adopting=True, replace_present=True)
        assert read == [page * PAGE for page in range(PAGES)]
        await post.loaded(loaded.heads)
        await post.release(INSTANCE)
        assert views.largest == PAGE
        pages = [one async for one in QueueReading(storage.views, ()).records(INSTANCE)]
        found = [cells for page in pages if isinstance(page, records.Deliveries) for cells in page.rows]
        assert found == [row_of(number) for number in range(PAGES * PAGE)]


async def test_what_is_put_by_is_delivered_by_nobody_before_it_is_released() -> None:
    """Its keys come last: who opened a letter earlier would take its person for erased, and bury it."""
    receiver = Receiver()
    async with memory_storage() as storage:
        async with running(storage) as rig:
            await write(rig, "waits", "waits, too")
            await come_to(rig, "pending", "pending")
            kept = await rows(rig)
        await reloaded(storage)
        restoring = node(storage, receiver)
        await restoring.machinery.prepare()
        post = restoring.machinery.post
        await post.hold(INSTANCE, kept)
        await post.tidy()
        assert await post.deliveries.next_due(INSTANCE, [CHANNEL], A_LATE_TOKEN) is None
        assert await post.deliveries.claim(INSTANCE, CHANNEL, A_LATE_TOKEN, 10) == []
        await post.loaded([await storage.events.head(INSTANCE, Log.DURABLE)])
        await post.release(INSTANCE)
        async with running(storage, receiver) as rig:
            await come_to(rig, "delivered", "delivered")
        assert receiver.titles == {"waits": 1, "waits, too": 1}
