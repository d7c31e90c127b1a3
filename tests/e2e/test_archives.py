"""Backups taken from a server under load, and what comes of them: on the same kind of database and on the other."""

import asyncio
import gzip
import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from secrets import token_bytes
from typing import Any

import httpx
import pytest

import hexkeep
from hexkeep.core.instance.projection import INSTANCES
from hexkeep.core.kernel.view import Row, Select
from hexkeep.engine.keyring import text_of
from hexkeep.engine.presence import PLACES
from tests.e2e.creations import POSITION, USERS, Creations, listed
from tests.e2e.inspection import inspect, settings_of
from tests.e2e.rest import MANAGEMENT, Rest, World
from tests.e2e.server import HexkeepServer, assert_well_behaved
from tests.e2e.storages import Installation, installation_on
from tests.processes import process
from tests.waiting import until

LOAD = 60
PAGE = 1000

pytestmark = pytest.mark.timeout(300)  # up to a dozen processes each, one after another, which a loaded machine feels
Views = dict[str, list[Row]]


class Machines:
    """Installations on any database, all with one master key; what was made is undone in the end."""

    def __init__(self, stack: ExitStack, request: pytest.FixtureRequest, folder: Path) -> None:
        self._stack = stack
        self._request = request
        self._folder = folder
        self._count = 0
        self.master_key = text_of(token_bytes(32))

    def on(self, name: str) -> Installation:
        """One more, not started; its server has the master key of all."""
        self._count += 1
        settings = {"HEXKEEP_LOGGING__LEVEL": "info", "HEXKEEP_SPOOLER__LEASE": "1s"}
        made = installation_on(name, self._request, self._folder / f"{self._count}-{name}", settings)
        installation = next(made)
        self._stack.callback(lambda: next(made, None))
        installation.server._settings["HEXKEEP_SECRETS__MASTER_KEY"] = self.master_key  # noqa: SLF001 - before the start
        installation.server.secrets.add(self.master_key)
        return installation


@pytest.fixture
def machines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machines]:
    """As many as the test wants."""
    with ExitStack() as stack:
        yield Machines(stack, request, tmp_path)


BOTH = pytest.mark.parametrize(
    ("first", "second"),
    [
        ("sqlite", "sqlite"),
        pytest.param("sqlite", "postgres", marks=pytest.mark.postgres),
        pytest.param("postgres", "sqlite", marks=pytest.mark.postgres),
    ],
)


@BOTH
async def test_backup_under_load_restores_what_was_acknowledged(
    machines: Machines, tmp_path: Path, first: str, second: str
) -> None:
    """Everything from before the backup is there; log, views and keys agree; old positions are refused."""
    old, new, archive = machines.on(first), machines.on(second), tmp_path / "backup.gz"
    old.start()
    creations = _signed_in(old.server)
    enough = asyncio.Event()
    load = asyncio.create_task(creations.load(old.server, enough))
    await creations.until(LOAD)
    before = set(creations.acknowledged)
    written = json.loads(await asyncio.to_thread(old.server.command, "backup", str(archive), "--json"))
    await creations.until(len(creations.acknowledged) + 10)
    enough.set()
    await load
    old.server.stop()
    restored = json.loads(new.server.command("restore", str(archive), "--json", settings=new.owner))
    assert restored["events"] == written["events"]
    await inspect(new.server, new.storage)
    new.server.start()
    async with creations.client(new.server) as http:
        users = await listed(http)
        assert before <= users.keys()
        stale = await http.get(USERS, headers={POSITION: creations.positions[0]})
        assert (stale.status_code, stale.json()["code"]) == (httpx.codes.PRECONDITION_FAILED, "position_superseded")
        again = await creations.send(http, creations.attempt(keyed=False))
        assert again.status_code == httpx.codes.CREATED
        assert again.json()["user_id"] in await listed(http, again.headers[POSITION])
    new.server.stop()
    for server in (old.server, new.server):
        assert_well_behaved(server)


