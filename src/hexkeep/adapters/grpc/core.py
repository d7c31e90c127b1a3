"""Calls of gRPC's C core on the event loop.

``grpc.aio`` is not used: it hides ``:authority``, which tells the instance that a caller wants, and answers with the
texts of exceptions. This is what it does besides: a thread waits for the core's events and hands them to the loop,
where a call is a task; no thread is held by a call, however slow its client is. Sending waits until flow control
(RFC 9113 section 5.2) lets the message go, so that who produces a stream is held back by who reads it.
"""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

os.environ.setdefault("GRPC_VERBOSITY", "NONE")
# The core writes to standard error by itself, which is our log's.

import grpc
from grpc._cython import cygrpc  # type: ignore[attr-defined]  # the extension has no types

Metadata = Sequence[tuple[str, str | bytes]]
Event = Any
"""One of the core's events; the extension has no types."""
NO_FLAGS = 0
LEAVING = 1.0
"""Seconds that idle connections have to close once they are told (GOAWAY, RFC 9113 section 6.8)."""
OK, CANCELLED = 0, 1
STALL = 60.0
"""Seconds within which a client takes what it is sent."""


class Gone(Exception):
    """The client has left, or the connection has: nothing that is sent arrives."""


class Call:
    """One call as it came: ``method`` is ``/package.Service/Method``, ``host`` the ``:authority``.

    ``deadline`` is when the client stops waiting, in seconds since the epoch, infinite when it does not say.
    ``peer`` is the other end of the connection in the core's notation (``ipv4:192.0.2.1:5000``).
    """

    def __init__(self, event: Event, batches: "_Batches", stall: float) -> None:
        self._stall = stall
        self._call = event.call
        self._batches = batches
        self._opened = False
        self.code: int | None = None
        """The status it was ended with, if it was."""
        self.method: str = event.call_details.method.decode("latin-1")
        self.host: str = event.call_details.host.decode("latin-1")
        self.deadline: float = event.call_details.deadline
        self.metadata: tuple[tuple[str, str | bytes], ...] = event.invocation_metadata
        self.peer: str = event.call.peer().decode("latin-1")

    async def closed(self) -> None:
        """Return when the call is over, or the client does not wait for its end any more."""
        await self._batches.run(self._call, cygrpc.ReceiveCloseOnServerOperation(NO_FLAGS))

    async def receive(self) -> bytes | None:
        """The next message, ``None`` after the last one."""
        event = await self._batches.run(self._call, cygrpc.ReceiveMessageOperation(NO_FLAGS))
        message: bytes | None = event.batch_operations[0].message()
        return message

    async def send(self, message: bytes, initial: Metadata = ()) -> None:
        """Send one of several messages, ``initial`` metadata before the first; raises ``Gone``."""
        await self._run(*self._opening(initial), cygrpc.SendMessageOperation(message, NO_FLAGS))

    async def answer(self, message: bytes, initial: Metadata = ()) -> None:
        """Send the only message, and end well; raises ``Gone``."""
        self.code = OK
        await self._run(
            *self._opening(initial),
            cygrpc.SendMessageOperation(message, NO_FLAGS),
            cygrpc.SendStatusFromServerOperation((), OK, b"", NO_FLAGS),
        )

    async def end(self, code: int, message: str = "", trailing: Metadata = (), initial: Metadata = ()) -> None:
        """End with a status; raises ``Gone``."""
        self.code = code
        status = cygrpc.SendStatusFromServerOperation(tuple(trailing), code, message.encode(), NO_FLAGS)
        await self._run(*self._opening(initial), status)

    def _opening(self, initial: Metadata) -> tuple[Any, ...]:
        if self._opened:
            return ()
        self._opened = True
        return (cygrpc.SendInitialMetadataOperation(tuple(initial), NO_FLAGS),)

    async def _run(self, *operations: object) -> None:
        """Send something. A client that takes nothing for too long holds no call: it is cut off."""
        try:
            async with asyncio.timeout(self._stall):
                event = await self._batches.run(self._call, *operations)
        except TimeoutError:
            self.code = CANCELLED
            self._call.cancel()
            raise Gone from None
        if not event.success:
            raise Gone


Serve = Callable[[Call], Awaitable[None]]


