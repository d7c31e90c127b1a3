"""The listening socket."""

import asyncio
import socket

from hexkeep.bootstrap.http1 import Corked
from hexkeep.bootstrap.server import listen
from hexkeep.bootstrap.settings import ServerSettings


async def test_answers_are_sent_at_once() -> None:
    """On every event loop: Nagle's algorithm would hold the body back until a delayed ACK, 40 ms."""
    delayed = asyncio.get_running_loop().create_future()

    class Probe(asyncio.Protocol):
        """Looks at the connection that was accepted."""

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            """Tell whether it waits."""
            accepted: socket.socket = transport.get_extra_info("socket")
            delayed.set_result(not accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    with listen(ServerSettings(port=0)) as listener:
        server = await asyncio.get_running_loop().create_server(Probe, sock=listener)
        _, writer = await asyncio.open_connection(*listener.getsockname())
        assert not await delayed
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()


class Wire(asyncio.Transport):
    """A transport that notes what reaches it."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """One call of the system."""
        self.sent.append(bytes(data))

    def close(self) -> None:
        """The end."""
        self.sent.append(b"closed")

    def is_closing(self) -> bool:
        """Whether it has ended."""
        return b"closed" in self.sent


async def test_head_and_body_leave_in_one_write() -> None:
    """What is written while more follows waits for it."""
    wire = Wire()
    corked = Corked(wire, asyncio.get_running_loop())
    corked.write(b"head ")
    corked.write(b"body")
    corked.write(b"")
    await asyncio.sleep(0)
    assert wire.sent == [b"head body"]


async def test_a_head_without_a_body_leaves_when_the_loop_comes_round() -> None:
    """A stream's first part is not held back until there is a second one."""
    wire = Wire()
    corked = Corked(wire, asyncio.get_running_loop())
    corked.write(b"head")
    assert wire.sent == []
    await asyncio.sleep(0)
    assert wire.sent == [b"head"]


async def test_what_is_held_leaves_before_the_end() -> None:
    """Closing loses nothing, and whatever else a transport can do it does itself."""
    wire = Wire()
    corked = Corked(wire, asyncio.get_running_loop())
    corked.write(b"head")
    corked.close()
    await asyncio.sleep(0)
    assert wire.sent == [b"head", b"closed"]
    assert corked.is_closing()
