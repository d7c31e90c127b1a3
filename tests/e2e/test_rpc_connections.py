"""RPC over real sockets: what becomes of connections when a call fails, a client leaves, or does not read."""

import asyncio
import contextlib
import json
import struct
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from http.client import HTTPConnection
from typing import Any

import pytest

from hexkeep.adapters.rpc.settings import Bounds
from hexkeep.core.kernel.operation import I, Message, O, Operation
from hexkeep.engine.iam import Iam
from hexkeep.ports.api import Answer, Credentials, Meta
from tests.browser.conftest import listening
from tests.unit.adapters.rest.conftest import HOST, running
from tests.unit.adapters.rest.notes import Change, Changes
from tests.unit.adapters.rpc.conftest import MANAGEMENT, app_of
from tests.waiting import until

JSON = {"content-type": "application/json", "host": HOST}
PATIENCE = 20.0
LARGE = 1 << 16


class Slow(Iam):
    """An engine whose calls last until somebody ends them, and whose streams never end."""

    def __init__(self, iam: Iam) -> None:
        super().__init__(iam.machinery)
        self.begun = asyncio.Event()
        self.left = asyncio.Event()
        self.batches = 0

    async def call(self, operation: Operation[I, O], input_: I, credentials: Credentials, meta: Meta) -> Answer[O]:
        """Wait for ever."""
        self.begun.set()
        try:
            return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]  # nobody answers
        finally:
            self.left.set()

    async def stream(
        self, operation: Operation[I, O], input_: I, credentials: Credentials, meta: Meta
    ) -> AsyncGenerator[Answer[Any], None]:
        """Large batches, as quickly as they are taken."""
        batch: Message = Changes(changes=(Change(version=1, kind="k" * LARGE),), next_cursor="1")
        try:
            while True:
                self.batches += 1
                yield Answer(batch)
                await asyncio.sleep(0)
        finally:
            self.left.set()


@asynccontextmanager
async def slow(bounds: Bounds | None = None) -> AsyncIterator[tuple[Slow, int]]:
    """The slow engine behind a socket."""
    async with running() as iam:
        engine = Slow(iam)
        async with listening(app_of(engine, bounds)) as port:
            yield engine, port


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that is closed in the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=LARGE)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def posted(method: str, body: bytes, kind: str = "application/json", announced: int | None = None) -> bytes:
    """A request as it is sent."""
    length = len(body) if announced is None else announced
    head = (
        f"POST {MANAGEMENT}/{method} HTTP/1.1\r\nhost: {HOST}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n"
    )
    return head.encode() + b"\r\n" + body


async def test_a_defect_does_not_cost_the_connection() -> None:
    """Behind an internal error the same connection answers the next call."""

    def calls(port: int) -> tuple[int, int, bool]:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("POST", f"{MANAGEMENT}/BreakDown", "{}", JSON)
        failed = connection.getresponse()
        failed.read()
        before = connection.sock
        connection.request("POST", f"{MANAGEMENT}/Echo", '{"word":"w"}', JSON)
        answered = connection.getresponse()
        answered.read()
        kept = before is not None and connection.sock is before
        connection.close()
        return failed.status, answered.status, kept

    async with running() as iam, listening(app_of(iam)) as port:
        assert await asyncio.to_thread(calls, port) == (500, 200, True)


async def test_a_client_that_leaves_ends_its_call() -> None:
    """Nothing goes on that nobody waits for."""
    async with slow() as (engine, port), connected(port) as (_, writer):
        writer.write(posted("GetNote", b'{"note_id":"n"}'))
        async with asyncio.timeout(PATIENCE):
            await engine.begun.wait()
            writer.close()
            await engine.left.wait()


async def test_whoever_sends_slowly_is_not_waited_for() -> None:
    """The whole message has to come within the deadline."""
    async with slow(Bounds(deadline=0.2)) as (engine, port), connected(port) as (reader, writer):
        writer.write(posted("GetNote", b"{", announced=100))
        async with asyncio.timeout(PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 504 ")
            await reader.readuntil(b'"code": "deadline_exceeded", "message": "The message did not come in time"')
        assert not engine.begun.is_set()


@pytest.mark.parametrize("kind", ["application/connect+json", "application/grpc-web+json"])
async def test_a_client_that_does_not_read_holds_its_stream_back(kind: str) -> None:
    """Over HTTP/1.1 batches are made as they are taken: a few megabytes lie in the buffers on the way, no more."""
    message = json.dumps({"note_id": "n"}).encode()
    async with slow() as (engine, port), connected(port) as (reader, writer):
        writer.write(posted("FollowNote", struct.pack(">BI", 0, len(message)) + message, kind))
        seen = [0, 0]

        async def still() -> bool:
            """Whether nothing was made for a hundred looks."""
            seen[:] = [engine.batches, seen[1] + 1 if seen[0] == engine.batches else 0]
            return engine.batches > 0 and seen[1] > 100

        await until(still, PATIENCE)
        held = engine.batches
        assert held * LARGE < 64 << 20
        for _ in range(2 * held):
            await reader.readexactly(LARGE)
        assert engine.batches > held
        async with asyncio.timeout(PATIENCE):
            writer.close()
            await engine.left.wait()
