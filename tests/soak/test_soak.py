"""Ten minutes of everything at once, then the truth: every view against a replay, every seal, every acknowledgement.

Writers and readers work through REST while servers are killed, stopped and started, a projection is rebuilt, backups
are taken and the logs are verified. ``HEXKEEP_TEST_SOAK_SECONDS`` sets another length. Only `make test-all` runs it.
"""

import asyncio
import json
import os
import random
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.e2e.creations import POSITION, USERS, Creations, listed
from tests.e2e.inspection import inspect
from tests.e2e.rest import Rest
from tests.e2e.server import HexkeepServer, installed
from tests.e2e.storages import POSTGRES_OWNER_URL, RawStorage, installation_on, postgres_variables, raw_postgres
from tests.postgres_server import PostgresServer, fresh_database
from tests.processes import run
from tests.waiting import until

SECONDS = float(os.environ.get("HEXKEEP_TEST_SOAK_SECONDS", "600"))
SETTINGS = {"HEXKEEP_LOGGING__LEVEL": "info", "HEXKEEP_SPOOLER__LEASE": "2s"}
COMMAND_SECONDS = 240.0
CATCHING_UP = 120.0
"""A build that the last crash broke off is filled from the first event."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(SECONDS + 1800)]


@dataclass
class Place:
    """Servers on one storage, and what the end of the test has to know of them."""

    servers: list[HexkeepServer]
    storage: RawStorage
    owner: dict[str, str]
    spare: HexkeepServer
    """Another installation with an empty storage and the same master key, for a restore."""
    spare_storage: RawStorage
    spare_owner: dict[str, str]


@dataclass
class Tally:
    """What was done."""

    reads: int = 0
    rebuilds: int = 0
    backups: int = 0
    verifications: int = 0
    crashes: int = 0
    memory: list[int] = field(default_factory=list)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """One server on SQLite, or two on PostgreSQL."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            [one, spare] = [_sqlite(request, tmp_path / name, stack) for name in ("one", "spare")]
            (tmp_path / "spare" / "data").mkdir()
            one[0].start()
            (spare[0].data / "master.key").write_bytes((one[0].data / "master.key").read_bytes())
            (spare[0].data / "master.key").chmod(0o600)
            yield Place([one[0]], one[1], {}, spare[0], spare[1], {})
        else:
            yield _two_on_postgres(request.getfixturevalue("postgres_server"), tmp_path, stack)


def _sqlite(request: pytest.FixtureRequest, folder: Path, stack: ExitStack) -> tuple[HexkeepServer, RawStorage]:
    made = installation_on("sqlite", request, folder, SETTINGS)
    installation = next(made)
    stack.callback(lambda: next(made, None))
    return installation.server, installation.storage


def _two_on_postgres(server: PostgresServer, folder: Path, stack: ExitStack) -> Place:
    database, spare_database = (stack.enter_context(fresh_database(server)) for _ in range(2))
    settings = {**SETTINGS, **postgres_variables(database)}
    spare = {**settings, **postgres_variables(spare_database)}
    spare["HEXKEEP_SECRETS__MASTER_KEY"] = settings["HEXKEEP_SECRETS__MASTER_KEY"]
    first, second = (stack.enter_context(installed(folder / name, settings)) for name in ("first", "second"))
    first.set_up({POSTGRES_OWNER_URL: database.owner_url})
    first.start()
    second.start()
    return Place(
        [first, second],
        raw_postgres(database),
        {POSTGRES_OWNER_URL: database.owner_url},
        stack.enter_context(installed(folder / "spare", spare)),
        raw_postgres(spare_database),
        {POSTGRES_OWNER_URL: spare_database.owner_url},
    )


async def test_soak_ends_with_nothing_lost_and_every_view_equal_to_a_replay(place: Place, tmp_path: Path) -> None:
    """Whatever was acknowledged in ten minutes of load, kills, rebuilds and backups is there, proven and shown."""
    chance, tally = random.Random(7), Tally()  # noqa: S311 - a schedule that can be repeated
    creations = _signed_in(place.servers[0])
    archive = tmp_path / "backup.gz"
    loop, enough = asyncio.get_running_loop(), asyncio.Event()
    end = loop.time() + SECONDS
    async with asyncio.TaskGroup() as tasks:
        for number in range(len(place.servers)):
            tasks.create_task(_write(place, creations, number, enough))
        tasks.create_task(_read(place, creations, tally, enough))
        for every, work in (
            (20.0, lambda: _rebuild(place, creations, tally)),
            (30.0, lambda: _back_up(place, tally, archive)),
            (25.0, lambda: _verify(place, tally)),
            (35.0, lambda: _crash(place, tally, chance)),
            (5.0, lambda: _weigh(place, tally)),
        ):
            tasks.create_task(_repeat(every, work, enough))
        await asyncio.sleep(max(0.0, end - loop.time()))
        enough.set()
    await _assert_all_there(place.servers[0], creations)
    verified = await _command(place.servers[0], "verify", "--json")
    assert json.loads(verified)["intact"]
    for server in place.servers:
        server.stop()
    await inspect(place.servers[0], place.storage, CATCHING_UP)
    await _assert_backup_restores(place, archive)
    assert min(tally.rebuilds, tally.backups, tally.verifications, tally.crashes, len(creations.acknowledged)) > 0
    for server in (*place.servers, place.spare):
        assert not (leaks := server.leaks()), leaks
    print(f"\n{len(creations.acknowledged)} writes, {tally}")  # noqa: T201 - what a person who waited wants to know


