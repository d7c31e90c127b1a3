"""The place of a relying party that a browser is sent back to: a loopback listener that keeps what it was asked for."""

import asyncio
from typing import Self

PATIENCE = 15.0
PAGE = b"<h1>Back again.</h1>"
HEADERS = b"content-type: text/html\r\ncontent-length: %d\r\nconnection: close" % len(PAGE)
FOUND = b"HTTP/1.1 200 OK\r\n%s\r\n\r\n%s" % (HEADERS, PAGE)
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Callback:
    """Answers on a free port while it is entered; each visit below ``/back`` is kept as the full URL."""

    def __init__(self) -> None:
        self.origin = ""
        self._visits: asyncio.Queue[str] = asyncio.Queue()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """The redirect URI to register."""
        return f"{self.origin}/back"

    @property
    def visited(self) -> bool:
        """Whether somebody came and has not been seen yet."""
        return not self._visits.empty()

    async def visit(self) -> str:
        """The URL of the next visit, with its query."""
        return await asyncio.wait_for(self._visits.get(), PATIENCE)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.origin = f"http://localhost:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readline()).split()
        while request and await reader.readline() not in {b"\r\n", b""}:
            pass
        target = request[1].decode() if request else ""
        expected = target.startswith("/back")
        if expected:
            self._visits.put_nowait(self.origin + target)
        writer.write(FOUND if expected else NOT_FOUND)
        await writer.drain()
        writer.close()
