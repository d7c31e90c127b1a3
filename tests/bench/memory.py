"""Whether a server's memory stays flat while everything is asked of it for long."""

import asyncio
import tempfile
import time
from pathlib import Path

import httpx
from rich.console import Console

from tests.bench.figures import Figure, at_most_times, median, noted
from tests.bench.http_load import Load, Target, children_of, load
from tests.bench.serving import QUIET, Requests
from tests.e2e.rest import MANAGEMENT, Rest, World
from tests.e2e.server import HexkeepServer, serving

SECONDS = 3600
SLICE = 15.0
"""Seconds between two looks; the userinfo request has a new access token in each."""
CONNECTIONS = 4
"""For each kind of request."""
PAUSE = 0.04
"""Seconds that a connection rests between two requests: a load that a small machine carries beside other work."""
SMALL_CACHE = {"HEXKEEP_STORAGE__SQLITE__CACHE_SIZE": "4"}
"""In MiB: SQLite's cache of pages fills up to its bound while the file grows, which is to be over when it is warm."""
FLAT = 1.1
"""How many times as much memory the end may hold as the time when everything was warm."""


async def of_a_server(seconds: int = SECONDS) -> list[Figure]:
    """Tokens, userinfo, reads, lists and new users, on SQLite; resident memory at the end against that of the start.

    The start is the second tenth of the time, when caches are filled, and the end is the last tenth.
    """
    with (
        tempfile.TemporaryDirectory(prefix="hexkeep-bench-") as folder,
        serving(Path(folder), {**QUIET, **SMALL_CACHE}) as server,
        Rest(server) as rest,
        Console(stderr=True).status("warm") as status,
    ):
        requests = Requests(server, World(server, rest))
        sizes: list[float] = []
        answered, begin = 0, time.monotonic()
        while (spent := time.monotonic() - begin) < seconds:
            answered += await _slice(server, requests, len(sizes))
            sizes.append(resident(server.pid))
            status.update(f"{spent:,.0f} of {seconds:,} s, {answered:,.0f} requests, {sizes[-1]:,.1f} MB")
    tenth = max(1, len(sizes) // 10)
    warm, last = median(sizes[tenth : 2 * tenth]), median(sizes[-tenth:])
    return [
        at_most_times(f"memory after {seconds:,} s, against the second tenth", last, "MB", warm, FLAT),
        noted("memory, requests answered meanwhile", answered, "requests"),
    ]


async def _slice(server: HexkeepServer, requests: Requests, number: int) -> int:
    """One slice of the load; how many requests were answered."""
    mixed = (requests.client_credentials(server.port), requests.userinfo(), requests.user(), requests.users())
    targets = [Target(server.port, server.pid, sent) for sent in mixed]
    loads, made = await asyncio.gather(
        asyncio.gather(*(load(target, CONNECTIONS, SLICE, pace=PAUSE) for target in targets)),
        _newcomers(server, requests, number),
    )
    return sum(_answered(one) for one in loads) + made


def _answered(found: Load) -> int:
    return len(found.times)


async def _newcomers(server: HexkeepServer, requests: Requests, number: int) -> int:
    """New machine users, ten a second or so."""
    end, made = time.monotonic() + SLICE, 0
    headers = {"authorization": f"Bearer {requests.session}"}
    async with httpx.AsyncClient(base_url=server.origin, headers=headers, trust_env=False) as http:
        while time.monotonic() < end:
            fields = {"organization_id": requests.organization_id, "user_name": f"newcomer-{number}-{made}"}
            (await http.post(f"{MANAGEMENT}/users/machine", json=fields)).raise_for_status()
            made += 1
            await asyncio.sleep(0.1)
    return made


def resident(pid: int) -> float:
    """The resident memory of a process and of those that work for it, in megabytes."""
    return _resident(pid) + sum(map(resident, children_of(pid)))


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        if name == "VmRSS":
            return int(value.split()[0]) / 1024
    raise RuntimeError("the system does not tell")
