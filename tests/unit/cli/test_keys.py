"""`hexkeep keys` and `hexkeep erasures`, with and without a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command
from tests.unit.cli.server import TIMEOUT, Server, serving

pytestmark = pytest.mark.timeout(TIMEOUT)


@pytest.fixture
def server(unused_port: None) -> Iterator[Server]:
    """A server on another port than the settings say."""
    with serving() as (server, port):
        server.port = port
        yield server


def use(monkeypatch: pytest.MonkeyPatch, wanted: str, *previous: str) -> None:
    """Settings with these master keys."""
    monkeypatch.setenv("HEXKEEP_SECRETS__MASTER_KEY_FILE", wanted)
    monkeypatch.setenv("HEXKEEP_SECRETS__PREVIOUS_MASTER_KEY_FILES", ",".join(previous) or "[]")


def masters(hexkeep: Command) -> set[str]:
    """Which master keys wrap anything."""
    return {key["master"] for key in hexkeep.json("keys", "list", "--all", "--json")}


def test_the_master_key_is_rotated_without_a_server(hexkeep: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made, given beside the old one, rotated, and the old one taken away."""
    hexkeep.run("setup")
    before = masters(hexkeep)
    hexkeep.run("config", "master-key", "new.key")
    use(monkeypatch, "new.key")
    hexkeep.run("keys", "rotate", code=3)
    assert "this is not the master key" in hexkeep.errors
    use(monkeypatch, "new.key", "hexkeep-data/master.key")
    done = hexkeep.json("keys", "rotate", "--json")
    assert done["rewrapped"] > 0
    assert masters(hexkeep) == {done["master"]} != before
    use(monkeypatch, "new.key")
    assert hexkeep.json("call", "ListUsers")["users"]
    use(monkeypatch, "hexkeep-data/master.key")
    hexkeep.run("call", "ListUsers", code=3)


def test_keys_are_listed_by_name_and_without_their_bytes(hexkeep: Command) -> None:
    """Those of people and days, which are many, when asked for."""
    hexkeep.run("setup")
    few, all_ = hexkeep.json("keys", "list", "--json"), hexkeep.json("keys", "list", "--all", "--json")
    assert all(set(key) == {"instance", "name", "version", "master", "destroyed"} for key in all_)
    assert any(key["name"].startswith("subject/") for key in all_)
    assert not any(key["name"].startswith("subject/") for key in few)
    assert "more of people and days" in hexkeep.run("keys", "list")


def test_a_data_key_is_renewed(hexkeep: Command) -> None:
    """If its versions stand beside what they made; else the refusal says why."""
    hexkeep.run("setup")
    assert hexkeep.json("keys", "rotate", "--data", "sealed/signing", "--json") == {"version": 2}
    assert hexkeep.json("keys", "rotate", "--data", "sealed/signing", "--json") == {"version": 3}
    hexkeep.run("keys", "rotate", "--data", "unique", code=1)
    assert "two hashes" in hexkeep.errors
    hexkeep.run("keys", "rotate", "--data", "sealed/nothing", code=1)
    assert "[not_found]" in hexkeep.errors


def test_erasures_are_listed(hexkeep: Command) -> None:
    """From a file beside the storage, which need not be there."""
    assert hexkeep.json("erasures", "list", "--json") == []
    assert "Nobody" in hexkeep.run("erasures", "list")
    Path("hexkeep-data").mkdir()
    stone = '{"instance":"main","user_id":"ada","erased_at":"2026-01-01T12:00:00+00:00","position":7}\n'
    Path("hexkeep-data/erasures.jsonl").write_text(stone)
    [listed] = hexkeep.json("erasures", "list", "--json")
    assert (listed["user_id"], listed["position"]) == ("ada", 7)


def test_beside_a_server_the_server_rotates(hexkeep: Command, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a token: who can read the data folder may. It has to know the key that the command is set to."""
    assert Path("hexkeep-data/server.key").stat().st_mode & 0o077 == 0
    assert "Every data key" in hexkeep.run("keys", "rotate")
    assert hexkeep.json("keys", "rotate", "--data", "sealed/signing", "--json") == {"version": 2}
    hexkeep.run("config", "master-key", "new.key")
    use(monkeypatch, "new.key", "hexkeep-data/master.key")
    hexkeep.run("keys", "rotate", code=1)
    assert "restart it" in hexkeep.errors
