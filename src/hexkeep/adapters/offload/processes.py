"""Work in processes of its own: what is slow there, or ends there, is so for nobody here."""

import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, ParamSpec, TypeVar

from hexkeep.adapters.offload.callers import answer_of
from hexkeep.adapters.offload.child import READY
from hexkeep.adapters.offload.codec import LENGTH, asked, loading, returned
from hexkeep.core.kernel.errors import Overloaded, Unavailable

P = ParamSpec("P")
R = TypeVar("R")
logger = logging.getLogger(__name__)

MAX_WAITING: Final = 64
"""Beyond that nobody would have an answer in time."""
TO_START, TO_WORK = 60.0, 5.0
"""Seconds that a process has to be ready, likewise to load what it has not done before, and to do one thing."""
MAX_ANSWER: Final = 16 * 1024**2
BEGIN = "import json,sys; sys.path[:]=json.loads(sys.argv[1]); from hexkeep.adapters.offload.child import main; main()"
OURS = "HEXKEEP_"
"""Names of variables that the process does not get to see, in any case: the master key may be in one."""


@dataclass(eq=False)
class _Child:
    """A process, the socket to it, and the functions that it has loaded."""

    process: "subprocess.Popen[bytes]"
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    loaded: set[Callable[..., Any]] = field(default_factory=set)

    async def ask(self, frame: bytes) -> bytes:
        """Its answer; raises ``EOFError`` or ``OSError`` when it ends instead."""
        self.writer.write(LENGTH.pack(len(frame)) + frame)
        await self.writer.drain()
        return await self.told()

    async def told(self) -> bytes:
        """The next thing that it says."""
        size = LENGTH.unpack(await self.reader.readexactly(LENGTH.size))[0]
        if size > MAX_ANSWER:
            raise EOFError
        return await self.reader.readexactly(size)

    async def end(self) -> None:
        """Make it end, whatever it does."""
        self.writer.close()
        self.process.kill()
        await asyncio.to_thread(self.process.wait)


class Processes:
    """The port ``offload.Offload``. Processes start with the first work that finds none free, and again after an end.

    They see no setting of ours in their environment, write no image of their memory, and have an end to how much of it
    they get. One that does not answer in time is ended. All belong to the event loop that they started in.
    """

    def __init__(self, count: int, *, to_work: float = TO_WORK, max_waiting: int = MAX_WAITING) -> None:
        self._free = asyncio.Semaphore(count)
        self._places = count + max_waiting
        self._to_work = to_work
        self._idle: list[_Child] = []
        self._children: set[_Child] = set()
        self._tasks: set[asyncio.Task[bytes]] = set()
        self._closed = False

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """See the port."""
        if self._closed:
            raise Unavailable
        if len(self._tasks) >= self._places:
            raise Overloaded
        task = asyncio.create_task(self._answer(function, asked(function, args, kwargs)))
        self._tasks.add(task)
        task.add_done_callback(self._done)
        # who goes away leaves a process that is in the middle of something
        return returned(function, await answer_of(asyncio.shield(task)))

    async def close(self) -> None:
        """See the port."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for child in tuple(self._children):
            await self._end(child)

    def _done(self, task: "asyncio.Task[bytes]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # nobody may be there to hear of it

    async def _answer(self, function: Callable[..., Any], frame: bytes) -> bytes:
        async with self._free:
            child = await self._ready()
            try:
                if function not in child.loaded:
                    async with asyncio.timeout(TO_START):
                        await child.ask(loading(function))
                    child.loaded.add(function)
                async with asyncio.timeout(self._to_work):
                    answer = await child.ask(frame)
            except (EOFError, OSError):
                ended = child.process.poll()
                await self._end(child)
                logger.warning("a process for work beside ended (%s), or did not answer in time", ended)
                raise Unavailable from None
            except asyncio.CancelledError:
                await self._end(child)
                raise
            self._idle.append(child)
            return answer

    async def _ready(self) -> _Child:
        """One that is free, or a new one. What has ended while nobody asked for anything is nobody's loss."""
        while self._idle:
            child = self._idle.pop()
            if child.process.poll() is None:
                return child
            await self._end(child)
        return await self._started()

    async def _started(self) -> _Child:
        child, why = None, "it does not say that it is ready"
        try:
            child = await self._spawned()
            async with asyncio.timeout(TO_START):
                if await child.told() == READY:
                    return child
        except (EOFError, OSError) as error:
            why = str(error) or type(error).__name__
        if child is not None:
            await self._end(child)
        logger.error("no process for work beside could be started (%s); offload.processes = 0 does without", why)
        raise Unavailable

    async def _spawned(self) -> _Child:
        ours, theirs = socket.socketpair()
        with theirs:
            reader, writer = await asyncio.open_connection(sock=ours)
            try:
                child = _Child(_python(theirs), reader, writer)
            except BaseException:
                writer.close()
                raise
        self._children.add(child)
        return child

    async def _end(self, child: _Child) -> None:
        self._children.discard(child)
        await child.end()


def _python(channel: socket.socket) -> "subprocess.Popen[bytes]":
    """Python once more, which finds modules where we do."""
    known = {name: value for name, value in os.environ.items() if not name.upper().startswith(OURS)}
    command = [sys.executable or "", "-P", "-c", BEGIN, json.dumps(list(map(str, sys.path)))]
    # S603 does not apply: it is this very Python, and nothing of it comes from outside.
    return subprocess.Popen(  # noqa: S603
        command, stdin=channel.fileno(), stdout=subprocess.DEVNULL, env=known
    )