@pytest.mark.postgres
async def test_instance_goes_to_another_database_and_back_with_the_same_views(
    machines: Machines, tmp_path: Path
) -> None:
    """SQLite to PostgreSQL to SQLite: every row of every view of it is the same, and others stay what they were."""
    home, abroad, back = machines.on("sqlite"), machines.on("postgres"), machines.on("sqlite")
    home.start()
    instance = _filled(home.server)
    home.server.stop()
    views = await views_of(home, instance)
    assert len(views["users"]) > 5
    for one, two in ((home, abroad), (abroad, back)):
        archive = tmp_path / f"{two.server.port}.gz"
        two.start()  # an instance of its own is set up there
        own = _own_instance(two.server)
        two.server.stop()
        before = await views_of(two, own)
        one.server.command("export", instance, str(archive))
        origin = f"https://shop-{two.server.port}.example"
        two.server.command("import", str(archive), "--origin", origin, settings=two.owner)
        assert await views_of(two, instance) == views
        assert await views_of(two, own) == before
        refused = _refused(two.server, "import", str(archive), settings=two.owner)
        assert refused["error"] == "already_exists"


async def test_imported_instance_serves_its_people(machines: Machines, tmp_path: Path) -> None:
    """Whoever could sign in at the old place can at the new one, under the origin that was given.

    The import is set to another master key already, to which the storage has yet to be rotated.
    """
    home, there, archive = machines.on("sqlite"), machines.on("sqlite"), tmp_path / "shop.gz"
    home.start()
    with Rest(home.server) as rest:
        world = World(home.server, rest)
    instance = _own_instance(home.server)
    home.server.command("export", instance, str(archive))
    home.server.stop()
    there.start()
    there.server.stop()
    coming = {"HEXKEEP_SECRETS__MASTER_KEY": text_of(token_bytes(32))}
    coming["HEXKEEP_SECRETS__PREVIOUS_MASTER_KEYS"] = json.dumps([machines.master_key])
    origin = f"http://shop.localhost:{there.server.port}"
    there.server.command("import", str(archive), "--origin", origin, settings=coming)
    there.server.start()
    with Rest(there.server, host="shop.localhost") as rest:
        rest.sign_in(world.ada.user_name, world.ada.password)
        assert rest.get("/auth/v1/me")["user_id"] == world.ada.user_id
    there.server.stop()
    for server in (home.server, there.server):
        server.secrets.add(world.ada.password)
        assert_well_behaved(server)


async def test_instance_goes_back_to_a_position(machines: Machines, tmp_path: Path) -> None:
    """What came later is gone from it, names are free again, and positions of before are refused."""
    here, archive = machines.on("sqlite"), tmp_path / "backup.gz"
    here.start()
    with Rest(here.server) as rest:
        world = World(here.server, rest)
        instance = _own_instance(here.server)
        position = (await _head(here, instance))["position"]
        late = world.person("late")
    here.server.command("backup", str(archive))
    here.server.stop()
    words = ("restore", str(archive), "--instance", instance, "--position", str(position))
    assert _refused(here.server, *words)["error"] == "already_exists"
    here.server.command(*words, "--replace")
    await inspect(here.server, here.storage)
    here.server.start()
    with Rest(here.server) as rest:
        rest.sign_in(world.ada.user_name, world.ada.password)
        assert rest.send("GET", f"{MANAGEMENT}/users/{late.user_id}").status_code in {403, 404}
        rest.sign_in(here.server.administrator.user_name, here.server.administrator.password)
        assert rest.send("GET", f"{MANAGEMENT}/users/{late.user_id}").status_code == httpx.codes.NOT_FOUND
        world.rest = rest
        assert world.person("late").user_id != late.user_id
    here.server.stop()
    assert_well_behaved(here.server)


async def test_position_goes_to_the_end_of_what_was_written_at_once(machines: Machines, tmp_path: Path) -> None:
    """The command says where the log ends then; a position that is none of the log's changes nothing."""
    here, archive = machines.on("sqlite"), tmp_path / "backup.gz"
    here.start()
    with Rest(here.server) as rest:
        rest.sign_in(here.server.administrator.user_name, here.server.administrator.password)
        instance = _own_instance(here.server)
        key = rest.post("/admin/v1/signing-keys", algorithm="ES256")["key_id"]
        before = (await _head(here, instance))["position"]
        rest.post(f"/admin/v1/signing-keys/{key}/activate")  # the key before it rests, by the same unit
    here.server.command("backup", str(archive))
    here.server.stop()
    end, within = before + 2, before + 1
    assert (await _head(here, instance))["position"] == end
    words = ("restore", str(archive), "--replace", "--instance", instance, "--position")
    for position in (-1, 0, end + 1):
        refused = _refused(here.server, *words, str(position))
        assert refused["error"] == "position_not_in_log"
        assert refused["message"].endswith(f" to {end}")
        assert (await _head(here, instance))["position"] == end
    restored = json.loads(here.server.command(*words, str(within), "--json"))
    assert restored["position"] == before
    told = here.server.command(*words, str(within))
    assert f"behind position {within}: the durable log ends at {before}" in " ".join(told.split())
    assert (await _head(here, instance))["position"] == before
    await inspect(here.server, here.storage)


