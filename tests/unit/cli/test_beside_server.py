"""Commands beside a running server: an operator looks, a person with a token works, nobody breaks anything."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command
from tests.unit.cli.server import TIMEOUT, Server, serving

pytestmark = pytest.mark.timeout(TIMEOUT)

HEADINGS = ["Consumer", "Build", "Log", "Position", "Head", "Lag", "Parked", "Leading"]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unused_port: None) -> Iterator[Server]:
    """A server on another port than the settings say, and a state folder of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with serving() as (server, port):
        server.port = port
        yield server


def test_status_is_shown_beside_a_running_server(hexkeep: Command, server: Server) -> None:
    """An operator can always look, even without the master key: how far all are, and which node leads."""
    Path("hexkeep-data/master.key").rename("elsewhere.key")
    rows = hexkeep.json("projections", "status", "--json")
    assert {row["consumer"] for row in rows} >= {"users", "organizations", "process.instance-creation"}
    assert all(row["lag"] == row["head"] - row["position"] for row in rows)
    [node] = {row["leading"] for row in rows}
    text = hexkeep.run("projections", "status")
    assert text.splitlines()[1].split() == HEADINGS
    assert f" {node[-8:]}" in text
    assert max(map(len, text.splitlines())) <= 80
    assert not Path("hexkeep-data/master.key").exists()


def test_call_tells_what_to_do_beside_a_running_server(hexkeep: Command, server: Server) -> None:
    """Without a token, and with --local: where the server is, how to get a token, or that it has to be stopped."""
    hexkeep.run("call", "ListOrganizations", code=1)
    for told in (f"http://localhost:{server.port}", "--token", "CreateSession", "stop the server"):
        assert told in hexkeep.errors
    hexkeep.run("call", "--local", "ListOrganizations", code=4)
    for told in (f"http://localhost:{server.port}", "--token", "stop the server", "[storage_unavailable]"):
        assert told in hexkeep.errors
    hexkeep.run("call", "--token", "wrong", "ListOrganizations", code=1)
    assert "[unauthenticated]" in hexkeep.errors


def test_call_works_with_a_session_token(hexkeep: Command, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sign in, read, write, list: each list has what the command before it wrote, for the position is kept."""
    opened = hexkeep.json("call", "CreateSession", "login_name=admin", f"password={server.password}")
    monkeypatch.setenv("HEXKEEP_TOKEN", opened["session_token"])
    organization, made = hexkeep.json("call", "GetMyUser")["organization_id"], ""
    for count in range(1, 6):
        fields = (f"organization_id={organization}", f"name=Shop {count}")
        made = hexkeep.json("call", "CreateProject", *fields)["project_id"]
        listed = hexkeep.json("call", "ListProjects", "limit:=50")["projects"]
        assert made in {project["project_id"] for project in listed}
        hexkeep.run("call", "UpdateProject", f"project_id={made}", f"name=Store {count}")
        assert hexkeep.json("call", "GetProject", f"project_id={made}")["name"] == f"Store {count}"
    hexkeep.run("call", "DeleteProject", f"project_id={made}")
    assert len(hexkeep.json("call", "ListProjects", "name=Store")["projects"]) == 4


def test_call_works_on_the_storage_of_a_killed_server(hexkeep: Command, server: Server) -> None:
    """What a killed server left of its whereabouts leads nobody astray."""
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    assert Path("hexkeep-data/server.url").exists()
    assert hexkeep.json("call", "ListOrganizations")["organizations"]
    assert hexkeep.json("projections", "status", "--json")
