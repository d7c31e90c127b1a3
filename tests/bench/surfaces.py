"""What a call costs on each surface: one that does nothing, a read by id, and a bare handler of the same server."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from struct import pack
from typing import Any

import grpc.aio

from tests.bench.figures import Figure, beside
from tests.bench.http_load import Load, Target, cpu_of, load, request
from tests.bench.surface_node import HOST
from tests.postgres_server import PostgresDatabase

SECONDS = 4.0
CONNECTIONS = 16
JSON = {"content-type": "application/json"}
WEB = {"content-type": "application/grpc-web+proto", "x-grpc-web": "1"}
PING = "/hexkeep.auth.v1.PingService/Ping"
GET_USER = "/hexkeep.management.v1.UserService/GetUser"


@dataclass(frozen=True, slots=True)
class Node:
    """A process that serves."""

    http: int
    grpc: int
    pid: int
    token: str
    user: str

    def target(self, sent: bytes) -> Target:
        """A request to it."""
        return Target(self.http, self.pid, sent)

    @property
    def host(self) -> dict[str, str]:
        """The headers of every call."""
        return {"host": HOST} if self.token else {}

    @property
    def caller(self) -> dict[str, str]:
        """The headers of calls by somebody."""
        return {**self.host, "authorization": f"Bearer {self.token}"}


@contextmanager
def node(kind: str) -> Iterator[Node]:
    """Start one and end it."""
    command = [sys.executable, "-m", "tests.bench.surface_node", kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield Node(**json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()


async def on_sqlite(_database: PostgresDatabase) -> list[Figure]:
    """Each surface in turn, its floor right behind it."""
    with node("product") as product, node("floor") as bare:
        figures: list[Figure] = []
        for name, (nothing, read, least) in _http(product, bare).items():
            figures += _shown(name, *[await load(one, CONNECTIONS, SECONDS) for one in (nothing, read, least)])
        native = [
            await _grpc(product, PING, b""),
            await _grpc(product, GET_USER, _user_message(product.user)),
            await _grpc(bare, "/floor.Floor/Ping", b""),
        ]
        return figures + _shown("native gRPC", *native)


def _shown(name: str, nothing: Load, read: Load, least: Load) -> list[Figure]:
    return [
        beside(f"{name}, an operation that does nothing", nothing.rate, "calls/s", least.rate),
        beside(f"{name}, an operation that does nothing, CPU", nothing.cpu, "us CPU", least.cpu),
        beside(f"{name}, read by id", read.rate, "calls/s", least.rate),
        beside(f"{name}, read by id, CPU", read.cpu, "us CPU", least.cpu),
    ]


def _http(product: Node, bare: Node) -> dict[str, tuple[Target, Target, Target]]:
    def post(node: Node, path: str, kind: dict[str, str], body: bytes) -> Target:
        headers = node.caller if path == GET_USER else node.host
        return node.target(request("POST", path, node.http, {**kind, **headers}, body))

    user = _user_message(product.user)
    read = product.target(request("GET", f"/management/v1/users/{product.user}", product.http, product.caller))
    as_json = json.dumps({"user_id": product.user}).encode()
    return {
        "REST": (post(product, "/auth/v1/ping", JSON, b"{}"), read, post(bare, "/", JSON, b"{}")),
        "Connect, JSON": (
            post(product, PING, JSON, b"{}"),
            post(product, GET_USER, JSON, as_json),
            post(bare, "/", JSON, b"{}"),
        ),
        "gRPC-web": (
            post(product, PING, WEB, pack(">BI", 0, 0)),
            post(product, GET_USER, WEB, pack(">BI", 0, len(user)) + user),
            post(bare, "/", WEB, pack(">BI", 0, 0)),
        ),
    }


def _user_message(user: str) -> bytes:
    """``GetUserRequest``: field 1 is the id, which the lock of field numbers keeps."""
    return b"\x0a" + bytes([len(user)]) + user.encode()


async def _grpc(node: Node, path: str, message: bytes) -> Load:
    options = [("grpc.default_authority", HOST)]
    times: list[float] = []
    metadata = (("authorization", f"Bearer {node.token}"),) if path == GET_USER else ()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{node.grpc}", options) as channel:
        method: Any = channel.unary_unary(path)
        await method(message, metadata=metadata, wait_for_ready=True)
        end = time.perf_counter() + SECONDS
        used, begin = cpu_of(node.pid), time.perf_counter()

        async def caller() -> None:
            while (at := time.perf_counter()) < end:
                await method(message, metadata=metadata)
                times.append(time.perf_counter() - at)

        await asyncio.gather(*(caller() for _ in range(CONNECTIONS)))
        spent = time.perf_counter() - begin
    return Load(len(times) / spent, times, (cpu_of(node.pid) - used) / len(times) * 1e6)