async def test_restore_that_was_killed_serves_nobody_until_it_is_done(machines: Machines, tmp_path: Path) -> None:
    """Killed in the middle, the storage refuses to be served; the same restore, run again, makes it good."""
    old, new, archive = machines.on("sqlite"), machines.on("sqlite"), tmp_path / "backup.gz"
    old.start()
    instance = _filled(old.server)
    old.server.command("backup", str(archive))
    old.server.stop()
    await _killed_in_the_middle(new, archive)
    refused = _refused(new.server, "call", "--local", "ListUsers", "--json")
    assert refused["error"] == "restore_under_way"
    assert _refused(new.server, "import", str(archive))["error"] == "restore_under_way"
    served = new.server.run("serve")
    assert (served.returncode, b"restore_under_way" in served.stderr) == (1, True)
    new.server.command("restore", str(archive))
    assert await views_of(new, instance) == await views_of(old, instance)
    await inspect(new.server, new.storage)


async def test_damaged_archive_is_refused(machines: Machines, tmp_path: Path) -> None:
    """Bad compression, a changed line and a missing end are told apart from a storage that does not answer."""
    old, new, archive = machines.on("sqlite"), machines.on("sqlite"), tmp_path / "backup.gz"
    old.start()
    old.server.command("backup", str(archive))
    old.server.stop()
    lines = gzip.decompress(archive.read_bytes()).splitlines(keepends=True)
    packed = archive.read_bytes()
    damaged = {
        "text": b"no archive",
        "cut": packed[:-20],
        "changed": gzip.compress(b"".join([*lines[:2], lines[2].replace(b"A", b"B", 1), *lines[3:]])),
        "ended": gzip.compress(b"".join(lines[:-1])),
    }
    for name, content in damaged.items():
        path = tmp_path / name
        path.write_bytes(content)
        for there in (new, old):
            refused = _refused(there.server, "restore", str(path), "--replace")
            assert (name, refused["error"]) == (name, "archive_damaged")
    new.server.command("restore", str(archive), "--replace")
    old.start()  # what would have been replaced is still there
    assert _own_instance(old.server)
    old.server.stop()


async def test_archive_goes_through_pipes_and_holds_no_secret(machines: Machines) -> None:
    """Standard output and input do; passwords, session tokens and the master key are not in it."""
    old, new = machines.on("sqlite"), machines.on("sqlite")
    old.start()
    instance = _filled(old.server)
    old.server.stop()
    packed = old.server.run("backup", "-").stdout
    plain = gzip.decompress(packed).decode()
    assert [secret for secret in old.server.secrets if secret in plain] == []
    assert "ada@example.com" not in plain
    assert new.server.run("restore", "-", given=packed).returncode == 0
    assert await views_of(new, instance) == await views_of(old, instance)


def test_restore_refuses_while_a_server_runs(machines: Machines, tmp_path: Path) -> None:
    """Nothing is removed under the feet of whoever serves."""
    here, archive = machines.on("sqlite"), tmp_path / "backup.gz"
    here.start()
    here.server.command("backup", str(archive))
    assert _refused(here.server, "restore", str(archive), "--replace")["error"] == "storage_unavailable"
    here.server.stop()
    assert_well_behaved(here.server)


@pytest.mark.postgres
def test_restore_refuses_while_a_node_leads(machines: Machines, tmp_path: Path) -> None:
    """On a storage that several nodes may open, a lease tells that one is there."""
    here, archive = machines.on("postgres"), tmp_path / "backup.gz"
    here.start()
    here.server.command("backup", str(archive))
    refused = _refused(here.server, "restore", str(archive), "--replace", settings=here.owner)
    assert refused["error"] == "failed_precondition"
    here.server.stop()
    assert_well_behaved(here.server)


