"""Health over HTTP/2 with trailers, without the server. With it and grpcio: `tests/e2e/test_grpc_main_port.py`."""

import asyncio
from typing import Any

import pytest

from hexkeep.adapters.asgi.traffic import OUTCOME, RPC
from hexkeep.adapters.asgi.types import Message
from hexkeep.adapters.grpc.health import SERVICE, Health
from hexkeep.adapters.grpc.over_http import TRAILERS, OverHttp

EMPTY = bytes(5)
"""The prefix of an empty message."""


def scope_of(method: str) -> dict[str, Any]:
    """A call, as a server with trailers tells of it."""
    return {
        "type": "http",
        "method": "POST",
        "path": f"/{SERVICE}/{method}",
        "query_string": b"",
        "headers": [(b"content-type", b"application/grpc"), (b"host", b"id.example.com"), (b"x-request-id", b"r")],
        "client": ("192.0.2.1", 4711),
        "scheme": "https",
        "extensions": {TRAILERS: {}},
        "state": {},
    }


async def statuses(method: str, *bodies: bytes) -> tuple[str, list[Message]]:
    """What a call ended with whose client sends these and leaves, and all that it was sent."""
    coming, sent = list(bodies), list[Message]()

    async def receive() -> Message:
        if not coming:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": coming.pop(0), "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = scope_of(method)
    async with asyncio.timeout(5) as limit:
        await OverHttp(Health((SERVICE,)).methods)(scope, receive, send)
    assert not limit.expired()
    protocol, status = scope["state"][OUTCOME]
    assert protocol == RPC
    return status, sent


@pytest.mark.parametrize("more", [0, 100, 100_000])
async def test_a_watcher_that_leaves_is_let_go(more: int) -> None:
    """Also one that sends what nobody asks for: else a hundred of them would keep all others from watching."""
    status, _ = await statuses("Watch", EMPTY, *[b"more"] * more)
    assert status == "CANCELLED"


async def test_a_check_is_answered() -> None:
    """With its status in the trailers."""
    status, sent = await statuses("Check", EMPTY)
    assert status == "OK"
    assert (b"grpc-status", b"0") in sent[-1]["headers"]
