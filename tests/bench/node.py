"""One process of a cluster: warms up, says so, waits for a line, appends for a while, prints rate and p99."""

import asyncio
import sys

from hexkeep.bootstrap.garbage import collect_rarely
from tests.bench import writers
from tests.bench.appends import SECONDS
from tests.bench.figures import percentile
from tests.bench.storages import on_postgres
from tests.postgres_server import ForeignServer, PostgresDatabase


async def main(application_url: str, owner_url: str, count: int) -> None:
    """Append with ``count`` writers."""
    database = PostgresDatabase(ForeignServer(owner_url), "", owner_url, application_url)
    async with on_postgres(database) as rig:
        await writers.append(rig, count, 0.3, writers.plain)
        print("warm", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        run = await writers.append(rig, count, SECONDS, writers.plain)
        print(run.rate, percentile(run.waits, 0.99))


if __name__ == "__main__":
    collect_rarely()
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
