"""Calls of gRPC's C core on the event loop, below everything that is Hexkeep's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio
import pytest

from hexkeep.adapters.grpc.core import Call, Core, Gone, Serve
from tests.unit.adapters.grpc.conftest import WAITING
from tests.waiting import until

OPTIONS = [("grpc.so_reuseport", 0)]


@asynccontextmanager
async def served(serve: Serve, limit: int = 1000, stall: float = 60.0) -> AsyncIterator[Any]:
    """A channel to a server of ``serve``."""
    core = Core("127.0.0.1:0", OPTIONS, limit=limit, stall=stall)
    core.start(serve)
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{core.port}") as channel:
            yield channel
    finally:
        await core.stop(WAITING)


async def test_taken_port_is_told_at_once() -> None:
    """Before anything is served; and what was never started can be stopped, after which the port is free."""
    first = Core("127.0.0.1:0", OPTIONS)
    with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{first.port}"):
        Core(f"127.0.0.1:{first.port}", OPTIONS)
    await first.stop(0)
    second = Core(f"127.0.0.1:{first.port}", OPTIONS)
    await second.stop(0)
    await second.stop(0)


async def test_stream_is_held_back_by_its_reader() -> None:
    """Who produces waits once the client's window is full, and goes on when it reads."""
    sent, message = 0, b"x" * 10_000

    async def serve(call: Call) -> None:
        nonlocal sent
        while True:
            await call.send(message)
            sent += 1

    async with served(serve) as channel:
        stream = channel.unary_stream("/a/b")(b"")
        assert await stream.read() == message
        await until(_stands_still(lambda: sent), WAITING)
        held = sent
        assert held < 5000
        for _ in range(held):
            await stream.read()
        await until(_holds(lambda: sent > held), WAITING)
        stream.cancel()


async def test_client_that_takes_nothing_is_cut_off() -> None:
    """Once what it is sent has waited for too long, whether it is one message of many or the only one."""
    cut_off = asyncio.Event()

    async def serve(call: Call) -> None:
        try:
            if call.method == "/a/once":
                await call.answer(b"x" * 100_000_000)
            while True:
                await call.send(b"x" * 1_000_000)
        except Gone:
            cut_off.set()
            raise

    async with served(serve, stall=0.2) as channel:
        for method in ("/a/many", "/a/once"):
            stream = channel.unary_stream(method)(b"")
            async with asyncio.timeout(WAITING):
                await cut_off.wait()
            cut_off.clear()
            with pytest.raises(grpc.aio.AioRpcError):
                _ = [message async for message in stream]


async def test_client_that_leaves_cancels_the_call() -> None:
    """Whether it says so, or its deadline passes."""
    cancelled = asyncio.Event()

    async def serve(call: Call) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with served(serve) as channel:
        left = channel.unary_unary("/a/b")(b"")
        late = channel.unary_unary("/a/b")(b"", timeout=0.05)
        with pytest.raises(grpc.aio.AioRpcError, match="DEADLINE_EXCEEDED"):
            await late
        async with asyncio.timeout(WAITING):
            await cancelled.wait()
        cancelled.clear()
        left.cancel()
        async with asyncio.timeout(WAITING):
            await cancelled.wait()


async def test_calls_above_the_limit_are_refused() -> None:
    """At once, without being served."""
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def serve(call: Call) -> None:
        entered.set()
        await go_on.wait()
        await call.answer(b"done")

    async with served(serve, limit=1) as channel:
        first = asyncio.ensure_future(_awaited(channel.unary_unary("/a/b")(b"")))
        await entered.wait()
        with pytest.raises(grpc.aio.AioRpcError, match="too many calls at once") as error:
            await channel.unary_unary("/a/b")(b"")
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        go_on.set()
        assert await first == b"done"


async def test_stop_waits_for_calls_and_then_does_not() -> None:
    """A call that ends within the time is answered, one that does not is cancelled; none is accepted meanwhile."""
    go_on = asyncio.Event()

    async def serve(call: Call) -> None:
        if call.method == "/a/ends":
            await go_on.wait()
            await call.answer(b"done")
        await asyncio.Event().wait()

    core = Core("127.0.0.1:0", OPTIONS)
    core.start(serve)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{core.port}") as channel:
        call: Any = channel.unary_unary
        ends, stays = call("/a/ends")(b""), call("/a/stays")(b"")
        await until(_holds(lambda: core.under_way == 2), WAITING)
        stopping = asyncio.ensure_future(core.stop(0.3))
        await asyncio.sleep(0)
        go_on.set()
        assert await ends == b"done"
        with pytest.raises(grpc.aio.AioRpcError, match="UNAVAILABLE"):
            await call("/a/ends")(b"", timeout=WAITING)
        await stopping
        with pytest.raises(grpc.aio.AioRpcError, match=r"UNAVAILABLE|CANCELLED"):
            await stays


async def _awaited(call: Any) -> Any:
    return await call


def _stands_still(count: Callable[[], int]) -> Callable[[], Awaitable[bool]]:
    """Holds when ``count`` has not changed for a tenth of a second."""
    seen = -1

    async def holds() -> bool:
        nonlocal seen
        before, seen = seen, count()
        await asyncio.sleep(0.1)
        return before == seen

    return holds


def _holds(condition: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        return condition()

    return holds
