"""What a call brings besides its message, in the terms that HTTP requests have as well."""

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from hexkeep.adapters.asgi.headers import Headers, request_id
from hexkeep.adapters.asgi.proxies import Proxies, parsed
from hexkeep.adapters.grpc.core import Call

BINARY = "-bin"
"""What the names of metadata end with whose values are no text."""


@dataclass(frozen=True, slots=True)
class Facts:
    """``id`` is the request's, ``address`` the client's, ``host`` the one that it wanted."""

    id: str
    address: str
    host: str
    headers: Headers = field(repr=False)

    @classmethod
    def of(cls, call: Call, proxies: Proxies) -> "Facts":
        """The facts of a call; raises ``InvalidInput`` without a well-formed host."""
        headers = headers_of(call)
        found = proxies.client(headers, peer_address(call.peer), "")
        return cls(request_id(headers), found.address, found.host.lower(), headers)


Handle = Callable[[Call, Facts], Awaitable[None]]
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


def seconds_left(call: Call, longest: float) -> float:
    """How long the client waits, at most ``longest``."""
    if math.isinf(call.deadline):
        return longest
    return max(0.0, min(longest, call.deadline - time.time()))
