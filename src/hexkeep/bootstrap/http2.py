"""HTTP/2 on the main port, by uvicorn's zttp, which calls itself experimental: for native gRPC there.

A zttp connection dies of its 4096th stream, with every call that is under way on it. So it is ended gently long before:
the client is told to open a new connection (GOAWAY without an error and with the highest stream number, RFC 9113
section 6.8), what it has begun is served, and nothing fails.
"""

import asyncio
from typing import Any

import zttp
from uvicorn.protocols.http.auto_zttp_impl import AutoZttpProtocol
from uvicorn.protocols.http.zttp_h2_impl import ZttpH2Protocol
from uvicorn.protocols.http.zttp_impl import ZttpProtocol

STREAMS = 3000
"""Streams after which a client is told to go on with another connection."""
NO_ERROR = 0
LAST_STREAM = 2**31 - 1


class GentleHttp2(ZttpH2Protocol):
    """An HTTP/2 connection that ends without a failed call."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._streams = 0

    def handle_request(self, event: zttp.Request) -> None:
        """One stream more."""
        super().handle_request(event)
        self._streams += 1
        if self._streams == STREAMS:
            self._say_goodbye()

    def shutdown(self) -> None:
        """The server stops: what is under way is served, new streams are not to come."""
        if self.cycles:
            self._say_goodbye()
        super().shutdown()

    def _say_goodbye(self) -> None:
        self.conn.close(NO_ERROR, LAST_STREAM)
        self.flush()


class EitherHttp(AutoZttpProtocol):
    """A connection that turns out to be HTTP/1.1 or HTTP/2."""

    def _switch(self, http2: bool, initial_data: bytes = b"") -> None:  # noqa: FBT001 - as the class above has it
        chosen: type[GentleHttp2 | ZttpProtocol] = GentleHttp2 if http2 else ZttpProtocol
        protocol = chosen(config=self.config, server_state=self.server_state, app_state=self.app_state, _loop=self.loop)
        transport: asyncio.Transport = self.transport
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        if initial_data:
            protocol.data_received(initial_data)
