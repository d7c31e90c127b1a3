"""Builds in real processes: killed in the middle, paused, and of two releases at once."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from hexkeep.ports.views import BuildState
from tests.e2e.note_node import opened
from tests.postgres_server import PostgresServer, fresh_database
from tests.processes import module
from tests.waiting import until

pytestmark = pytest.mark.slow
NOTES = 300
PATIENCE = 30.0
Where = tuple[str, ...]


class Node:
    """A node that runs in a process of its own."""

    def __init__(self, where: Where, release: str, latency: float = 0.0, batch: int = 100) -> None:
        words, pipe = (release, str(latency), str(batch), *where), subprocess.PIPE
        self.process = module("tests.e2e.note_node", *words, stdin=pipe, stdout=pipe, text=True)
        assert self._read() == "running"

    def ask(self, line: str) -> Any:
        """Its answer to one line."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self._read()

    def end(self) -> None:
        """Let it end well."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.communicate(timeout=PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def _read(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())


@contextmanager
def node(where: Where, release: str, latency: float = 0.0, batch: int = 100) -> Iterator[Node]:
    """A node that ends with the block."""
    running = Node(where, release, latency, batch)
    try:
        yield running
    finally:
        running.end()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Where]:
    """A fresh storage, as nodes are told of it."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            yield "sqlite", str(tmp_path / "hexkeep.db")
        else:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            database = stack.enter_context(fresh_database(server))
            yield "postgres", database.owner_url, database.application_url


@pytest.fixture
def shared(postgres_server: PostgresServer) -> Iterator[Where]:
    """A fresh storage that several nodes may share."""
    with fresh_database(postgres_server) as database:
        yield "postgres", database.owner_url, database.application_url


async def place_of(where: Where, build: int) -> int:
    """How far a build has come, past the nodes."""
    async with opened(where[0], where[1:]) as storage:
        return sum(one.position for one in await storage.views.checkpoints("notes", build))


async def serving(where: Where) -> list[int]:
    """Which build serves, past the nodes."""
    async with opened(where[0], where[1:]) as storage:
        found = [one for one in await storage.views.builds() if one.projection == "notes"]
        return [one.number for one in found if one.state is BuildState.SERVING]


async def reaches(node: Node, build: int, position: int) -> None:
    """Wait until a build has come so far."""

    async def there() -> bool:
        return bool(node.ask(f"place {build}") >= position)

    await until(there, PATIENCE)


async def serves(where: Where, build: int) -> None:
    """Wait until a build serves."""

    async def there() -> bool:
        return await serving(where) == [build]

    await until(there, PATIENCE)


async def test_a_build_goes_on_after_its_node_was_killed(where: Where) -> None:
    """What was written with the checkpoint is not read again, what was not is; in the end nothing is missing."""
    with node(where, "first") as old:
        old.ask(f"write {NOTES} note")
    killed = Node(where, "loud", latency=0.02, batch=5)
    assert killed.ask("list 1")[0] == "note 000"  # from the old rows, for only the logic has changed
    await reaches(killed, 2, NOTES // 10)
    killed.kill()
    killed.end()
    place = await place_of(where, 2)
    assert NOTES // 10 <= place < NOTES
    with node(where, "loud") as again:

        async def built() -> bool:
            return bool(again.ask(f"list {PATIENCE}")[0] == "NOTE 000")

        await until(built, PATIENCE)
        assert len(again.ask(f"list {PATIENCE}")) == NOTES
        assert again.ask("from") >= place
        assert again.ask("check") == 0
    assert await serving(where) == [2]


@pytest.mark.postgres
async def test_two_releases_serve_at_once(shared: Where) -> None:
    """The old one lists while the new one builds, which meanwhile answers by id; then both list what either writes."""
    with node(shared, "first") as old:
        ids, _ = old.ask(f"write {NOTES} note")
        with node(shared, "wide", latency=0.02, batch=5) as new:
            assert new.ask("list 0.05") == {"error": "view_building"}
            assert new.ask(f"get {ids[-1]}") == f"note {NOTES - 1:03}"
            _, position = old.ask("write 1 meanwhile")
            assert len(old.ask(f"list 5 {position}")) == NOTES + 1
            assert len(new.ask(f"list {PATIENCE} {position}")) == NOTES + 1
            assert await serving(shared) == [2]
            for writer, word in ((old, "one"), (new, "another")):
                _, position = writer.ask(f"write 1 {word}")
                assert old.ask(f"list 5 {position}") == new.ask(f"list {PATIENCE} {position}")


@pytest.mark.postgres
async def test_a_leader_that_was_paused_in_a_rebuild_does_no_harm(shared: Where) -> None:
    """Another takes over and finishes; what the sleeper still writes when it wakes up is refused."""
    with node(shared, "first") as old:
        old.ask(f"write {NOTES} note")
    with node(shared, "loud", latency=0.02, batch=5) as sleeper:
        await reaches(sleeper, 2, NOTES // 10)
        assert sleeper.ask("leads") == [2]
        sleeper.process.send_signal(signal.SIGSTOP)
        with node(shared, "loud") as other:
            await serves(shared, 2)
            _, position = other.ask("write 1 while-it-slept")
            assert len(other.ask(f"list 5 {position}")) == NOTES + 1
            sleeper.process.send_signal(signal.SIGCONT)
            _, position = sleeper.ask("write 1 awake")
            for one in (other, sleeper):
                titles = one.ask(f"list {PATIENCE} {position}")
                assert (len(titles), titles[0]) == (NOTES + 2, "AWAKE 000")
                assert one.ask("check") == 0
