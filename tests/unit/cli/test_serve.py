import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command

STARTING = 30.0
"""Seconds that a start may take on a machine that is busy with other things."""


class Server:
    """A real ``hexkeep serve`` on a free port, in the present folder."""

    def __init__(self, *words: str) -> None:
        program = Path(sys.executable).with_name("hexkeep")
        self.process = subprocess.Popen(
            [program, "serve", "--port", "0", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.said = ""

    def wait_until_it_serves(self) -> int:
        """The port, once it is told."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + STARTING
        while "Ctrl-C" not in self.said and time.monotonic() < deadline:
            line = self.process.stdout.readline()
            assert line, self.said + self.process.communicate()[1]
            self.said += line
        return int(self.said.partition("serves on http://localhost:")[2].partition("\n")[0])

    def get(self, port: int, path: str) -> tuple[int, bytes]:
        """Status and body of a path."""
        connection = http.client.HTTPConnection("localhost", port, timeout=10)
        connection.request("GET", path)
        response = connection.getresponse()
        answer = response.status, response.read()
        connection.close()
        return answer


@contextmanager
def serving(*words: str) -> Iterator[tuple[Server, int]]:
    """A server that serves, and is gone afterwards."""
    server = Server(*words)
    try:
        yield server, server.wait_until_it_serves()
    finally:
        server.process.kill()
        server.process.communicate()


def test_serve_on_an_empty_folder_sets_itself_up() -> None:
    """It prints the administrator, the URL and what to do next; the second start prints no password."""
    with serving() as (server, port):
        assert "Administrator  admin" in server.said
        assert "Password" in server.said
        assert f"http://localhost:{port}/docs" in server.said
        assert server.get(port, "/healthz")[0] == 200
        assert json.loads(server.get(port, "/readyz")[1])["parts"] == {"storage": "ok"}
    with serving() as (server, _):
        assert "Password" not in server.said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_stops_gently(number: signal.Signals) -> None:
    """Told to stop it ends with code 0, everything closed, and another process may have the file at once."""
    with serving() as (server, _):
        server.process.send_signal(number)
        out, _ = server.process.communicate(timeout=STARTING)
        assert server.process.returncode == 0
        assert out.strip() == "Stopped."
    with serving():
        pass


def test_call_asks_the_running_server(hexkeep: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """While a server runs it does the work, for whom the token says; without one the reason is told."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with serving() as (_, port):
        monkeypatch.setenv("HEXKEEP_SERVER__PORT", str(port))
        hexkeep.run("call", "ListOrganizations", code=1)
        assert "give an access token" in hexkeep.errors
        hexkeep.run("call", "--token", "wrong", "ListOrganizations", code=1)
        assert "[unauthenticated]" in hexkeep.errors
        hexkeep.run("call", "--local", "ListOrganizations", code=4)
        assert "[storage_unavailable]" in hexkeep.errors


def test_taken_port_is_told(hexkeep: Command) -> None:
    """A port that somebody has ends the start with code 3 and its name, before anything is made."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        hexkeep.run("serve", "--port", str(other.getsockname()[1]), code=3)
    assert "server.port: cannot listen on 127.0.0.1:" in hexkeep.errors
    assert list(Path().iterdir()) == []


def test_one_port_serves_everything() -> None:
    """Pages, protocol endpoints and REST answer on the same origin; what is nobody's is a problem document."""
    with serving() as (server, port):
        discovery = json.loads(server.get(port, "/.well-known/openid-configuration")[1])
        assert discovery["issuer"] == f"http://localhost:{port}"
        assert server.get(port, discovery["jwks_uri"].partition(str(port))[2])[0] == 200
        assert b"<form" in server.get(port, "/ui/login")[1]
        assert b"openapi" in server.get(port, "/openapi.json")[1]
        status, problem = server.get(port, "/nowhere")
        assert (status, json.loads(problem)["code"]) == (404, "not_found")
