"""The master key is rotated while people work: no request fails, and the old key opens nothing any more."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from hexkeep.bootstrap.master_key import new_master_key
from tests.e2e.rest import Rest
from tests.e2e.server import HexkeepServer, assert_well_behaved, installed
from tests.e2e.storages import POSTGRES_OWNER_URL, RawStorage, postgres_variables, raw_postgres, sqlite_installation
from tests.postgres_server import PostgresServer, fresh_database
from tests.processes import process
from tests.waiting import until

pytestmark = pytest.mark.slow

OLD, NEW = new_master_key(), new_master_key()
WANTED, PREVIOUS = "HEXKEEP_SECRETS__MASTER_KEY", "HEXKEEP_SECRETS__PREVIOUS_MASTER_KEYS"
SQLITE_MASTERS = "SELECT master, count(*) FROM wrapped_keys WHERE wrapped <> x'' GROUP BY master"
POSTGRES_MASTERS = "SELECT master, count(*) FROM hexkeep.keys WHERE wrapped <> '' GROUP BY master"
PEOPLE = 40
SETTINGS = {WANTED: OLD, "HEXKEEP_ENGINE__CACHED_KEYS": "1s"}


@dataclass(slots=True)
class Fleet:
    """The servers of one installation, and a look at what wraps its keys."""

    servers: Sequence[HexkeepServer]
    storage: RawStorage
    masters_sql: str
    token: str = field(default="", repr=False)
    organization_id: str = ""

    def masters(self) -> dict[str, int]:
        """How many keys each master key wraps."""
        return {str(master): int(count) for master, count in self.storage.query(self.masters_sql)}

    def begin(self) -> None:
        """Start all, with a token that each knows."""
        for server in self.servers:
            server.start()
        with Rest(self.servers[0]) as rest:
            administrator = self.servers[0].administrator
            self.token = rest.sign_in(administrator.user_name, administrator.password)
            self.organization_id = rest.get("/auth/v1/me")["organization_id"]
        for server in self.servers:
            server.secrets |= {self.token, OLD, NEW}

    def restart(self, settings: Mapping[str, str]) -> None:
        """Stop all and start them with other settings."""
        for server in self.servers:
            server.stop()
            server.configure(settings)
        for server in self.servers:
            server.start()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def fleet(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fleet]:
    """One server on SQLite; two on PostgreSQL. Set up with the old master key."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            one = stack.enter_context(sqlite_installation(tmp_path, SETTINGS))
            yield Fleet([one.server], one.storage, SQLITE_MASTERS)
        else:
            yield cluster(stack, request.getfixturevalue("postgres_server"), tmp_path)


def cluster(stack: ExitStack, postgres_server: PostgresServer, folder: Path) -> Fleet:
    """Two servers on one database."""
    database = stack.enter_context(fresh_database(postgres_server))
    everywhere = {**postgres_variables(database), **SETTINGS}
    nodes = [stack.enter_context(installed(folder / name, everywhere)) for name in ("first", "second")]
    nodes[0].set_up({POSTGRES_OWNER_URL: database.owner_url})
    return Fleet(nodes, raw_postgres(database), POSTGRES_MASTERS)


@dataclass(slots=True)
class Load:
    """People who are added on every server all the time, each with a key of its own, and read on all the others."""

    fleet: Fleet
    done: int = 0
    failures: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Load within the block."""
        workers = [
            asyncio.create_task(self._work(server, uuid4().hex)) for server in self.fleet.servers for _ in range(3)
        ]
        try:
            yield
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self, server: HexkeepServer, name: str) -> None:
        headers = {"authorization": f"Bearer {self.fleet.token}"}
        async with httpx.AsyncClient(base_url=server.origin, headers=headers, timeout=30) as http:
            for number in range(1_000_000):
                await self._person(http, f"person-{name}-{number}")

    async def _person(self, http: httpx.AsyncClient, user_name: str) -> None:
        person = {
            "organization_id": self.fleet.organization_id,
            "user_name": user_name,
            "given_name": "Person",
            "email": f"{user_name}@example.com",
        }
        made = self._noted(await http.post("/management/v1/users/human", json=person))
        for server in self.fleet.servers:
            self._noted(await http.get(f"{server.origin}/management/v1/users/{made.get('user_id')}"))

    def _noted(self, response: httpx.Response) -> dict[str, str]:
        self.done += 1
        if response.is_error:
            self.failures.append(response.text)
        answer: dict[str, str] = response.json()
        return answer


async def reached(load: Load, more: int) -> None:
    """Wait until the load has done so much more."""
    goal = load.done + more
    async with asyncio.timeout(60):
        while load.done < goal:  # noqa: ASYNC110 - the work is other tasks'
            await asyncio.sleep(0.01)


async def test_no_request_fails_while_the_master_key_is_rotated(fleet: Fleet) -> None:
    """Both master keys given, rotated under load, the old one taken away: all that was written can be read."""
    fleet.begin()
    fleet.restart({WANTED: NEW, PREVIOUS: OLD})
    load = Load(fleet)
    async with load.running():
        await reached(load, PEOPLE)
        said = await asyncio.to_thread(fleet.servers[-1].command, "keys", "rotate")
        await reached(load, PEOPLE)
    assert load.failures == []
    assert "can be taken out of the settings" in said
    assert len(fleet.masters()) == 1
    fleet.restart({WANTED: NEW, PREVIOUS: "[]"})
    async with load.running():
        await reached(load, PEOPLE)
    assert load.failures == []
    listed = fleet.servers[0].command("keys", "list", "--all", "--json")
    assert "wrapped" not in listed
    for server in fleet.servers:
        server.stop()
        assert_well_behaved(server)
        for secret in (OLD, NEW):
            assert secret not in server.said + server.log


WRAPPING = "SELECT count(*) FROM hexkeep.keys WHERE name = 'wrapping'"


@pytest.mark.postgres
def test_a_rotation_that_is_interrupted_goes_on(postgres_server: PostgresServer, tmp_path: Path) -> None:
    """Ctrl-C while it waits for the nodes: both master keys are still needed, and the next run ends it."""
    with ExitStack() as stack:
        fleet = cluster(stack, postgres_server, tmp_path)
        fleet.begin()
        fleet.restart({WANTED: NEW, PREVIOUS: OLD})
        server = fleet.servers[0]
        patient = {**server.environment, "HEXKEEP_ENGINE__CACHED_KEYS": "60s", "HEXKEEP_SERVER__PORT": "9"}
        patient["HEXKEEP_DATA__FOLDER"] = str(server.folder / "elsewhere")  # so that it works on the storage itself
        with process("keys", "rotate", env=patient, stderr=subprocess.PIPE, text=True) as rotating:
            asyncio.run(until(lambda: begun(fleet), seconds=60))
            rotating.send_signal(signal.SIGINT)
            _, told = rotating.communicate(timeout=60)
        assert (rotating.returncode, "run it again" in told) == (130, True), told
        assert len(fleet.masters()) == 2
        server.command("keys", "rotate")
        assert len(fleet.masters()) == 1


async def begun(fleet: Fleet) -> bool:
    """Whether a rotation has begun."""
    return fleet.storage.query(WRAPPING) == [(1,)]
