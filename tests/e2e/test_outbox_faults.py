"""Deliveries and processes of real nodes that are killed and put to sleep: nothing is lost, nothing done twice."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hexkeep.adapters.postgres import PostgresSettings, PostgresStorage
from hexkeep.core.delivery.projection import DELIVERIES
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Row, Select
from hexkeep.engine.builds import LEDGER_BUILD
from hexkeep.ports.storage import Storage
from tests.e2e.engine_node import storage_of
from tests.e2e.engine_nodes import PATIENCE, Node, Sink, sink
from tests.postgres_server import PostgresServer, fresh_database
from tests.unit.engine.departures import SIZE
from tests.unit.engine.rig import INSTANCE
from tests.waiting import until

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture
def receiver() -> Iterator[Sink]:
    """Who receives."""
    with sink() as made:
        yield made


@pytest.fixture(params=DATABASES)
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A storage, as nodes are told of it."""
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path / 'hexkeep.db'}"
        return
    async with postgres(request.getfixturevalue("postgres_server")) as named:
        yield named


@asynccontextmanager
async def postgres(server: PostgresServer) -> AsyncIterator[str]:
    """A database with the schema, by the application's role."""
    with fresh_database(server) as database:
        urls = {"url": database.application_url, "owner_url": database.owner_url}
        await PostgresStorage(PostgresSettings.model_validate(urls)).migrate()
        yield f"postgres:{database.application_url}"


async def looked_at(named: str, look: Callable[[Storage], Awaitable[None]]) -> None:
    """Look at a storage that no node holds."""
    opened = storage_of(named)
    await opened.open()
    try:
        await look(opened)
    finally:
        await opened.close()


async def queued(named: str) -> list[Row]:
    """The queue, when no node holds the storage."""
    found: list[Row] = []

    async def look(opened: Storage) -> None:
        found.extend(await opened.views.select(LEDGER_BUILD, INSTANCE, Select(DELIVERIES, limit=1000)))

    await looked_at(named, look)
    return found


async def taken(receiver: Sink, count: int) -> None:
    """Wait until so many things were taken over."""
    await until(lambda: _is(len(receiver.taken) >= count), PATIENCE)


async def _is(condition: object) -> bool:
    return bool(condition)


async def settled(node: Node, receiver: Sink, *, attempts: int) -> None:
    """Wait until a node has had its answers: something written later is taken, and another after it."""
    await until(lambda: _is(len(receiver.attempts) >= attempts), PATIENCE)
    for title in ("later", "last"):
        known = len(receiver.taken)
        node.ask("write", title)
        await taken(receiver, known + 1)


async def test_a_node_that_is_killed_while_it_delivers_costs_an_attempt(storage: str, receiver: Sink) -> None:
    """The next one delivers again under the same key; the receiver, which honours it, takes it once."""
    receiver.gate.clear()
    with Node(storage, receiver.url) as node:
        node.ask("write", "one")
        await until(lambda: _is(receiver.attempts), PATIENCE)
        node.kill()
    receiver.gate.set()
    with Node(storage, receiver.url) as node:
        await settled(node, receiver, attempts=2)
    assert receiver.titles == {"one": 1, "later": 1, "last": 1}
    assert Counter(title for _, title in receiver.attempts)["one"] == 2
    assert len({key for key, title in receiver.attempts if title == "one"}) == 1


async def test_a_node_that_is_killed_before_it_hears_delivers_under_the_same_key(storage: str, receiver: Sink) -> None:
    """Between the delivery and its mark nothing is known for certain, so it is delivered once more, not never."""
    with Node(storage, receiver.url) as node:
        receiver.before_answer = node.kill
        node.ask("write", "one")
        await taken(receiver, 1)
        await until(lambda: _is(node.dead), PATIENCE)
        receiver.before_answer = lambda: None
    with Node(storage, receiver.url) as node:
        await settled(node, receiver, attempts=2)
    assert receiver.titles == {"one": 1, "later": 1, "last": 1}


