"""A program of its own on a PostgreSQL storage, for tests that kill it: ``postgres_process COMMAND URL INSTANCE``."""

import asyncio
import os
import sys

from pydantic import SecretStr

from hexkeep.adapters.postgres import PostgresSettings, PostgresStorage
from hexkeep.ports.event_store import Appended
from hexkeep.testing.units import append, stream, unit

WRITERS = 8


def say(what: object) -> None:
    """Tell the test, at once."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


async def append_for_ever(storage: PostgresStorage, instance: str) -> None:
    """Append from many tasks; tell each payload once it has been acknowledged."""

    async def write(writer: int) -> None:
        for turn in range(sys.maxsize):
            payload = f"{os.getpid()}/{writer}/{turn}"
            (outcome,) = await storage.events.append([unit(instance, append(stream(), 0, payload.encode(), b"more"))])
            assert isinstance(outcome, Appended)
            say(payload)

    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))


async def append_one(storage: PostgresStorage, instance: str) -> None:
    """Say that all is ready, append one unit under a known id, say that it is in."""
    wanted = unit(instance, append(stream(), 0, b"first", b"second"), unit_id="the-unit")
    say("ready")
    await storage.events.append([wanted])
    say("appended")


async def main(command: str, url: str, instance: str) -> None:
    """Run one command on an opened storage."""
    storage = PostgresStorage(PostgresSettings(url=SecretStr(url)))
    await storage.open()
    await {"append_for_ever": append_for_ever, "append_one": append_one}[command](storage, instance)
    await storage.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
