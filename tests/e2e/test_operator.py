"""What an operator does at the machine beside a running server, on each storage."""

import json
import subprocess

from tests.e2e.server import PROGRAM, HexkeepServer


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
    environment = {**server.environment, "HEXKEEP_SECRETS__MASTER_KEY": key}
    server.stop()
    refused = subprocess.run(
        [PROGRAM, "serve"], env=environment, cwd=server.folder, capture_output=True, text=True, timeout=30, check=False
    )
    server.start()
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "this is not the master key that the storage was set up with" in refused.stderr
    assert key not in refused.stderr
