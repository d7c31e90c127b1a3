"""Processes of the program `hexkeep`, as a person starts them but for one thing: they need not load it first.

Loading is most of what a start costs, and the tests start hundreds. So they are copies of one process per session that
has loaded everything (`tests/preloaded.py`): each with an id, an environment, a folder and files of its own, which runs
the program from its entry point to the end of the interpreter. With a ``PYTHONPATH`` of a test's own, where plugins are
found, they are copies of another that was started with it. The script itself is run where starting and ending are what
is tested (`tests/unit/cli`), and by the benchmarks.
"""

import atexit
import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from tests.preloaded import HEXKEEP

ROOT = Path(__file__).parent.parent
PROGRAM = Path(sys.executable).with_name(HEXKEEP)
SEARCHED = "PYTHONPATH"
UNDER_TEST = "PYTEST_VERSION"
"""A variable that pytest sets."""
NONE = -1
"""In place of a pipe's end, where the file is the one that we have ourselves."""


def process(*words: str | Path, env: Mapping[str, str], **how: Any) -> "subprocess.Popen[Any]":
    """`hexkeep` with these words, and with what else ``subprocess.Popen`` takes: folder, files, ``text``."""
    if UNDER_TEST not in os.environ:
        return subprocess.Popen([PROGRAM, *words], env=env, **how)
    return _Copy([HEXKEEP, *words], env=env, **how)


def module(name: str, *words: str, **how: Any) -> "subprocess.Popen[Any]":
    """A module of the tests that is run as ``python -m`` runs it, again and again, in the root folder."""
    return _Copy([name, *words], cwd=ROOT, env=dict(os.environ), **how)


def run(
    *words: str | Path, env: Mapping[str, str], timeout: float, given: Any = None, **how: Any
) -> "subprocess.CompletedProcess[Any]":
    """`hexkeep` with these words, ``given`` this, until it ends; with what it has printed and its exit code."""
    pipe, source = subprocess.PIPE, subprocess.DEVNULL if given is None else subprocess.PIPE
    with process(*words, env=env, stdin=source, stdout=pipe, stderr=pipe, **how) as started:
        try:
            printed, complained = started.communicate(given, timeout)
        except BaseException:
            started.kill()
            raise
    return subprocess.CompletedProcess(started.args, started.returncode, printed, complained)


class _Original:
    """The process that the others of a program are copies of, as long as this one is."""

    def __init__(self, program: str, searched: str) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = Lock()
        command = [sys.executable, "-m", "tests.preloaded", program, str(theirs.fileno())]
        environment = {**os.environ, SEARCHED: searched}
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=[theirs.fileno()])
        theirs.close()
        atexit.register(self._end)

    def copy(self, order: Mapping[str, object], files: list[int]) -> int:
        """Where the id of the new process is told, and in the end its exit code."""
        told, telling = os.pipe()
        with self._lock:
            socket.send_fds(self._orders, [json.dumps(order).encode()], [*files, telling])
        os.close(telling)
        return told

    def _end(self) -> None:
        self._orders.close()
        self._process.wait()


_original = cache(_Original)


class _Copy(subprocess.Popen[Any]):
    """A process that is another's child: what would be asked of the system is read from a pipe."""

    def _execute_child(self, args: list[str | Path], *how: Any) -> None:
        """Start it. ``subprocess`` tells the folder and the environment, and our and its ends of three pipes."""
        folder, environment, ends = how[4], how[5], how[9:15]
        program, *words = map(str, args)
        order = {"words": words, "environment": environment, "folder": str(folder or Path.cwd())}
        files = [ours if theirs == NONE else theirs for ours, theirs in enumerate((ends[0], ends[3], ends[5]))]
        original = _original(program, environment.get(SEARCHED, ""))
        self._told = os.fdopen(original.copy(order, files), "rb", buffering=0)
        self.pid = int(self._told.readline())
        self._child_created = True
        self._close_pipe_fds(*ends)  # type: ignore[attr-defined]  # what a subclass needs is in no stub

    def _internal_poll(self, *_: object, **__: object) -> int | None:
        """The exit code, if it has ended."""
        return self._ended(0)

    def _wait(self, timeout: float | None) -> int:
        """The exit code, once it has ended."""
        code = self._ended(timeout)
        if code is None:
            assert timeout is not None
            raise subprocess.TimeoutExpired(self.args, timeout)
        return code

    def _ended(self, timeout: float | None) -> int | None:
        with self._waitpid_lock:  # type: ignore[attr-defined]  # as above
            if self.returncode is None and select.select([self._told], [], [], timeout)[0]:
                self.returncode = int(self._told.readline())
                self._told.close()
        return self.returncode
