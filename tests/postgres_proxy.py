"""A proxy in front of a Unix socket that lets a request through and cuts the line instead of delivering the answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

CHUNK = 65536


class CuttingProxy:
    """Forwards bytes. After ``arm`` the next answer to a request that holds the mark is swallowed and the line cut."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._mark = b""
        self.cuts = 0

    def arm(self, mark: bytes) -> None:
        """Cut at the next request with these bytes in it."""
        self._mark = mark

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection."""
        server_reader, server_writer = await asyncio.open_unix_connection(self._target)
        cut = asyncio.Event()
        with suppress(OSError):
            up = asyncio.create_task(self._up(reader, server_writer, cut))
            await self._down(server_reader, writer, cut)
            up.cancel()
            await asyncio.gather(up, return_exceptions=True)
        for end in (writer, server_writer):
            end.close()

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
            writer.write(chunk)
            await writer.drain()


@asynccontextmanager
async def cutting_proxy(target: str, folder: Path) -> AsyncIterator[CuttingProxy]:
    """A proxy that listens in ``folder`` under the name that libpq looks for."""
    proxy = CuttingProxy(target)
    server = await asyncio.start_unix_server(proxy.serve, folder / ".s.PGSQL.5432")
    try:
        yield proxy
    finally:
        server.close()
