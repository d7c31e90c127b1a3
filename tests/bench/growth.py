"""What an append, a read by id, a page of a list and catching up cost in a small log and in one ten times as long.

Each storage is filled twice, through its loader; then rounds on the two alternate, so that both see the same machine.
"""

import random
import statistics
import tempfile
import time
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from hexkeep.adapters.postgres import PostgresSettings, PostgresStorage
from hexkeep.adapters.sqlite import SqliteSettings, SqliteStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import (
    Column,
    ColumnType,
    Compare,
    Comparison,
    Patch,
    Projection,
    Put,
    Row,
    Select,
    Sort,
    Table,
)
from hexkeep.ports.event_store import Appended, NewEvent, Reading, StoredEvent, StreamAppend, Unit
from hexkeep.ports.storage import Loading, Storage
from hexkeep.ports.views import Advance, Build, CheckpointKey
from tests.bench.figures import Figure, at_most_times
from tests.postgres_server import PostgresServer, fresh_database

SIZES = (1_000_000, 10_000_000)
FLAT = 1.5
"""How many times as much anything may cost where the log is ten times as long."""
ROUNDS = 7
PAGE = 5000
EACH = 5
"""Events of one stream on average; a view has a row for each stream."""
INSTANCE = "growth"
BORN = datetime(2026, 1, 1, tzinfo=UTC)
PAYLOAD = b'{"text":"' + b"x" * 218 + b'"}'
DIGEST = bytes(32)
PEOPLE = Table(
    "growth_people",
    (Column("id"), Column("name", search=True), Column("city"), Column("seen", ColumnType.INTEGER)),
    key=("id",),
    indexes=(("city", "name"),),
)
PROJECTION = Projection("growth", 1, Log.DURABLE, (PEOPLE,), (), lambda _: ())
CITIES = 100


class Grown:
    """A storage with a long log. Which streams there are, and how far each is, is known without asking it."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.position = 0
        self.versions = array("I")
        self.chance = random.Random(11)  # noqa: S311 - the same history every time
        self.build: Build | None = None
        self.checkpoint = 0
        self.rows = 0

    def ref(self, number: int) -> Ref:
        """The name of a stream. Names rise with the time at which streams began, as the engine's do."""
        return Ref("person", f"0198{number:08x}-7000-8000-{number * 2654435761 % 2**48:012x}")

    def next(self) -> tuple[int, int]:
        """The stream and the version of an event to come: one of five begins a stream, the rest go to any."""
        if not self.versions or self.chance.random() * EACH < 1:
            self.versions.append(0)
            number = len(self.versions) - 1
        else:
            number = self.chance.randrange(len(self.versions))
        self.versions[number] += 1
        return number, self.versions[number]

    def history(self, count: int) -> list[StoredEvent]:
        """Events that follow."""
        events = []
        for _ in range(count):
            number, version = self.next()
            self.position += 1
            born = BORN + timedelta(milliseconds=self.position)
            named = ("person.changed", 1, PAYLOAD, DIGEST, "growth", "", b"")
            events.append(StoredEvent(self.position, self.ref(number), version, *named, born))
        return events

    def anybody(self) -> int:
        """Any stream that has a row."""
        return self.chance.randrange(self.rows)

    async def fill(self, size: int, told: Callable[[int], None]) -> None:
        """Load events, then put a row for each stream into a view."""
        assert isinstance(self.storage, Loading)
        async with self.storage.loader() as loader:
            while self.position < size:
                await loader.load(INSTANCE, Log.DURABLE, self.history(min(PAGE, size - self.position)))
                told(self.position)
        self.build = await self.storage.views.begin(PROJECTION, "growth")
        for start in range(0, len(self.versions), PAGE):
            numbers = range(start, min(start + PAGE, len(self.versions)))
            await self.advance(tuple(Put(PEOPLE, self.row(number)) for number in numbers))
            self.rows = numbers.stop

    def row(self, number: int) -> Row:
        """Of the view, for a stream."""
        name = f"n{number * 2654435761 % 10**9:09}"
        return {"id": self.ref(number).id, "name": name, "city": f"c{number % CITIES}", "seen": 0}

    async def advance(self, operations: tuple[Put | Patch, ...]) -> None:
        """One batch of a projection."""
        assert self.build is not None
        key = CheckpointKey(PROJECTION.name, self.build.number, INSTANCE, Log.DURABLE)
        before, self.checkpoint = self.checkpoint, self.checkpoint + 1
        assert await self.storage.views.apply(Advance(key, before, self.checkpoint, 1, operations))


# --- what is measured, in microseconds per event, row or call --------------------------------------------------------


async def append(grown: Grown) -> float:
    """Rounds of 32 units, as a busy committer sends them; four of five go to streams from long ago."""
    units, calls = 32, 30
    taken = 0.0
    for _ in range(calls):
        batch: dict[Ref, Unit] = {}
        while len(batch) < units:
            number, version = grown.next()
            ref = grown.ref(number)
            if ref in batch:
                grown.versions[number] -= 1
                continue
            event = NewEvent("person.changed", 1, PAYLOAD, DIGEST)
            name = f"{grown.position:012x}-{number:08x}-{version}"
            batch[ref] = Unit(name, INSTANCE, Log.DURABLE, (StreamAppend(ref, version - 1, (event,)),))
        begin = time.perf_counter()
        outcomes = await grown.storage.events.append([*batch.values()])
        taken += time.perf_counter() - begin
        assert all(isinstance(outcome, Appended) for outcome in outcomes)
        grown.position += units
    return taken / (units * calls) * 1e6


