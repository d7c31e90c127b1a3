"""A process that reads history without end, beside writers: a backup, or a view that is filled anew.

It says when it has begun, and ends when its standard input does. Like the commands it is for, it gives way to others.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from hexkeep.cli.modesty import give_way
from hexkeep.engine.archive.lines import Lines
from hexkeep.engine.archive.writing import Writing
from hexkeep.engine.consumer import Reader
from hexkeep.engine.projector import Projector
from hexkeep.engine.tail import Tail
from tests.bench.storages import on_postgres
from tests.postgres_server import ForeignServer, PostgresDatabase
from tests.unit.engine.notes import NOTES_PROJECTION
from tests.unit.engine.rig import Rig


async def backup(rig: Rig) -> None:
    """Every line of an archive, as it would go to a file."""
    machinery = rig.machinery
    writing, lines = Writing(machinery.ports, machinery.clock, machinery.ids, "bench"), Lines()
    async for record in writing.store(await writing.cut()):
        lines.line(record)


async def rebuild(rig: Rig) -> None:
    """A view, from the beginning of every log."""
    machinery, ports = rig.machinery, rig.machinery.ports
    build = await machinery.builds.anew(NOTES_PROJECTION)
    tail = Tail(ports.events, machinery.codec, batch=2000)
    projector = Projector(NOTES_PROJECTION, build.number)
    reader = Reader(projector, tail, ports.views, machinery.progress, machinery.clock, machinery.skips)
    for head in await ports.events.heads():
        await reader.catch_up(head)
    await ports.views.discard(build)


WORK: dict[str, Callable[[Rig], Awaitable[None]]] = {"backup": backup, "rebuild": rebuild}


async def main(what: str, application_url: str, owner_url: str) -> None:
    """Do it again and again."""
    give_way()
    database = PostgresDatabase(ForeignServer(owner_url), "", owner_url, application_url)
    async with on_postgres(database) as rig:
        await rig.machinery.prepare()
        print("at work", flush=True)
        ended = asyncio.ensure_future(asyncio.to_thread(sys.stdin.readline))
        while not ended.done():
            await WORK[what](rig)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
