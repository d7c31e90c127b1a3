"""Nodes of their own processes (see ``engine_node``) and the receiver that they deliver to."""

import json
import queue
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Self

from tests.processes import module

PATIENCE = 30.0
"""Seconds, on a machine that is busy with other things."""


class Node:
    """One process; a context manager that leaves nothing behind."""

    def __init__(self, storage: str, sink: str, *kill: str) -> None:
        pipe = subprocess.PIPE
        self._process = module("tests.e2e.engine_node", storage, sink, *kill, stdin=pipe, stdout=pipe, text=True)
        self._lines: queue.Queue[str] = queue.Queue()
        self._reading = Thread(target=self._read, daemon=True)
        self._reading.start()

    def __enter__(self) -> Self:
        assert self.answer() in {"ready", ""}
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.strip())
        self._lines.put("")

    def answer(self) -> str:
        """The next line it prints; empty when it is dead."""
        line = self._lines.get(timeout=PATIENCE)
        if not line:
            self._lines.put("")  # it stays dead
        return line

    def ask(self, *words: str) -> str:
        """Tell it something, and hear what it says to that; empty when it is dead."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(" ".join(words) + "\n")
            self._process.stdin.flush()
        except OSError:
            return ""
        return self.answer()

    def kill(self) -> None:
        """End it without a chance to tidy up (SIGKILL)."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(PATIENCE)
        self._reading.join(PATIENCE)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was not sent cannot be sent any more
                    pipe.close()

    def pause(self) -> None:
        """Stop it where it is (SIGSTOP)."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        self._process.send_signal(signal.SIGCONT)

    @property
    def dead(self) -> bool:
        """Whether it has ended."""
        return self._process.poll() is not None


class Sink:
    """A receiver on a port of its own. It honours the key: whatever comes twice under one it takes once."""

    def __init__(self) -> None:
        self.attempts: list[tuple[str, str]] = []
        """Key and title of each request, in order."""
        self.taken: dict[str, str] = {}
        """Title by key."""
        self.gate = Event()
        """Requests are answered while it is set."""
        self.gate.set()
        self.before_answer: Callable[[], None] = lambda: None
        """Called when something was taken, before the sender hears of it."""
        self._lock = Lock()
        self.url = ""

    @property
    def titles(self) -> Counter[str]:
        """How often each title was taken."""
        return Counter(self.taken.values())

    def take(self, key: str, title: str) -> None:
        """Take something over, unless it is known."""
        with self._lock:
            self.attempts.append((key, title))
        self.gate.wait(PATIENCE)
        with self._lock:
            self.taken[key] = title
        self.before_answer()


@contextmanager
def sink() -> Iterator[Sink]:
    """A receiver at work, on 127.0.0.1."""
    receiver = Sink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            receiver.take(self.headers["idempotency-key"], body["title"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                return  # the sender is gone, on purpose

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()