def _signed_in(server: HexkeepServer) -> Creations:
    with Rest(server) as rest:
        token = rest.sign_in(server.administrator.user_name, server.administrator.password)
        return Creations(rest.get("/auth/v1/me")["organization_id"], token)


async def _repeat(every: float, work: Callable[[], Awaitable[None]], enough: asyncio.Event) -> None:
    """Work, rest, and work again until it is enough."""
    while not enough.is_set():
        try:
            async with asyncio.timeout(every):
                await enough.wait()
        except TimeoutError:
            await work()


async def _write(place: Place, creations: Creations, number: int, enough: asyncio.Event) -> None:
    """Keep writing to one server, through its crashes."""
    while not enough.is_set():
        server = place.servers[number]
        load = Creations(creations.organization_id, creations.token, creations.acknowledged)
        load.positions = creations.positions
        load.begin_at(1_000_000 * (number + 1) + len(creations.acknowledged) * 100)
        await load.load(server, enough)
        await until(partial(_answers, server), 90)


async def _answers(server: HexkeepServer) -> bool:
    if not server.runs:
        return False
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            return (await http.get(f"{server.origin}/healthz")).is_success
    except httpx.TransportError:
        return False


async def _read(place: Place, creations: Creations, tally: Tally, enough: asyncio.Event) -> None:
    """What was acknowledged is read by id at any node at once, and listed at its position."""
    chance = random.Random(11)  # noqa: S311 - as above
    while not enough.is_set():
        server = chance.choice(place.servers)
        known = list(creations.acknowledged)
        if not known or not await _answers(server):
            await asyncio.sleep(0.1)
            continue
        user_id, position = known[-1], creations.positions[-1]
        try:
            async with creations.client(server) as http:
                one = await http.get(f"{USERS}/{user_id}")
                some = await http.get(USERS, params={"limit": 50}, headers={POSITION: position})
        except httpx.TransportError:
            continue
        assert one.status_code in {200, 503, 504}, one.text
        assert some.status_code in {200, 503, 504}, some.text
        tally.reads += one.is_success + some.is_success
        await asyncio.sleep(0.05)


async def _rebuild(place: Place, creations: Creations, tally: Tally) -> None:
    """A view is filled anew while it serves."""
    server = place.servers[0]
    if await _answers(server):
        words = ("projections", "rebuild", "users", "--no-wait", "--token", creations.token)
        tally.rebuilds += (await _try(server, *words)).returncode == 0


async def _back_up(place: Place, tally: Tally, archive: Path) -> None:
    """A backup beside everything else; a later one takes the place of an earlier one only when it is whole."""
    ran = await _try(place.servers[0], "backup", str(archive))
    tally.backups += ran.returncode == 0


async def _verify(place: Place, tally: Tally) -> None:
    """The logs are as they were written, at any moment."""
    ran = await _try(place.servers[0], "verify", "--json")
    if ran.returncode != 4:
        assert json.loads(ran.stdout)["intact"], ran.stdout
        tally.verifications += 1


async def _crash(place: Place, tally: Tally, chance: random.Random) -> None:
    """Kill a server, or stop it well, and start it again."""
    server = chance.choice(place.servers)
    await asyncio.to_thread(server.kill if chance.random() < 0.7 else server.stop)
    await asyncio.to_thread(server.start)
    tally.crashes += 1


async def _weigh(place: Place, tally: Tally) -> None:
    """The resident memory of the first server, in KiB."""
    server = place.servers[0]
    if server.runs:
        status = await asyncio.to_thread(Path(f"/proc/{server.pid}/status").read_text)
        if "VmRSS:" in status:  # not of a process that has just been killed
            tally.memory.append(int(status.split("VmRSS:")[1].split()[0]))


async def _assert_all_there(server: HexkeepServer, creations: Creations) -> None:
    async with creations.client(server) as http:
        users = await listed(http, creations.positions[-1])
    missing = creations.acknowledged.keys() - users.keys()
    assert not missing, f"{len(missing)} of {len(creations.acknowledged)} acknowledged users are missing"


async def _assert_backup_restores(place: Place, archive: Path) -> None:
    """The last backup, in another storage: its views too equal a replay of its log."""
    ran = await _try(place.spare, "restore", str(archive), "--json", settings=place.spare_owner)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    await inspect(place.spare, place.spare_storage, CATCHING_UP)
    verified = json.loads(await _command(place.spare, "verify", "--json"))
    assert verified["intact"]


async def _command(server: HexkeepServer, *words: str) -> str:
    ran = await _try(server, *words)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


async def _try(
    server: HexkeepServer, *words: str, settings: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """A command beside the servers, whatever becomes of it."""
    return await asyncio.to_thread(_ran, server, words, {**server.environment, **(settings or {})})


def _ran(
    server: HexkeepServer, words: tuple[str, ...], environment: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    return run(*words, env=environment, cwd=server.folder, timeout=COMMAND_SECONDS, text=True)