async def test_what_was_acknowledged_is_delivered_through_any_number_of_kills(storage: str, receiver: Sink) -> None:
    """Each note once, to a receiver that honours the key; none is forgotten, none left in the queue."""
    chance, acknowledged = random.Random(7), set[str]()  # noqa: S311 - a schedule that can be repeated
    for round_ in range(4):
        with Node(storage, receiver.url) as node:
            for number in range(chance.randint(3, 12)):
                title = f"note-{round_}-{number}"
                if node.ask("write", title) == "done":
                    acknowledged.add(title)
            await asyncio.sleep(chance.uniform(0, 0.2))
            node.kill()
    with Node(storage, receiver.url) as node:
        await until(lambda: _is(acknowledged <= receiver.titles.keys()), PATIENCE)
        await until(lambda: _is(node.ask("left") == "0"), PATIENCE)
    assert set(receiver.titles.values()) == {1}


@pytest.mark.postgres
async def test_a_leader_that_slept_marks_nothing(postgres_server: PostgresServer, receiver: Sink) -> None:
    """Its successor delivers under the same key; when it wakes, what it has to say counts no more."""
    async with postgres(postgres_server) as named:
        receiver.gate.clear()
        with Node(named, receiver.url) as one, Node(named, receiver.url) as two:
            await until(lambda: _is("yes" in {one.ask("leading"), two.ask("leading")}), PATIENCE)
            leader, other = (one, two) if one.ask("leading") == "yes" else (two, one)
            leader.ask("write", "one")
            await until(lambda: _is(len(receiver.attempts) == 1), PATIENCE)
            leader.pause()
            await until(lambda: _is(len(receiver.attempts) == 2), PATIENCE)
            assert other.ask("leading") == "yes"
            [row] = await queued(named)
            leader.resume()
            receiver.gate.set()  # both hear that it was taken: the one that slept, and the one that leads
            await taken(receiver, 1)
            await until(lambda: _delivered(named), PATIENCE)
            await until(lambda: _is("no" in {leader.ask("leading"), other.ask("leading")}), PATIENCE)
            [after] = await queued(named)
        assert row["state"] == "pending"
        assert (after["attempts"], after["claim"]) == (2, 0)
        assert len({key for key, _ in receiver.attempts}) == 1
        assert receiver.titles == {"one": 1}


async def _delivered(named: str) -> bool:
    return {row["state"] for row in await queued(named)} == {"delivered"}


@pytest.mark.slow
async def test_a_process_that_is_killed_between_any_two_steps_ends_with_the_same_result(storage: str) -> None:
    """A real node dies before and behind each of its steps; the next one goes on, and every user leaves once."""
    users = SIZE * 2 + 1
    steps = users // SIZE + 2
    with Node(storage, "http://127.0.0.1:9/") as node:
        organization_id = node.ask("organization", "acme", str(users))
    with Node(storage, "http://127.0.0.1:9/", "0", "before") as node:
        node.ask("depart", organization_id)
        await until(lambda: _is(node.dead), PATIENCE)
    for when in ("behind", "before") * steps:
        with Node(storage, "http://127.0.0.1:9/", *(("0", when) if when == "behind" else ("1", when))) as node:
            if await _dies_or_rests(node, organization_id):
                break
    with Node(storage, "http://127.0.0.1:9/") as node:
        await until(lambda: _is(node.ask("standing", organization_id) == "rests"), PATIENCE)
    types = Counter[str]()
    left = Counter[str]()

    async def look(opened: Storage) -> None:
        for one in await opened.events.read_log(INSTANCE, Log.DURABLE, 0, 1000):
            types[one.type] += 1
            left[one.stream.id] += one.type == "user.deactivated"

    await looked_at(storage, look)
    assert sorted((+left).values()) == [1] * users
    assert (types["departure.users_departed"], types["departure.ended"]) == (users // SIZE + 1, 1)


async def _dies_or_rests(node: Node, organization_id: str) -> bool:
    """Whether the process rests; ``False`` when the node has killed itself."""
    while not node.dead:
        if node.ask("standing", organization_id) == "rests":
            return True
    return False
