"""A process that has loaded a program and is copied for each that a test wants to run: see `tests/processes.py`.

It reads orders from a socket: words, environment and folder as JSON, and as file descriptors standard input, output and
error and a pipe, into which go the new process's id and, in the end, its exit code.
"""

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

HEXKEEP = "hexkeep"
FILES = 4
LONGEST = 1 << 20
"""Bytes of an order, with all of an environment in it."""
LOADED = (
    *(
        f"hexkeep.cli.{name}"
        for name in ("main", "serve", "setup", "call", "projections", "backup", "restore", "verify")
    ),
    *(f"hexkeep.adapters.{name}" for name in ("sqlite", "postgres", "postgres.storage", "filesystem.blobs")),
    *(f"hexkeep.adapters.{name}.app" for name in ("assets", "grpc", "oidc", "rest", "rpc", "saml", "web")),
    *(f"hexkeep.bootstrap.{name}" for name in ("http", "http1", "first_run")),
    *("hexkeep.adapters.grpc.core", "hexkeep.adapters.prometheus.text", "hexkeep.adapters.sqlite.storage"),
    *("hexkeep.plugins.builtin", "litestar.plugins.pydantic", "uvicorn", "uvloop"),
)
"""What most processes load: one that is missing here is loaded by each for itself."""


def ordered(orders: socket.socket) -> list[str]:
    """The words of the program to be, in each copy; the original ends when nobody can order any more."""
    while True:
        message, files, _, _ = socket.recv_fds(orders, LONGEST, FILES)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
        if not message:
            os._exit(0)
        if os.fork() == 0:
            order = json.loads(message)
            orders.close()
            _watched(files)
            _become(order, files)
            return list(order["words"])
        for file in files:
            os.close(file)


def _watched(files: list[int]) -> None:
    """Go on as a child of this process, which tells the last of the files about it and ends with it."""
    pipe = files.pop()
    child = os.fork()
    if child == 0:
        os.close(pipe)
        return
    for file in (*range(3), *files):
        os.close(file)
    os.write(pipe, b"%d\n" % child)
    _, status = os.waitpid(child, 0)
    os.write(pipe, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _become(order: Mapping[str, Any], files: list[int]) -> None:
    """What a program finds when it is started."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115 - as Python does
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])


def original(program: str, orders: socket.socket) -> None:
    """Load ``program``, a module that is run as ``python -m`` runs it, and be it in every copy."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with who orders
    script = Path(sys.executable).with_name(program)
    if program == HEXKEEP:
        sys.path[0] = str(script.parent)
        for module in LOADED:
            importlib.import_module(module)
    else:
        importlib.import_module(program)
        del sys.modules[program]
    gc.collect()
    gc.freeze()
    sys.argv = [str(script), *ordered(orders)]
    runpy.run_module(program, run_name="__main__")


if __name__ == "__main__":
    original(sys.argv[1], socket.socket(fileno=int(sys.argv[2])))
