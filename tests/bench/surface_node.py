"""A process to measure: every surface with an operation that does nothing, or bare handlers on the same servers.

Run as ``python -m tests.bench.surface_node product`` or ``… floor``. It prints a line of JSON (ports, process id, a
token, a user's id) and serves until its standard input is closed.
"""

import asyncio
import json
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc.aio
import uvicorn
import uvloop

from hexkeep.adapters.asgi.types import Receive, Scope, Send
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import PUBLIC
from hexkeep.core.kernel.slice import Slice
from hexkeep.ports.hooks import hookimpl
from tests.surfaces.site import serving

HOST = "bench.example.com"
BODIES = {"application/json": b"{}", "application/grpc-web+proto": b"\0\0\0\0\0\x80\0\0\0\x10grpc-status: 0\r\n"}


def ping(_: Empty, __: Context) -> Decision[Empty]:
    """Do nothing."""
    return Decision(Empty())


class Pings:
    """A plugin with an operation that does nothing."""

    @hookimpl
    def hexkeep_slices(self) -> list[Slice]:
        """See the hook."""
        http = Http(Method.POST, "/auth/v1/ping")
        return [Slice("ping", operations=(Operation("Ping", ApiName.AUTH, Empty, Empty, PUBLIC, ping, http),))]


@asynccontextmanager
async def product() -> AsyncIterator[dict[str, object]]:
    """Hexkeep on SQLite."""
    with tempfile.TemporaryDirectory(prefix="hexkeep-bench-") as folder:
        sections = {"storage": {"adapter": "sqlite"}, "logging": {"level": "warning"}}
        async with serving(Path(folder), Pings(), **sections) as site:
            tenant = await site.instance(HOST)
            http, native = (int(place.rpartition(":")[2]) for place in (site.http, site.grpc))
            yield {"http": http, "grpc": native, "token": tenant.tokens["root"], "user": tenant.user}


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body, answer with nothing in the form that was asked for."""
    await receive()
    kind = dict(scope["headers"])[b"content-type"]
    body = BODIES[kind.decode()]
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def floor() -> AsyncIterator[dict[str, object]]:
    """Bare handlers: ASGI on uvicorn, a generic handler on grpc.aio."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(bare, http="httptools", loop="none", lifespan="off", access_log=False, log_level="error")
    server = uvicorn.Server(config)
    native = grpc.aio.server()

    async def answer(_request: bytes, _context: object) -> bytes:
        return b""

    handler: Any = grpc.unary_unary_rpc_method_handler(answer)
    native.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("floor.Floor", {"Ping": handler}),))
    port = native.add_insecure_port("127.0.0.1:0")
    await native.start()
    serving_http = asyncio.create_task(server.serve([listener]))
    try:
        yield {"http": listener.getsockname()[1], "grpc": port, "token": "", "user": ""}
    finally:
        server.should_exit = True
        await serving_http
        await native.stop(0)


async def main(kind: str) -> None:
    """Serve until standard input ends."""
    async with {"product": product, "floor": floor}[kind]() as told:
        facts: MutableMapping[str, Any] = {**told, "pid": os.getpid()}
        print(json.dumps(facts), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
