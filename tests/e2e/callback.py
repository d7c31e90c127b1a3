"""The place of a relying party that a browser is sent back to: a loopback listener that keeps what it was asked for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PATIENCE = 15.0
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 20\r\nconnection: close\r\n\r\n<h1>Back again.</h1>"
NOTHING = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Callback:
    """Answers under ``origin``; each visit below ``/back`` is kept as the full URL."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://localhost:{port}"
        self.url = f"{self.origin}/back"
        self._visits: asyncio.Queue[str] = asyncio.Queue()

    async def visit(self) -> str:
        """The URL of the next visit, with its query."""
        return await asyncio.wait_for(self._visits.get(), PATIENCE)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        target = (await reader.readuntil(b"\r\n")).split()[1].decode()
        while await reader.readline() not in {b"\r\n", b""}:
            pass
        expected = target.startswith("/back")
        if expected:
            self._visits.put_nowait(self.origin + target)
        writer.write(ANSWER if expected else NOTHING)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def callback() -> AsyncIterator[Callback]:
    """A listener on a free port."""
    made: list[Callback] = []
    server = await asyncio.start_server(lambda r, w: made[0].answer(r, w), "127.0.0.1", 0)
    made.append(Callback(server.sockets[0].getsockname()[1]))
    async with server:
        yield made[0]