class _Batches:
    """Operations under way. The core must not be destroyed before all have come back."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.under_way = 0
        self.none_left = asyncio.Event()
        self.none_left.set()

    def begin(self) -> None:
        """One more."""
        self.under_way += 1
        self.none_left.clear()

    def done(self) -> None:
        """One has come back."""
        self.under_way -= 1
        if not self.under_way:
            self.none_left.set()

    async def run(self, call: Any, *operations: object) -> Event:
        """Do something with a call, and return the event that tells how it went."""
        future: asyncio.Future[Event] = self._loop.create_future()

        def came(event: Event) -> None:
            self.done()
            if not future.done():
                future.set_result(event)

        if call.start_server_batch(operations, came) != OK:
            raise Gone
        self.begin()
        return await future


class Core:
    """Accepts calls on ``address`` (``host:port``) and gives each to ``serve`` in a task of its own.

    Bound at once, so that a taken address is known before anything else happens: raises ``OSError``. Calls are
    accepted from ``start`` on, until ``stop``; above ``limit`` at once they are refused, and cut off when their
    clients take nothing for ``stall`` seconds. ``serve`` must not raise but for ``Gone`` and cancellation.
    """

    def __init__(
        self,
        address: str,
        options: Sequence[tuple[str, int | str]],
        credentials: grpc.ServerCredentials | None = None,
        limit: int = 1000,
        stall: float = STALL,
    ) -> None:
        self._limit, self._stall = limit, stall
        self._loop = asyncio.get_running_loop()
        self._batches = _Batches(self._loop)
        self._tasks: set[asyncio.Task[None]] = set()
        self._queue = cygrpc.CompletionQueue()
        self._server = cygrpc.Server(tuple((name, value) for name, value in options), False)
        self._server.register_completion_queue(self._queue)
        self._thread: threading.Thread | None = None
        self._stopping = False
        inner = None if credentials is None else getattr(credentials, "_credentials")  # noqa: B009 - not in the types
        try:
            self.port: int = self._server.add_http2_port(address.encode(), *(() if inner is None else (inner,)))
        except RuntimeError:
            self.port = 0
        if not self.port:
            self._server.destroy()
            raise OSError(f"cannot listen on {address}")

    @property
    def under_way(self) -> int:
        """How many calls there are."""
        return len(self._tasks)

    def start(self, serve: Serve) -> None:
        """Accept calls from now on."""
        self._serve = serve
        self._run()
        self._accept()

    async def stop(self, patience: float) -> None:
        """Accept no more calls, wait ``patience`` seconds for those under way, then cancel them, and let go of all."""
        if self._stopping:
            return
        self._stopping = True
        if self._thread is None:
            self._run()  # the core cannot be destroyed with a port that was never served
        self._batches.begin()
        self._server.shutdown(self._queue, lambda _: self._batches.done())
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience)
        if not self._tasks:
            with suppress(TimeoutError):
                async with asyncio.timeout(LEAVING):
                    await self._batches.none_left.wait()
        if self._batches.under_way:
            self._server.cancel_all_calls()
            await self._batches.none_left.wait()
        self._server.destroy()
        self._queue.shutdown()
        if self._thread is not None:
            await self._loop.run_in_executor(None, self._thread.join)

    def _run(self) -> None:
        self._server.start()
        self._thread = threading.Thread(target=self._poll, name="grpc", daemon=True)
        self._thread.start()

    def _poll(self) -> None:
        """In a thread: hand every event to the loop, where its tag is called with it."""
        while True:
            event = self._queue.poll()
            if event.completion_type == cygrpc.CompletionType.queue_shutdown:
                return
            self._loop.call_soon_threadsafe(event.tag, event)
            event = None  # an event that is kept while polling can keep the core from ending a call

    def _accept(self) -> None:
        if self._server.request_call(self._queue, self._queue, self._accepted) == OK:
            self._batches.begin()

    def _accepted(self, event: Event) -> None:
        self._batches.done()
        if self._stopping or not event.success:
            return
        self._accept()
        full = len(self._tasks) >= self._limit
        call = Call(event, self._batches, self._stall)
        task = self._loop.create_task(self._refused(call) if full else self._served(call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _refused(self, call: Call) -> None:
        with suppress(Gone):
            await call.end(grpc.StatusCode.RESOURCE_EXHAUSTED.value[0], "The server has too many calls at once")
            await call.closed()

    async def _served(self, call: Call) -> None:
        """Serve a call, and cancel that when its client leaves."""
        serving = asyncio.ensure_future(self._serve(call))
        closed = asyncio.ensure_future(call.closed())
        closed.add_done_callback(lambda _: serving.cancel() if call.code is None else None)
        with suppress(Gone, asyncio.CancelledError):
            await serving
        with suppress(Gone):
            await closed
