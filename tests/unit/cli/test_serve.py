import json
import signal
import socket
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command
from tests.unit.cli.server import STARTING, TIMEOUT, serving

pytestmark = pytest.mark.timeout(TIMEOUT)


def test_serve_on_an_empty_folder_sets_itself_up() -> None:
    """It prints the administrator, the URL and what to do next; the second start prints no password."""
    with serving(script=True) as (server, port):
        assert "Administrator  admin" in server.said
        assert "Password" in server.said
        assert f"http://localhost:{port}/docs" in server.said
        assert server.get(port, "/healthz")[0] == 200
        assert json.loads(server.get(port, "/readyz")[1])["parts"] == {"storage": "ok", "projections": "ok"}
    with serving(script=True) as (server, _):
        assert "Password" not in server.said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_stops_gently(number: signal.Signals) -> None:
    """Told to stop it ends with code 0, everything closed; it logged nothing, and others may have the file at once."""
    with serving(script=True) as (server, _):
        server.process.send_signal(number)
        out, err = server.process.communicate(timeout=STARTING)
        assert server.process.returncode == 0
        assert out.strip() == "Stopped."
        assert err == ""
    with serving(script=True):
        pass


def test_taken_port_is_told(hexkeep: Command) -> None:
    """A port that somebody has ends the start with code 3 and its name, before anything is made."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        hexkeep.run("serve", "--port", str(other.getsockname()[1]), code=3)
    assert "server.port: cannot listen on 127.0.0.1:" in hexkeep.errors
    assert list(Path().iterdir()) == []


def test_taken_grpc_port_is_told(hexkeep: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for gRPC's port, which can be left out."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("HEXKEEP_GRPC__PORT", str(other.getsockname()[1]))
        hexkeep.run("serve", "--port", "0", code=3)
    assert "grpc.port: cannot listen on 127.0.0.1:" in hexkeep.errors
    assert list(Path().iterdir()) == []


def test_one_port_serves_everything() -> None:
    """Pages, protocol endpoints and REST answer on the same origin; what is nobody's is a problem document."""
    with serving(script=True) as (server, port):
        discovery = json.loads(server.get(port, "/.well-known/openid-configuration")[1])
        assert discovery["issuer"] == f"http://localhost:{port}"
        assert server.get(port, discovery["jwks_uri"].partition(str(port))[2])[0] == 200
        assert b"<form" in server.get(port, "/ui/login")[1]
        assert b"openapi" in server.get(port, "/openapi.json")[1]
        status, problem = server.get(port, "/nowhere")
        assert (status, json.loads(problem)["code"]) == (404, "not_found")
