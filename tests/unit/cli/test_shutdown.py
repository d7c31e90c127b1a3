"""How a server ends: what was acknowledged is there, nothing is left behind, and it never takes for ever."""

import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.cli.server import STARTING, TIMEOUT, Server, serving

pytestmark = pytest.mark.timeout(TIMEOUT)

WORKERS = 8
HALF_A_REQUEST = (
    b"POST /auth/v1/sessions HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
)


class Load:
    """Workers that create organizations until the server is gone; ``acknowledged`` are those it has answered for."""

    def __init__(self, server: Server, port: int) -> None:
        self._server, self._port = server, port
        self._token = server.sign_in(port)
        self.acknowledged: list[str] = []
        self.failures: list[BaseException] = []
        self.enough = threading.Event()
        self.workers = [threading.Thread(target=self._work, args=(number,)) for number in range(WORKERS)]

    def _work(self, number: int) -> None:
        try:
            for turn in range(10_000):
                fields = {"name": f"Engines {number} {turn}"}
                made = self._server.post(self._port, "/admin/v1/organizations", fields, self._token)
                self.acknowledged.append(made["organization_id"])
                if len(self.acknowledged) >= 3 * WORKERS:
                    self.enough.set()
        except (OSError, http.client.HTTPException):
            return  # gone
        except BaseException as error:  # noqa: BLE001 - looked at by the test
            self.failures.append(error)
            self.enough.set()


def test_load_is_drained(tmp_path: Path) -> None:
    """SIGTERM under load: code 0, every answer given was true, leases are given back, the file is closed."""
    with serving(script=True) as (server, port):
        load = Load(server, port)
        for worker in load.workers:
            worker.start()
        assert load.enough.wait(STARTING)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        _, err = server.process.communicate(timeout=STARTING)
        took = time.monotonic() - began
        for worker in load.workers:
            worker.join()
    assert (server.process.returncode, load.failures) == (0, [])
    assert [line for line in err.splitlines() if " INFO " not in line] == []
    assert took < 15
    assert not list(Path("hexkeep-data").glob("*-wal"))
    assert not Path("hexkeep-data/server.url").exists()
    with closing(sqlite3.connect("hexkeep-data/hexkeep.db")) as connection:
        created = "SELECT aggregate_id FROM events WHERE aggregate_type = 'organization' AND version = 1"
        assert {one for (one,) in connection.execute(created)} >= set(load.acknowledged)
        held = "SELECT name FROM leases WHERE name LIKE 'spooler/%' AND expires_at > 0"
        assert connection.execute(held).fetchall() == []


def test_request_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request in flight has `server.shutdown`, then the server ends all the same, with code 0."""
    monkeypatch.setenv("HEXKEEP_SERVER__SHUTDOWN", "1s")
    with serving(script=True) as (server, port), socket.create_connection(("localhost", port)) as stuck:
        begin(stuck)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(STARTING) == 0


def test_second_signal_ends_at_once() -> None:
    """Who cannot wait for requests in flight asks again: the process is gone, by that signal."""
    with serving(script=True) as (server, port), socket.create_connection(("localhost", port)) as stuck:
        begin(stuck)
        server.process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(1)
        began = time.monotonic()
        os.kill(server.process.pid, signal.SIGTERM)
        assert server.process.wait(STARTING) == -signal.SIGTERM
        assert time.monotonic() - began < 5
    with serving(script=True):
        pass  # the storage does not mind


def begin(stuck: socket.socket) -> None:
    """Send half a request on a connection that the server has surely accepted, for it has answered on it before."""
    stuck.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert stuck.recv(4096).startswith(b"HTTP/1.1 200")
    stuck.sendall(HALF_A_REQUEST)


def test_streams_do_not_hold_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever follows events is told that there is no more, at once; it comes again elsewhere."""
    monkeypatch.setenv("HEXKEEP_SERVER__SHUTDOWN", "60s")
    with serving(script=True) as (server, port):
        headers = {"authorization": f"Bearer {server.sign_in(port)}", "accept": "text/event-stream"}
        with closing(http.client.HTTPConnection("localhost", port, timeout=STARTING)) as connection:
            connection.request("GET", "/admin/v1/events/feed", headers=headers)
            answer = connection.getresponse()
            assert answer.readline() == b"retry: 2000\n"
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            assert answer.read().count(b"id: ") == 1
            server.process.communicate(timeout=STARTING)
    assert server.process.returncode == 0
    assert time.monotonic() - began < 30
