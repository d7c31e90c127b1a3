"""The event feed over real sockets: each event once over any number of connections, and no longer than one may."""

import asyncio
import json
import random
import select
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from hexkeep.bootstrap.local_key import LocalKey
from tests.e2e.creations import PATIENCE, Creations
from tests.e2e.rest import MANAGEMENT, Rest, World
from tests.e2e.server import HexkeepServer
from tests.processes import process

FEED = "/admin/v1/events/feed"
EVENTS = "/admin/v1/events"
SECONDS = 60.0
"""For what has no deadline of its own, on a machine that is busy."""
WRITTEN, CONNECTIONS = 150, 12
MEGABYTE = 1 << 20
PASSWORD = "violet-harbour-lantern-9"
Event = dict[str, Any]


@dataclass
class Follower:
    """Comes again with the last id it got, as the standard has it, and keeps what it was told."""

    server: HexkeepServer
    token: str = field(repr=False)
    query: str = ""
    last: str = ""
    events: list[Event] = field(default_factory=list)

    async def blocks(self) -> AsyncIterator[dict[str, str]]:
        """The blocks of one connection by field."""
        headers = {"authorization": f"Bearer {self.token}", "accept": "text/event-stream"}
        headers |= {"last-event-id": self.last} if self.last else {}
        async with (
            httpx.AsyncClient(base_url=self.server.origin, trust_env=False, timeout=PATIENCE) as http,
            http.stream("GET", FEED + self.query, headers=headers) as response,
        ):
            assert response.status_code == httpx.codes.OK, await response.aread()
            assert response.headers["content-type"] == "text/event-stream"
            block: dict[str, str] = {}
            async for line in response.aiter_lines():
                name, _, value = line.partition(": ")
                if line and not line.startswith(":"):
                    block[name] = value
                elif not line and block:
                    yield block
                    block = {}

    async def follow(self, blocks: int) -> dict[str, str]:
        """Take so many blocks with an id, then leave in the middle of it; the last block."""
        told: dict[str, str] = {}
        async for told in self.blocks():
            if "event" in told:
                break
            if "id" in told:
                self.last = told["id"]
                self.events += json.loads(told["data"])["events"] if "data" in told else []
                blocks -= 1
            if blocks <= 0:
                break
        return told

    @property
    def places(self) -> list[tuple[str, int]]:
        """Log and position of every event, in the order they came."""
        return [(one["log"], one["position"]) for one in self.events]


def signed_in(world: World) -> str:
    """Another session token of the administrator."""
    with Rest(world.server) as rest:
        return rest.sign_in(world.server.administrator.user_name, world.server.administrator.password)


def in_the_log(world: World) -> list[tuple[str, int]]:
    """Log and position of every event there is, from the pages of the search."""
    found, cursor = list[tuple[str, int]](), ""
    while True:
        page = world.rest.get(f"{EVENTS}?limit=1000&cursor={cursor}")
        found += [(one["log"], one["position"]) for one in page["events"]]
        if not (cursor := page["next_cursor"]):
            return found


async def test_every_event_comes_once_over_many_connections(world: World) -> None:
    """While others write, a client that is cut off again and again has each event once, each log in its order."""
    chance = random.Random(4)  # noqa: S311 - a schedule that can be repeated
    follower = Follower(world.server, signed_in(world), "?limit=7&since=2020-01-01T00:00:00Z")
    creations, enough = Creations(world.organization_id, follower.token), asyncio.Event()
    creations.begin_at(1000)
    load = asyncio.create_task(creations.load(world.server, enough))
    async with asyncio.timeout(SECONDS):
        for _ in range(CONNECTIONS):
            await follower.follow(chance.randint(1, 6))
        await creations.until(WRITTEN)
        enough.set()
        await load
        wanted = sorted(in_the_log(world))
        while len(follower.events) < len(wanted):
            await follower.follow(1)
    assert sorted(follower.places) == wanted
    for log in ("durable", "activity"):
        positions = [position for one, position in follower.places if one == log]
        assert positions == sorted(positions)


async def test_who_is_signed_out_hears_no_more(world: World) -> None:
    """The stream ends with the error as soon as the session is gone, and does not begin again."""
    follower = Follower(world.server, signed_in(world))
    session_id = follower.token.split("_")[1]
    blocks = follower.blocks()
    async with asyncio.timeout(SECONDS):
        assert "retry" in await anext(blocks)
        assert "data" not in await anext(blocks)
        waiting = asyncio.create_task(_until_error(blocks))
        assert world.rest.send("DELETE", f"/auth/v1/sessions/{session_id}").is_success
        assert json.loads((await waiting)["data"])["code"] == "unauthenticated"
    with Rest(world.server, follower.token) as rest:
        refused = rest.send("GET", FEED, headers={"accept": "text/event-stream"})
    assert refused.status_code == httpx.codes.UNAUTHORIZED


