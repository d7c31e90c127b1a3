"""Ports of this machine, for servers that have to be told theirs before they start."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event

STEP = 0.02
LISTENS_WITHIN = 60.0
"""Seconds that a program may take to listen on a machine that is busy with other things."""


@contextmanager
def reserved_port() -> Iterator[int]:
    """A port of 127.0.0.1 that nobody else gets as long as the block lasts.

    It belongs to a socket that is bound and does not listen. Linux gives such a port to nobody who asks for any free
    one, and refuses connections to it; who names it may listen there beside that socket, again and again, if both have
    set SO_REUSEADDR, as servers do.
    """
    with socket.socket() as keeper:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind(("127.0.0.1", 0))
        port: int = keeper.getsockname()[1]
        yield port


def wait_until_listening(port: int, process: "subprocess.Popen[bytes]", said: Callable[[], str]) -> None:
    """Return once the port takes connections; fails with what the process has ``said`` where it ends before."""
    until, pause = time.monotonic() + LISTENS_WITHIN, Event()
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        pause.wait(STEP)
    raise AssertionError(f"nobody listens on {port}, exit code {process.poll()}: {said()}")
