"""The process that works for another one: it reads calls from its standard input, a socket, and answers there."""

import signal
import socket
import sys
from contextlib import suppress

from hexkeep.adapters.offload.codec import LENGTH, answered

MAX_MEMORY = 2 * 1024**3
"""Octets that it may have; what strangers have made must not take more of the machine."""
READY = b"ready"


def main() -> None:
    """Work until nobody asks any more: the other side has closed the socket, or has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a key that ends the other side ends this one by it
    _limit()
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
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


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
