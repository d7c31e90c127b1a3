"""What a call brings besides its message, in the terms that HTTP requests have as well."""

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote

from hexkeep.adapters.asgi.certificates import believed
from hexkeep.adapters.asgi.headers import Headers, request_id
from hexkeep.adapters.asgi.proxies import Proxies, parsed
from hexkeep.adapters.grpc.core import Call, Metadata

BINARY = "-bin"
"""What the names of metadata end with whose values are no text."""


@dataclass(frozen=True, slots=True)
class Facts:
    """``id`` is the request's, ``address`` the client's, ``host`` the one that it wanted."""

    id: str
    address: str
    host: str
    headers: Headers = field(repr=False)
    path: str = ""
    deadline: float = math.inf
    """When the client stops waiting, in seconds since the epoch."""

    @classmethod
    def of(cls, call: Call, proxies: Proxies) -> "Facts":
        """The facts of a call; raises ``InvalidInput`` without a well-formed host."""
        headers, peer = headers_of(call), peer_address(call.peer)
        if not proxies.certify(peer):
            headers = believed(headers, None)
        found = proxies.client(headers, peer, "")
        return cls(request_id(headers), found.address, found.host.lower(), headers, call.method, call.deadline)

    @property
    def url(self) -> str:
        """What a client's proofs are for: whoever proves that it holds a key calls over TLS."""
        return f"https://{self.host}{self.path}"


class Exchange(Protocol):
    """What answers a call, whichever port it came to; all of it raises ``Gone`` when the client has left."""

    code: int | None

    async def receive(self) -> bytes | None:
        """The next message, ``None`` after the last one."""

    async def send(self, message: bytes, initial: Metadata = ()) -> None:
        """Send one of several messages."""

    async def answer(self, message: bytes, initial: Metadata = ()) -> None:
        """Send the only message, and end well."""

    async def end(self, code: int, message: str = "", trailing: Metadata = (), initial: Metadata = ()) -> None:
        """End with a status."""


Handle = Callable[[Exchange, Facts], Awaitable[None]]
"""Answers a call. Must not raise but for ``Gone`` and cancellation."""


def headers_of(call: Call) -> Headers:
    """The metadata as headers, with the ``:authority`` as their host."""
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in call.metadata:
        if isinstance(value, str) and not name.endswith(BINARY):
            headers[name] = (*headers.get(name, ()), value)
    if call.host:
        headers["host"] = (call.host,)
    return headers


def peer_address(peer: str) -> str:
    """The address in the core's notation, like ``ipv6:%5B::1%5D:5000``; empty for what has none."""
    kind, _, rest = peer.partition(":")
    address = parsed(unquote(rest)) if kind in {"ipv4", "ipv6"} else None
    return "" if address is None else str(address)


def seconds_left(facts: Facts, longest: float) -> float:
    """How long the client waits, at most ``longest``."""
    return max(0.0, min(longest, facts.deadline - time.time()))
