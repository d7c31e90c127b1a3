"""The listening socket."""

import asyncio
import socket

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
