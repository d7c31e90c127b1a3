"""A proxy in front of a Unix socket that lets a request through and cuts the line instead of delivering the answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

CHUNK = 65536


class CuttingProxy:
    """Forwards bytes. After ``arm`` the next answer to a request that holds the mark is swallowed and the line cut."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._mark = b""
        self._free = asyncio.Event()
        self._free.set()
        self._serving: set[asyncio.Task[None]] = set()
        self.cuts = 0

    def arm(self, mark: bytes) -> None:
        """Cut at the next request with these bytes in it."""
        self._mark = mark

    def hold(self) -> None:
        """Let no further answer through."""
        self._free.clear()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client's connection from here on."""
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(_hang_up, writer)
            server_reader, server_writer = await asyncio.open_unix_connection(self._target)
            stack.push_async_callback(_hang_up, server_writer)
            cut = asyncio.Event()
            up = asyncio.create_task(self._up(reader, server_writer, cut))
            try:
                with suppress(OSError):
                    await self._down(server_reader, writer, cut)
            finally:
                up.cancel()
                await asyncio.gather(up, return_exceptions=True)

    async def close(self) -> None:
        """Let go of what is held and wait for every connection to end."""
        self._free.set()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event) -> None:
        while chunk := await reader.read(CHUNK):
            if self._mark and self._mark in chunk:
                self._mark = b""
                cut.set()
            writer.write(chunk)
            await writer.drain()
        writer.close()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event) -> None:
        while chunk := await reader.read(CHUNK):
            if cut.is_set():  # the server has done what it was asked to
                self.cuts += 1
                return
            await self._free.wait()
            writer.write(chunk)
            await writer.drain()


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@asynccontextmanager
async def cutting_proxy(target: str, folder: Path) -> AsyncIterator[CuttingProxy]:
    """A proxy that listens in ``folder`` under the name that libpq looks for."""
    proxy = CuttingProxy(target)
    server = await asyncio.start_unix_server(proxy.accept, folder / ".s.PGSQL.5432")
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()