@pytest.mark.postgres
async def test_no_server_starts_while_a_restore_begins(machines: Machines, tmp_path: Path) -> None:
    """A restore that has read nothing yet has made no mark; all the same nobody begins to serve behind its back."""
    here, archive = machines.on("postgres"), tmp_path / "backup.gz"
    here.start()
    instance = _own_instance(here.server)
    here.server.command("backup", str(archive))
    here.server.stop()
    environment = {**here.server.environment, **here.owner}
    restore = process("restore", "-", "--replace", env=environment, stdin=subprocess.PIPE)

    async def there() -> bool:
        held = "SELECT count(*) FROM hexkeep.leases WHERE name LIKE 'presence.%' AND expires_at > clock_timestamp()"
        return bool(here.storage.query(held)[0][0] == PLACES)

    await until(there, 30)
    assert not here.storage.query("SELECT 1 FROM hexkeep.expiring WHERE instance_id = 'restore'")
    served = await asyncio.to_thread(here.server.run, "serve")
    assert (served.returncode, b"restore_under_way" in served.stderr) == (1, True)
    await asyncio.to_thread(restore.communicate, archive.read_bytes())
    assert restore.returncode == 0
    here.start()
    assert _own_instance(here.server) == instance
    here.server.stop()
    assert_well_behaved(here.server)


# --- what the tests share --------------------------------------------------------------------------------------------


def _signed_in(server: HexkeepServer) -> Creations:
    with Rest(server) as rest:
        token = rest.sign_in(server.administrator.user_name, server.administrator.password)
        return Creations(rest.get("/auth/v1/me")["organization_id"], token)


def _filled(server: HexkeepServer) -> str:
    """A world with people, and the id of its instance."""
    with Rest(server) as rest:
        world = World(server, rest)
        for number in range(8):
            world.person(f"person-{number}")
        world.application("https://shop.example/callback")
    return _own_instance(server)


def _own_instance(server: HexkeepServer) -> str:
    with Rest(server) as rest:
        rest.sign_in(server.administrator.user_name, server.administrator.password)
        instance: str = rest.get("/admin/v1/instance")["instance_id"]
        return instance


async def _head(installation: Installation, instance: str) -> dict[str, Any]:
    rows = json.loads(await asyncio.to_thread(installation.server.command, "projections", "status", "--json"))
    return next({"position": row["head"]} for row in rows if row["instance"] == instance and row["log"] == "durable")


async def views_of(installation: Installation, instance: str) -> Views:
    """Every row of every view of one instance, by table, in order of key."""
    found: Views = {}
    async with hexkeep.open(settings_of(installation.server)) as iam:
        machinery = iam.iam.machinery

        async def settled() -> bool:
            return all(not one.lag for one in await machinery.maintenance.status())

        await until(settled, 20)
        for projection in machinery.registry.projections.values():
            build = machinery.builds.serving(projection)
            for table in projection.tables:
                if table is INSTANCES:
                    continue  # of the instance `system`: another store knows when it has adopted one
                rows, query = list[Row](), Select(table, limit=PAGE)
                while page := await machinery.ports.views.select(build, instance, query):
                    rows += page
                    query = Select(table, limit=PAGE, after=query.cursor_of(page[-1]))
                found[table.name] = rows
    return found


def _refused(server: HexkeepServer, *words: str, settings: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What a command prints that is refused."""
    ran = server.run(*words, *(() if "--json" in words else ("--json",)), settings=settings)
    assert ran.returncode in {1, 4}, ran.stdout + ran.stderr
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


async def _killed_in_the_middle(installation: Installation, archive: Path) -> None:
    """A restore that gets half of its archive, and is killed when it has begun to load."""
    restore = _half_fed(installation.server, archive)

    async def marked() -> bool:
        if not (installation.server.data / "hexkeep.db").exists():
            return False
        try:
            return bool(installation.storage.query("SELECT 1 FROM expiring WHERE instance_id = 'restore'"))
        except Exception:  # noqa: BLE001 - the tables are being made
            return False

    await until(marked, 20)
    _end(restore)


def _half_fed(server: HexkeepServer, archive: Path) -> "subprocess.Popen[bytes]":
    restore = process("restore", "-", env=server.environment, stdin=subprocess.PIPE)
    assert restore.stdin is not None
    packed = archive.read_bytes()
    restore.stdin.write(packed[: len(packed) // 2])
    restore.stdin.flush()
    return restore


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    assert process.stdin is not None
    process.stdin.close()