async def read_by_id(grown: Grown) -> float:
    """A row of the view by its key and the stream behind it, of anybody."""
    assert grown.build is not None
    refs = [grown.ref(grown.anybody()) for _ in range(300)]
    begin = time.perf_counter()
    for ref in refs:
        assert await grown.storage.views.get(grown.build.number, INSTANCE, PEOPLE, (ref.id,))
        assert await grown.storage.events.read_stream(INSTANCE, Log.DURABLE, ref)
    return (time.perf_counter() - begin) / len(refs) * 1e6


async def list_page(grown: Grown) -> float:
    """A page of 100 rows from anywhere in a list that is filtered and sorted by an index."""
    assert grown.build is not None
    queries = [
        Select(
            PEOPLE,
            Compare("city", Comparison.EQ, f"c{grown.chance.randrange(CITIES)}"),
            (Sort("name"),),
            after=(f"n{grown.chance.randrange(10**9):09}", ""),
            limit=100,
        )
        for _ in range(30)
    ]
    begin = time.perf_counter()
    for query in queries:
        await grown.storage.views.select(grown.build.number, INSTANCE, query)
    return (time.perf_counter() - begin) / len(queries) * 1e6


async def catch_up(grown: Grown) -> float:
    """A thousand events from the end of the log are read, and as many rows of anybody change."""
    taken, events = 0.0, 0
    for back in (4000, 3000, 2000):
        begin = time.perf_counter()
        events += len(await grown.storage.events.read_log(INSTANCE, Log.DURABLE, grown.position - back, 1000))
        numbers = {grown.anybody() for _ in range(1000)}
        await grown.advance(tuple(Patch(PEOPLE, (grown.ref(n).id,), {"seen": grown.checkpoint}) for n in numbers))
        taken += time.perf_counter() - begin
    return taken / events * 1e6


async def rebuild(grown: Grown) -> float:
    """Events from anywhere in the log are read in long pages, as a rebuild, a backup and a verification do."""
    events, begin = 0, time.perf_counter()
    for _ in range(5):
        after = grown.chance.randrange(grown.position - 2000)
        events += len(await grown.storage.events.read_log(INSTANCE, Log.DURABLE, after, 2000, Reading.HISTORY))
    return (time.perf_counter() - begin) / events * 1e6


MEASURES: dict[str, Callable[[Grown], Awaitable[float]]] = {
    "append, per event": append,
    "read by id": read_by_id,
    "list of 100 rows": list_page,
    "catch-up, per event": catch_up,
    "reading history, per event": rebuild,
}


# --- storages --------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def on_sqlite() -> AsyncIterator[Storage]:
    """A new file."""
    with tempfile.TemporaryDirectory() as folder:
        storage = SqliteStorage(SqliteSettings(path=Path(folder) / "hexkeep.db"), SystemClock())
        await storage.open()
        yield storage
        await storage.close()


@asynccontextmanager
async def on_postgres(server: PostgresServer) -> AsyncIterator[Storage]:
    """A new database."""
    with fresh_database(server) as database:
        urls = {"url": database.application_url, "owner_url": database.owner_url}
        storage = PostgresStorage(PostgresSettings.model_validate(urls))
        await storage.migrate()
        await storage.open()
        yield storage
        await storage.close()


async def growing(server: PostgresServer, sizes: Sequence[int] = SIZES) -> list[Figure]:
    """Both databases, at each size."""
    figures: list[Figure] = []
    makers: dict[str, Callable[[], AbstractAsyncContextManager[Storage]]] = {
        "SQLite": on_sqlite,
        "PostgreSQL": partial(on_postgres, server),
    }
    for name, make in makers.items():
        async with AsyncExitStack() as stack:
            stores = {size: Grown(await stack.enter_async_context(make())) for size in sizes}
            await fill(name, stores)
            figures += [*_judged(name, stores, await measured(stores))]
    return figures


async def fill(name: str, stores: dict[int, Grown]) -> None:
    """Fill each store, and show how far it is."""
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for size, grown in stores.items():
            task = progress.add_task(f"{name}, loading", total=size)
            await grown.fill(size, partial(_told, progress, task))


def _told(progress: Progress, task: TaskID, done: int) -> None:
    progress.update(task, completed=done)


async def measured(stores: dict[int, Grown]) -> dict[tuple[str, int], float]:
    """The middle of the rounds of each measure on each store; the first round is not counted."""
    found: dict[tuple[str, int], list[float]] = {}
    for turn in range(ROUNDS + 1):
        for measure, work in MEASURES.items():
            for size, grown in stores.items():
                cost = await work(grown)
                if turn:
                    found.setdefault((measure, size), []).append(cost)
    return {place: statistics.median(costs) for place, costs in found.items()}


def _judged(name: str, stores: dict[int, Grown], costs: dict[tuple[str, int], float]) -> Iterator[Figure]:
    few, many = min(stores), max(stores)
    for measure in MEASURES:
        title = f"{measure}, {name}, {many:,} events against {few:,}"
        yield at_most_times(title, costs[measure, many], "us", costs[measure, few], FLAT)
