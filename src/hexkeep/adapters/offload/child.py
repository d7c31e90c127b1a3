"""The process that works for another one: it reads calls from its standard input, a socket, and answers there."""

import os
import signal
import socket
import sys
from contextlib import suppress

from hexkeep.adapters.offload.codec import LENGTH, answered
from hexkeep.adapters.offload.confinement import confine

MAX_MEMORY = 2 * 1024**3
"""Octets that it may have, unless the machine allows less: what strangers have made must not take more of it."""
READY = b"ready"


def main() -> None:
    """Work until nobody asks any more: the other side has closed the socket, or has ended."""
    for number in (signal.SIGINT, signal.SIGTERM):  # what ends the other side ends this one by it, with all its work
        signal.signal(number, signal.SIG_IGN)
    _limit()
    _give_way()
    confine()
    with socket.socket(fileno=0) as channel, suppress(ConnectionError):
        _send(channel, READY)
        while (frame := _received(channel)) is not None:
            _send(channel, answered(frame))


def _limit() -> None:
    """No image of the memory is written when it dies, for keys are in it, and there is an end to how much it has."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        allowed = MAX_MEMORY if most == resource.RLIM_INFINITY else min(most, MAX_MEMORY)
        resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))


def _give_way() -> None:
    """It gets as much of the processors, but does not take one from whoever wakes it: that is an event loop (sched(7)).

    Where that is forbidden, it works all the same.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _received(channel: socket.socket) -> bytes | None:
    head = _exactly(channel, LENGTH.size)
    return _exactly(channel, LENGTH.unpack(head)[0]) if head is not None else None


def _exactly(channel: socket.socket, size: int) -> bytes | None:
    """So many octets, or nothing where the other side ends before."""
    found = bytearray()
    while len(found) < size:
        more = channel.recv(size - len(found))
        if not more:
            return None
        found += more
    return bytes(found)


def _send(channel: socket.socket, frame: bytes) -> None:
    channel.sendall(LENGTH.pack(len(frame)) + frame)
