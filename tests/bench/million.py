"""Lists over REST where an instance has very many users: each was added by a command, as all users are."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

from pydantic import JsonValue
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import hexkeep
from hexkeep.bootstrap.client import Client
from hexkeep.bootstrap.settings import DataSettings, ServerSettings, Settings
from tests.bench.figures import Figure, at_most, noted, percentile
from tests.bench.http_load import Target, load, request
from tests.bench.serving import QUIET
from tests.e2e.rest import MANAGEMENT, Rest
from tests.e2e.server import HexkeepServer, serving

USERS = 1_000_000
CALLERS = 64
SECONDS = 5.0
CONNECTIONS = 4
LIMIT = 100.0
"""Milliseconds that a page of a hundred rows may take, p99."""


async def of_users(count: int = USERS) -> list[Figure]:
    """Fill a SQLite file, then list."""
    with tempfile.TemporaryDirectory(prefix="hexkeep-bench-") as folder, serving(Path(folder), QUIET) as server:
        server.stop()
        rate = await fill(server, count)
        server.start()
        with Rest(server) as rest:
            token = rest.sign_in(server.administrator.user_name, server.administrator.password)
            first = rest.get(f"{MANAGEMENT}/users?limit=100&sort=user_name")
            deep = {"sort": "user_name", "user_name": f"robot-{count // 2:07}"[:-2]}
            pages = {
                "as they came": {},
                "by name, the second page": {"sort": "user_name", "cursor": first["next_cursor"]},
                "beginning of a name": deep,
            }
            return [
                noted(f"adding {count:,} users by command, SQLite", rate, "users/s"),
                *[await listed(server, token, f"{count:,} users, {name}", query) for name, query in pages.items()],
            ]


async def listed(server: HexkeepServer, token: str, name: str, query: dict[str, str]) -> Figure:
    """How long a page takes while a few callers ask for it."""
    path = f"{MANAGEMENT}/users?{urlencode({'limit': '100', **query})}"
    sent = request("GET", path, server.port, {"authorization": f"Bearer {token}"})
    found = await load(Target(server.port, server.pid, sent), CONNECTIONS, SECONDS)
    return at_most(f"list of 100 of {name}, p99", percentile(found.times, 0.99) * 1e3, "ms", LIMIT)


async def fill(server: HexkeepServer, count: int) -> float:
    """Add users in this process until there are so many, and wait until the lists show them; users per second."""
    own = Settings(data=DataSettings(folder=server.data), server=ServerSettings(port=server.port))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with hexkeep.open(own) as iam:
        client = await iam.client()
        instance = await client.call_json("GetMyInstance", {})
        numbers = iter(range(count))
        begin = time.perf_counter()
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("adding users", total=count)

            async def add() -> None:
                await _added(client, str(instance["default_organization_id"]), numbers, lambda: progress.advance(task))

            await asyncio.gather(*(add() for _ in range(CALLERS)))
        rate = count / (time.perf_counter() - begin)
        await (await iam.client()).call_json("ListUsers", {"limit": 1})
    return rate


async def _added(client: Client, organization_id: str, numbers: Iterator[int], told: Callable[[], None]) -> None:
    for number in numbers:
        fields: dict[str, JsonValue] = {"organization_id": organization_id, "user_name": f"robot-{number:07}"}
        await client.call_json("CreateMachineUser", fields)
        told()
