"""A node of its own process on a storage: the engine with one release of the notes, told what to do line by line.

``note_node RELEASE LATENCY BATCH sqlite FILE`` or ``… postgres OWNER_URL URL``. Answers each line with one of JSON.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from hexkeep.adapters.postgres import PostgresSettings, PostgresStorage
from hexkeep.adapters.sqlite import SqliteSettings, SqliteStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.engine.assembly import Tuning
from hexkeep.engine.spooler import Rhythm
from hexkeep.ports.api import PositionToken
from hexkeep.ports.storage import Storage
from hexkeep.testing.faults import FaultyEvents, FaultyViews
from tests.unit.engine.notes import NOTES_PROJECTION, SLICE
from tests.unit.engine.releases import LOUD, WIDE, row, titles, written
from tests.unit.engine.rig import Rig, ports_of, rig_with

RELEASES = {"first": NOTES_PROJECTION, "loud": LOUD, "wide": WIDE}
RHYTHM = Rhythm(lease=1.0, look=0.05, longest_pause=0.2)


def storage_of(kind: str, where: Sequence[str]) -> PostgresStorage | SqliteStorage:
    """The storage that the command line names."""
    if kind == "postgres":
        return PostgresStorage(PostgresSettings.model_validate({"owner_url": where[0], "url": where[1]}))
    return SqliteStorage(SqliteSettings(path=Path(where[0])), SystemClock())


@asynccontextmanager
async def opened(kind: str, where: Sequence[str]) -> AsyncIterator[Storage]:
    """The same, open."""
    storage = storage_of(kind, where)
    await storage.migrate()
    await storage.open()
    try:
        yield storage
    finally:
        await storage.close()


class Node:
    """What can be asked of a node."""

    def __init__(self, storage: Storage, release: str, latency: float, batch: int) -> None:
        self.projection = RELEASES[release]
        self.events, self.views = FaultyEvents(storage.events), FaultyViews(storage.views)
        ports = replace(ports_of(storage), events=self.events, views=self.views)
        self.rig: Rig = rig_with(ports, (replace(SLICE, projections=(self.projection,)),), Tuning(rhythm=RHYTHM))
        self.read = FaultyEvents(self.events)  # by the spoolers; sealing and the like read logs as well
        self.rig.machinery.tail._store = self.read  # noqa: SLF001
        self.rig.machinery.tail._batch = self.rig.machinery.tail._big_batch = batch  # noqa: SLF001 - a short log in many
        self.latency = latency

    async def answer(self, line: str) -> object:
        """What one line asks for."""
        word, *rest = line.split()
        machinery = self.rig.machinery
        match word:
            case "write":
                ids, position = await written(self.rig, int(rest[0]), rest[1])
                return [ids, str(position)]
            case "list":
                tokens = [PositionToken.parse(one) for one in rest[1:]]
                return await titles(self.rig, self.projection.tables[0], *tokens, seconds=float(rest[0]))
            case "get":
                found = await row(self.rig, self.projection.tables[0], rest[0])
                return found["title"] if found is not None else None
            case "place":
                return sum(one.position for one in await machinery.ports.views.checkpoints("notes", int(rest[0])))
            case "from":
                return min(self.read.read_from, default=-1)
            case "leads":
                return [one.reader.consumer.build for one in machinery.spoolers.all if one.leading]
            case "check":
                return len(await machinery.maintenance.differences({"notes": self.projection}))
            case _:
                raise ValueError(word)


def say(what: object) -> None:
    """Tell the test, at once."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def main(release: str, latency: str, batch: str, kind: str, *where: str) -> None:
    """Run until the input ends."""
    async with opened(kind, where) as storage:
        node = Node(storage, release, float(latency), int(batch))
        node.views.latency = node.events.latency = node.latency
        await node.rig.machinery.start()
        say("running")
        try:
            while line := await asyncio.to_thread(sys.stdin.readline):
                try:
                    say(await node.answer(line))
                except HexkeepError as error:
                    say({"error": error.code})
        finally:
            await node.rig.machinery.stop()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
