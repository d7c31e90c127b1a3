"""The bounds of the RPC surface."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """Sizes are in bytes, times in seconds; they are those of all that speaks HTTP.

    ``stream_limit`` ends a stream over HTTP/2, where servers keep without bound what a client does not read: clients go
    on from the last ``next_cursor``. Over HTTP/1.1 a client that does not read is waited for.
    """

    message_limit: int = 1 << 20
    depth_limit: int = 32
    deadline: float = 10.0
    longest_stream: float = 600.0
    stream_limit: int = 1 << 26
