"""Looking after projections from the command line: status, rebuild, retry, skip, check; alone and beside a server."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hexkeep.adapters.sqlite import SqliteSettings, SqliteStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Appended, NewEvent, StreamAppend, Unit
from tests.unit.cli.conftest import Command
from tests.unit.cli.server import TIMEOUT, Server, serving

pytestmark = pytest.mark.timeout(TIMEOUT)

DATABASE = Path("hexkeep-data/hexkeep.db")


@pytest.fixture
def installation(hexkeep: Command, unused_port: None) -> Command:
    """A storage that is set up and that nobody serves."""
    hexkeep.run("setup", "--json")
    return hexkeep


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unused_port: None) -> Iterator[Server]:
    """A server, and a state folder of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with serving() as (server, port):
        server.port = port
        yield server


def builds(hexkeep: Command, projection: str) -> list[tuple[int, str]]:
    """The builds of a projection with their states, as the status tells them."""
    rows = hexkeep.json("projections", "status", "--json")
    return sorted({(row["build"], row["state"]) for row in rows if row["consumer"] == projection})


def test_a_rebuild_ends_with_the_new_build_serving(installation: Command) -> None:
    """Without a server this process does the work; the former build is retired."""
    assert builds(installation, "users") == [(1, "serving")]
    done = installation.json("projections", "rebuild", "users", "--json")
    assert done == [{"projection": "users", "build": 2, "serves": True, "replaced": False}]
    assert builds(installation, "users") == [(1, "retired"), (2, "serving")]
    assert installation.json("projections", "check", "users", "--json") == {"differences": 0, "rows": []}
    assert installation.json("call", "ListUsers")["users"]


def test_all_projections_are_rebuilt_at_once(installation: Command) -> None:
    """One command for everything."""
    text = installation.run("projections", "rebuild", "--all")
    assert "users: build 2 serves" in text
    assert "sessions: build 2 serves" in text


def test_a_slip_is_told(installation: Command) -> None:
    """An unknown name comes with the one that may have been meant; one of name and --all is needed."""
    installation.run("projections", "rebuild", "usres", code=1)
    assert "users" in installation.errors
    installation.run("projections", "check", "usres", code=1)
    assert "users" in installation.errors
    installation.run("projections", "rebuild", code=2)
    installation.run("projections", "rebuild", "users", "--all", code=2)


def test_a_view_that_was_tampered_with_is_told(installation: Command) -> None:
    """The columns that differ are shown, their cells are not; a rebuild makes it good."""
    installation.run("projections", "check")  # every view has caught up then
    with closing(sqlite3.connect(DATABASE)) as connection, connection:
        [table] = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if "users" in name and "1" in name
        ]
        changed = connection.execute(f'UPDATE "{table}" SET given_name = ?', ("Mallory",))  # noqa: S608 - ours
        assert changed.rowcount == 1
    found = installation.json("projections", "check", "--json", code=1)
    assert (found["differences"], found["rows"][0]["columns"]) == (1, ["given_name"])
    text = installation.run("projections", "check", code=1)
    assert "given_name" in text
    assert "Mallory" not in text
    installation.run("projections", "rebuild", "users")
    assert "Every view holds what its log says." in installation.run("projections", "check")


def test_nothing_parked_is_nothing_to_do(installation: Command) -> None:
    """A retry of nothing is done; there is nothing to skip."""
    assert "Nothing is parked." in installation.run("projections", "retry")
    installation.run("projections", "skip", "users", "user", "01a2", "--reason", "test", "--yes", code=1)
    assert "[not_found]" in installation.errors
    installation.run("projections", "skip", "users", "user", "01a2", code=2)


async def append_nonsense(user_id: str) -> None:
    """An event of a user that no program of ours can read, as of a release that is gone."""
    storage = SqliteStorage(SqliteSettings(path=DATABASE), SystemClock())
    await storage.open()
    try:
        [instance] = {head.instance for head in await storage.events.heads()} - {"system"}
        ref = Ref("user", user_id)
        [version] = await storage.events.versions(instance, [(Log.DURABLE, ref)])
        event = NewEvent("user.unheard_of", 1, b"{}", b"d" * 32)
        appended = await storage.events.append(
            [Unit("nonsense", instance, Log.DURABLE, (StreamAppend(ref, version, (event,)),))]
        )
        assert isinstance(appended[0], Appended)
    finally:
        await storage.close()


def test_what_is_parked_is_told_retried_and_skipped(installation: Command) -> None:
    """A retry that does not help says so; a skip asks, wants a reason, and lets the aggregate go on."""

    def run(*words: str, code: int = 0, text: str = "") -> str:
        return installation.run("projections", *words, code=code, text=text)

    def parked() -> list[tuple[str, int, str]]:
        rows = installation.json("projections", "status", "--json")
        found = [(row["consumer"], one) for row in rows for one in row["parked_aggregates"]]
        return [(name, one["attempts"], one["error"]) for name, one in found if name == "users"]

    user_id = installation.json("call", "ListUsers")["users"][0]["user_id"]
    asyncio.run(append_nonsense(user_id))
    installation.run("call", "CreateOrganization", "name=Another")  # which waits until the projections have followed
    assert "still parked" in run("retry", "users", code=1)
    assert parked() == [("users", 2, "KeyError")]
    assert user_id in run("status")
    skip = ("skip", "users", "user", user_id, "--reason", "of a release that is gone")
    run(*skip, code=1, text="n\n")
    assert len(parked()) == 1
    assert "Skipped" in run(*skip, text="y\n")
    assert parked() == []
    assert installation.json("projections", "check", "users", "--json")["differences"] == 0
    run("rebuild", "users")
    assert parked() == []
    assert user_id in {one["user_id"] for one in installation.json("call", "ListUsers")["users"]}


def test_a_rebuild_beside_a_server_is_the_servers(
    hexkeep: Command, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It needs a token; the server fills the new build and serves all the while. A check works beside it as well."""
    hexkeep.run("projections", "rebuild", "users", code=1)
    assert "--token" in hexkeep.errors
    opened = hexkeep.json("call", "CreateSession", "login_name=admin", f"password={server.password}")
    monkeypatch.setenv("HEXKEEP_TOKEN", opened["session_token"])
    assert hexkeep.json("projections", "rebuild", "users", "--json")[0]["build"] == 2
    assert (2, "serving") in builds(hexkeep, "users")
    assert hexkeep.json("call", "ListUsers")["users"]
    assert hexkeep.json("projections", "check", "--json")["differences"] == 0
    assert "Nothing is parked." in hexkeep.run("projections", "retry")
