"""A real `hexkeep serve` process, run and read as the person does who has just installed it."""

import json
import os
import re
import signal
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import httpx

from hexkeep.client.positions import Positions
from tests.ports import reserved_port
from tests.processes import process, run

GRPC = re.compile(r"gRPC\s+\S+:(\d+)\n")
STARTING = 90.0
"""Seconds that a start or a stop may take on a machine that is busy with other things."""
ANSWERING = 30.0
"""The same for an answer, and for a connection to the database on the way to it."""
STEP = 0.01
PRINTED = re.compile(r"Administrator\s+(\S+)\n\s+Password\s+(\S+)")
SHORTEST_SECRET = 8
SERVER_FAULT = 500
SENDERS_FAULTS = frozenset({"Client", "MustUnderstand", "VersionMismatch"})
"""Faults of SOAP that have the same status in HTTP as the server's own."""
RPC_FAULTS = frozenset({"INTERNAL", "UNKNOWN", "DATA_LOSS"})


@dataclass(frozen=True, slots=True)
class Administrator:
    """Whom the first run printed."""

    user_name: str
    password: str = field(repr=False)


class HexkeepServer:
    """One installation: a data folder, a port, settings by environment; started, stopped and killed at will.

    Tests add every secret they come to know to ``secrets``; what the server said must not hold any of them.
    """

    def __init__(self, folder: Path, port: int, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = port
        self.origin = f"http://localhost:{port}"
        self.ready_at = ""
        """Where to ask whether it is ready, if not at the origin."""
        self.trust = ssl.create_default_context()
        """What clients trust; a server with a certificate needs one that its authority is in."""
        self.secrets: set[str] = set()
        self.positions = Positions()
        """Where its logs stood after what callers wrote."""
        self.administrator = Administrator("", "")
        self.printed_after = 0.0
        """Seconds that the last start took until it had printed its URL."""
        self._settings = dict(settings or {})
        self._process: subprocess.Popen[Any] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every command of this installation; nothing of the developer's own settings."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HEXKEEP_")}
        own = {
            "HEXKEEP_SERVER__PORT": str(self.port),
            "HEXKEEP_GRPC__PORT": "0",
            "HEXKEEP_DATA__FOLDER": str(self.data),
            "HEXKEEP_LOGGING__LEVEL": "debug",
            "HEXKEEP_LOGGING__FORMAT": "json",
            "XDG_STATE_HOME": str(self.folder / "state"),
        }
        return {**inherited, **own, **self._settings}

    def configure(self, settings: Mapping[str, str]) -> None:
        """Change settings, for the next start and for commands."""
        self._settings |= settings

    def command(self, *words: str, settings: Mapping[str, str] | None = None) -> str:
        """The standard output of a `hexkeep` command that succeeds."""
        ran = self.run(*words, settings=settings)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout.decode()

    def run(
        self, *words: str, settings: Mapping[str, str] | None = None, given: bytes | None = None
    ) -> "subprocess.CompletedProcess[bytes]":
        """A `hexkeep` command, whatever becomes of it."""
        environment = {**self.environment, **(settings or {})}
        if words[:1] == ("restore",):
            self.positions.forget()
        return run(*words, env=environment, cwd=self.folder, given=given, timeout=STARTING)

    def set_up(self, settings: Mapping[str, str]) -> None:
        """`hexkeep setup` with more settings than the server will have, as with the database owner's role."""
        self._read_administrator(self.command("setup", settings=settings))

    def start(self) -> None:
        """Start and wait until it is ready."""
        began, known = time.monotonic(), len(self.said)
        with self._output.open("ab") as out, self._log.open("ab") as log:
            self._process = process("serve", env=self.environment, cwd=self.folder, stdout=out, stderr=log)
        self._wait("the URL", lambda: self.origin in self.said[known:])
        self.printed_after = time.monotonic() - began
        self._wait("readiness", self._ready)
        self._read_administrator(self.said[known:])

    def wait_for_origin_of(self, other: "HexkeepServer") -> None:
        """Wait until this node says what another says of where their instance is: the last that started has said it.

        Nodes of one installation have one origin where people run them; here each has a port of its own.
        """
        self._wait("one origin", lambda: self.issuer() == other.issuer())

    def issuer(self) -> object:
        """What the node says of where the instance is."""
        return httpx.get(f"{self.origin}/.well-known/openid-configuration", trust_env=False).json()["issuer"]

    def stop(self) -> None:
        """Ask it to end (SIGTERM), as a service manager does; it has to end well."""
        assert self._end(signal.SIGTERM) == 0, self.log[-2000:]

    def kill(self) -> None:
        """End it without a chance to tidy up (SIGKILL)."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Stop it where it is (SIGSTOP), as when a machine is suspended: it holds whatever it holds."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT); it does not know that time has passed."""
        self._signal(signal.SIGCONT)

    @property
    def grpc(self) -> str:
        """Where it answers native gRPC, as it said at its last start."""
        return f"localhost:{GRPC.findall(self.said)[-1]}"

    @property
    def runs(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The running process."""
        assert self._process is not None
        return self._process.pid

    @property
    def said(self) -> str:
        """Its standard output, of all its lives."""
        return self._output.read_text() if self._output.exists() else ""

    @property
    def log(self) -> str:
        """Its standard error, of all its lives."""
        return self._log.read_text() if self._log.exists() else ""

    @property
    def records(self) -> list[dict[str, Any]]:
        """Its log, parsed; a line that is no record is one of level ``error``."""
        return [_record(line) for line in self.log.splitlines()]

    def call(self, request_id: str) -> dict[str, Any]:
        """The record of a gRPC call, which is written once its answer is out."""
        self._wait("the record of a call", lambda: bool(self._calls(request_id)))
        return self._calls(request_id)[0]

    def _calls(self, request_id: str) -> list[dict[str, Any]]:
        return [one for one in self.records if one.get("request_id") == request_id and "rpc_status" in one]

    def defects(self) -> list[dict[str, Any]]:
        """The records that a well-behaved server does not write, whatever its callers do."""
        return [one for one in self.records if _is_defect(one)]

    def leaks(self) -> list[str]:
        """The lines that hold a secret; the administrator's password may stand where it is printed, once."""
        allowed = re.compile(r"\s*Password\s+\S+")
        lines = [line for line in self.said.splitlines() if not allowed.fullmatch(line)] + self.log.splitlines()
        secrets = [secret for secret in self.secrets if len(secret) >= SHORTEST_SECRET]
        return [line for line in lines if any(secret in line for secret in secrets)]

    @property
    def _output(self) -> Path:
        return self.folder / "stdout"

    @property
    def _log(self) -> Path:
        return self.folder / "stderr"

    def _read_administrator(self, text: str) -> None:
        if printed := PRINTED.search(text):
            self.administrator = Administrator(printed[1], printed[2])
            self.secrets.add(printed[2])

    def _ready(self) -> bool:
        try:
            probe = httpx.get(f"{self.ready_at or self.origin}/readyz", timeout=5, trust_env=False, verify=self.trust)
        except httpx.TransportError:
            return False
        return probe.status_code == httpx.codes.OK

    def _wait(self, what: str, fulfilled: Callable[[], bool]) -> None:
        deadline, pause = time.monotonic() + STARTING, Event()
        while not fulfilled():
            assert self.runs, f"it ended before {what}: {self.said}{self.log}"
            assert time.monotonic() < deadline, f"no {what} in time: {self.said}{self.log}"
            pause.wait(STEP)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> int:
        self._signal(number)
        assert self._process is not None
        code = self._process.wait(STARTING)
        self._process = None
        return code


@contextmanager
def serving(
    folder: Path, settings: Mapping[str, str] | None = None, trust: ssl.SSLContext | None = None
) -> Iterator[HexkeepServer]:
    """A server that serves; in the end it stops well, and has neither failed nor told a secret.

    One with a certificate of its own needs clients that ``trust`` it.
    """
    with installed(folder, settings) as server:
        if trust is not None:
            server.origin, server.trust = f"https://localhost:{server.port}", trust
        server.start()
        yield server
        server.stop()
    assert_well_behaved(server)


@contextmanager
def installed(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[HexkeepServer]:
    """An installation that is not started yet, and does not run any more in the end."""
    folder.mkdir(parents=True, exist_ok=True)
    with reserved_port() as port:
        server = HexkeepServer(folder, port, settings)
        try:
            yield server
        finally:
            if server.runs:
                server.kill()


def assert_well_behaved(server: HexkeepServer) -> None:
    """No answer of 500 and above, no error in the log, no secret anywhere in what it said."""
    assert not (defects := server.defects()), defects
    assert not (leaks := server.leaks()), leaks


def _is_defect(record: Mapping[str, Any]) -> bool:
    return (
        record["level"] in {"error", "critical"}
        or (record.get("http_status", 0) >= SERVER_FAULT and record.get("soap_status") not in SENDERS_FAULTS)
        or record.get("rpc_status") in RPC_FAULTS
    )


def _record(line: str) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(line)
    except ValueError:
        return {"level": "error", "message": line}
    return record
