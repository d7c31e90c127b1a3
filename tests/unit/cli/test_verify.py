"""`hexkeep verify` and `hexkeep seals`, beside a running server, with and without the master key."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command
from tests.unit.cli.server import TIMEOUT, Server, serving

pytestmark = pytest.mark.timeout(TIMEOUT)

FILE = Path("hexkeep-data/hexkeep.db")
PATIENCE = 120.0


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that seals every second."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HEXKEEP_SEALING__EVERY", "1s")
    with serving() as (server, port):
        server.port = port
        yield server


def sealed(hexkeep: Command) -> list[dict[str, object]]:
    """The reports once everything is sealed."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        logs: list[dict[str, object]] = hexkeep.json("verify", "--json")["logs"]
        if all(log["seals"] and not log["unsealed"] for log in logs):
            return logs
    raise AssertionError("nobody seals")


def tampered(statement: str) -> None:
    """Change the file as its owner; the server goes on."""
    with closing(sqlite3.connect(FILE, timeout=10)) as file, file:
        for (name,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {name}")
        file.execute(statement)


def test_a_log_is_verified_beside_its_server(hexkeep: Command, server: Server) -> None:
    """Sealed within seconds, intact, and found broken at the right place once somebody changes the file."""
    first = sealed(hexkeep)[0]
    assert first["broken"] is None
    assert "The logs are as they were written." in hexkeep.run("verify")
    tampered("UPDATE events SET actor = 'eve' WHERE position = 2 AND log_id = (SELECT id FROM logs LIMIT 1)")
    found = hexkeep.json("verify", "--json", code=1)
    [broken] = [log["broken"] for log in found["logs"] if log["broken"]]
    assert (found["intact"], broken["fault"], broken["first"]) == (False, "digest", 2)
    hexkeep.run("verify", code=1)
    assert "position 2: the event was changed" in " ".join(hexkeep.errors.split())


def test_seals_kept_elsewhere_show_a_cut_log(hexkeep: Command, server: Server) -> None:
    """Events, seals and head go together; keys and seals from outside need no master key."""
    sealed(hexkeep)
    Path("seals.jsonl").write_text(hexkeep.run("seals", "export"), encoding="utf-8")
    Path("keys.json").write_text(hexkeep.run("seals", "keys"), encoding="utf-8")
    Path("hexkeep-data/master.key").rename("elsewhere.key")
    outside = ("verify", "--json", "--keys", "keys.json", "--seals", "seals.jsonl")
    assert hexkeep.json(*outside)["intact"]
    hexkeep.run("verify", code=3)
    assert "--keys" in hexkeep.errors
    tampered("DELETE FROM seals WHERE log = 'durable' AND instance_id <> 'system'")
    assert hexkeep.json("verify", "--json", "--keys", "keys.json")["intact"]
    found = hexkeep.json(*outside, code=1)
    assert [log["broken"]["fault"] for log in found["logs"] if log["broken"]] == ["kept"]


def test_an_export_goes_on_where_another_ended(hexkeep: Command, server: Server) -> None:
    """Only what is new; the first line has the keys; and a file that does not fit is refused."""
    sealed(hexkeep)
    first = hexkeep.run("seals", "export")
    assert list(json.loads(first.splitlines()[0])) == ["keys"]
    Path("seals.jsonl").write_text(first, encoding="utf-8")
    assert len(hexkeep.run("seals", "export", "--known", "seals.jsonl").splitlines()) == 1
    server.sign_in(server.port)
    sealed(hexkeep)
    more = hexkeep.run("seals", "export", "--known", "seals.jsonl").splitlines()
    assert {json.loads(line)["log"] for line in more[1:]} == {"activity"}
    assert hexkeep.json("verify", "--json", "--seals", "seals.jsonl")["intact"]
    forged = [json.loads(line) for line in first.splitlines()]
    forged[1]["signature"] = forged[2]["signature"]
    Path("forged.jsonl").write_text("\n".join(map(json.dumps, forged)), encoding="utf-8")
    hexkeep.run("seals", "export", "--known", "forged.jsonl", code=1)
    assert "hexkeep verify --seals" in " ".join(hexkeep.errors.split())


@pytest.mark.parametrize(
    ("option", "content"),
    [("--keys", "no json"), ("--keys", "{}"), ("--seals", "no json"), ("--seals", '{"instance": 1}')],
)
def test_files_that_hold_something_else_are_refused(hexkeep: Command, option: str, content: str) -> None:
    """Before anything is opened, and without a trace."""
    Path("file").write_text(content, encoding="utf-8")
    hexkeep.run("verify", option, "file", code=1)
    assert "[invalid_input]" in hexkeep.errors
