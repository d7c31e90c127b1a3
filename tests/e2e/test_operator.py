"""What an operator does at the machine beside a running server, on each storage."""

import json
import time

from tests.e2e.server import HexkeepServer

SEALED_WITHIN = 30.0


def test_projections_are_shown_beside_the_server(server: HexkeepServer) -> None:
    """Every consumer is listed with the node that leads it, and the server goes on as if nobody had looked."""
    rows = json.loads(server.command("projections", "status", "--json"))
    assert {row["consumer"] for row in rows} >= {"users", "projects", "process.instance-creation"}
    assert len({row["leading"] for row in rows}) == 1
    assert rows[0]["leading"]
    assert rows[0]["leading"][-8:] in server.command("projections", "status")
    assert json.loads(server.command("projections", "status", "--json"))[0]["leading"] == rows[0]["leading"]


def test_another_master_key_is_refused_at_start(server: HexkeepServer) -> None:
    """A node with another key than the storage's ends with code 3 before it serves anybody, and says why."""
    key = server.command("config", "master-key").strip()
    server.stop()
    refused = server.run("serve", settings={"HEXKEEP_SECRETS__MASTER_KEY": key})
    server.start()
    assert (refused.returncode, refused.stdout) == (3, b"")
    assert b"this is not the master key that the storage was set up with" in refused.stderr
    assert key.encode() not in refused.stderr


def test_the_log_is_verified_beside_the_server(server: HexkeepServer) -> None:
    """Sealed within seconds, intact, on every storage; with seals and keys from outside no master key is needed."""
    deadline = time.monotonic() + SEALED_WITHIN
    found = json.loads(server.command("verify", "--json"))
    while any(log["unsealed"] for log in found["logs"]) and time.monotonic() < deadline:
        found = json.loads(server.command("verify", "--json"))
    assert found["intact"]
    assert all(log["seals"] and not log["unsealed"] for log in found["logs"])
    assert all(one["keys"] and one["broken"] is None for one in found["unique_keys"])
    keys, seals = server.folder / "keys.json", server.folder / "seals.jsonl"
    keys.write_text(server.command("seals", "keys"), encoding="utf-8")
    seals.write_text(server.command("seals", "export"), encoding="utf-8")
    outside = ("--keys", str(keys), "--seals", str(seals))
    another = {"HEXKEEP_SECRETS__MASTER_KEY": server.command("config", "master-key").strip()}
    assert json.loads(server.command("verify", "--json", *outside, settings=another))["intact"]
