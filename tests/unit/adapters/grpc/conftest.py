"""Native gRPC over the real engine, in memory, with a tiny slice; clients are grpcio's."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any

import grpc.aio
import pytest
from google.protobuf import json_format

from hexkeep.adapters.asgi.proxies import Proxies
from hexkeep.adapters.asgi.traffic import Traffic
from hexkeep.adapters.grpc.app import Surroundings, create_grpc_server
from hexkeep.adapters.grpc.core import Core
from hexkeep.adapters.grpc.health import Ready
from hexkeep.adapters.grpc.options import core_options
from hexkeep.adapters.grpc.settings import GrpcSettings
from hexkeep.adapters.rpc.catalog import Catalog
from hexkeep.engine.iam import Iam
from tests.unit.adapters.rest.conftest import HOST, iam

__all__ = ["iam"]

WAITING = 20.0
"""Seconds for what comes at once on a machine that has nothing else to do."""
NOTES = "hexkeep.management.v1.NoteService"
Pairs = Sequence[tuple[str, str]]


class Client:
    """A channel, and the messages of the methods."""

    def __init__(self, channel: grpc.aio.Channel, catalog: Catalog, port: int, traffic: Traffic) -> None:
        self.traffic = traffic
        self.channel: Any = channel
        self.port = port
        self._bound = {bound.operation.name: bound for bound in catalog.methods()}

    def call(self, name: str, metadata: Pairs = (), timeout: float = WAITING, **fields: object) -> Any:
        """A call of an operation: to be awaited, or to be read."""
        bound = self._bound[name]
        make = self.channel.unary_stream if bound.streams else self.channel.unary_unary
        method = make(
            bound.path,
            request_serializer=bound.input_class.SerializeToString,
            response_deserializer=bound.output_class.FromString,
        )
        request = json_format.ParseDict(fields, bound.input_class())
        return method(request, metadata=tuple(metadata), timeout=timeout)

    async def refused(self, name: str, metadata: Pairs = (), timeout: float = WAITING, **fields: object) -> Any:
        """The error of a call that fails."""
        call = self.call(name, metadata, timeout, **fields)
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await (call.read() if hasattr(call, "read") else call)
        return error.value


Connect = Callable[..., AbstractAsyncContextManager[Client]]


@asynccontextmanager
async def connected(
    iam: Iam,
    settings: GrpcSettings | None = None,
    ready: Ready | None = None,
    proxies: Proxies | None = None,
    host: str = HOST,
) -> AsyncIterator[Client]:
    """A server, and a client that calls it by the name ``host``."""
    chosen, catalog, traffic = settings or GrpcSettings(), Catalog.of(iam), Traffic()
    core = Core("127.0.0.1:0", core_options(chosen), limit=chosen.calls)
    server = create_grpc_server(core, iam, catalog, chosen, Surroundings(proxies or Proxies(), traffic, ready))
    server.start()
    options = [("grpc.default_authority", host)]
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{core.port}", options=options) as channel:
            yield Client(channel, catalog, core.port, traffic)
    finally:
        await server.stop(WAITING)


@pytest.fixture
def connect(iam: Iam) -> Connect:
    """Makes a server with settings of the test's choice, and a client of it."""
    return partial(connected, iam)


@pytest.fixture
async def client(connect: Connect) -> AsyncIterator[Client]:
    """A client of a server with default settings."""
    async with connect() as client:
        yield client