async def _until_error(blocks: AsyncIterator[dict[str, str]]) -> dict[str, str]:
    async for block in blocks:
        if block.get("event") == "error":
            return block
    raise AssertionError("it ended without an error")


@contextmanager
def _deaf(world: World, token: str) -> Iterator[socket.socket]:
    """Somebody who asks for everything and takes nothing of it."""
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", world.server.port))
        request = (
            f"GET {FEED}?limit=1000&since=2020-01-01T00:00:00Z HTTP/1.1\r\nHost: localhost:{world.server.port}\r\n"
        )
        request += f"Authorization: Bearer {token}\r\nAccept: text/event-stream\r\n\r\n"
        deaf.sendall(request.encode())
        yield deaf


def _resident(server: HexkeepServer) -> int:
    """Bytes of memory that the server holds."""
    status = Path(f"/proc/{server.pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


async def test_readers_that_do_not_read_cost_little(world: World) -> None:
    """What they do not take is not made: the server holds a batch for each and serves the others."""
    token = signed_in(world)
    quick = Follower(world.server, token)
    async with asyncio.timeout(SECONDS):
        await quick.follow(1)
        before = _resident(world.server)
        with _deaf(world, token), _deaf(world, token), _deaf(world, token):
            creations, enough = Creations(world.organization_id, token), asyncio.Event()
            creations.begin_at(5000)
            load = asyncio.create_task(creations.load(world.server, enough))
            await creations.until(WRITTEN)
            enough.set()
            await load
            while len({one["aggregate_id"] for one in quick.events} & creations.acknowledged.keys()) < WRITTEN:
                await quick.follow(1)
            assert _resident(world.server) - before < 64 * MEGABYTE


def test_curl_goes_on_where_it_was(world: World) -> None:
    """A client that everybody has: what it prints is the feed, and its last id is where it goes on."""
    token = signed_in(world)
    name = "curl-watched"
    first = _curl(world, token, until="id: ")
    cursor = first.split("id: ")[1].split()[0]
    world.rest.post(f"{MANAGEMENT}/projects", organization_id=world.organization_id, name=name)
    told = _curl(world, token, f"Last-Event-ID: {cursor}", until=name)
    assert '"type":"project.added"' in told
    assert name not in first


def _curl(world: World, token: str, *headers: str, until: str) -> str:
    """What `curl -N` prints up to a text."""
    words = ["curl", "-sN", "--max-time", "30", world.server.origin + FEED]
    for header in (f"Authorization: Bearer {token}", "Accept: text/event-stream", *headers):
        words += ["-H", header]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = ""
        while until not in printed:
            line = process.stdout.readline()
            assert line, printed
            printed += line
        process.terminate()
    return printed


def test_the_command_line_prints_each_event_as_it_comes(world: World) -> None:
    """`hexkeep call WatchEvents --follow`: a line of JSON for each, until it is interrupted."""
    words = ["call", "WatchEvents", 'types:=["project.*"]', "--follow"]
    environment = {**world.server.environment, "HEXKEEP_TOKEN": signed_in(world)}
    with process(*words, env=environment, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        reading = watching.stdout.fileno()
        names = iter(range(10_000))
        while not _readable(reading, 0.2):  # it is not told when it has begun to watch
            world.rest.post(f"{MANAGEMENT}/projects", organization_id=world.organization_id, name=f"P{next(names)}")
        line = json.loads(watching.stdout.readline())
        assert line["type"] == "project.added"
        watching.send_signal(signal.SIGINT)
    assert watching.returncode != 0


def _readable(descriptor: int, seconds: float) -> bool:
    return bool(select.select([descriptor], [], [], seconds)[0])


def test_no_instance_hears_of_another(world: World) -> None:
    """What happens elsewhere is in no search and no feed, though it wakes whoever waits."""
    before = in_the_log(world)
    cursor = world.rest.get(FEED)["next_cursor"]
    instance_id = _instance_elsewhere(world.server)
    assert in_the_log(world) == before
    assert world.rest.get(f"{FEED}?cursor={cursor}")["events"] == []
    assert world.rest.get(f"{EVENTS}?aggregate_type=instance&aggregate_id={instance_id}")["events"] == []


def _instance_elsewhere(server: HexkeepServer) -> str:
    """The id of another instance on the same server, made by the operator of the machine."""
    server.secrets.add(PASSWORD)
    fields = {
        "name": "Elsewhere",
        "origin": f"http://elsewhere.localhost:{server.port}",
        "organization_name": "Elsewhere",
        "user_name": "root",
        "given_name": "Eve",
        "family_name": "Elsewhere",
        "email": "eve@example.com",
        "password": PASSWORD,
    }
    if key := LocalKey(server.data).read():
        with Rest(server, key) as operator:
            return str(operator.post("/system/v1/instances", **fields)["instance_id"])
    words = (f"{name}={value}" for name, value in fields.items())  # a database that takes several processes
    return str(json.loads(server.command("call", "--local", "CreateInstance", *words))["instance_id"])
