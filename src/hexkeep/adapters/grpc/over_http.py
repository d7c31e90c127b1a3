"""Health and reflection where native gRPC is spoken on the main port: gRPC's framing over ASGI with trailers.

The operations are answered there by ``hexkeep.adapters.rpc``; these two services have no operations.
"""

import asyncio
import zlib
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import quote

import grpc

from hexkeep.adapters.asgi.headers import REQUEST_ID
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.asgi.traffic import OUTCOME, RPC
from hexkeep.adapters.asgi.types import Receive, Scope, Send
from hexkeep.adapters.grpc.call import BINARY, Facts, Handle
from hexkeep.adapters.grpc.core import OK, Gone, Metadata
from hexkeep.adapters.grpc.status import end_with
from hexkeep.core.kernel.errors import HexkeepError, InvalidInput, TooLarge

TRAILERS = "http.response.trailers"
MEDIA_TYPE = "application/grpc"
UNSUPPORTED_MEDIA_TYPE = 415
LIMIT = 64 * 1024
"""Bytes of a message; those of these services are small."""
UNREAD, COST = 1 << 20, 64
"""Bytes that may wait to be asked for, and for how many each arrival counts beside its own."""
PREFIX = 5
GZIP_WINDOW = 31
UNIMPLEMENTED = 12
NAMES = {code.value[0]: code.name for code in grpc.StatusCode}
CANCELLED_NAME = grpc.StatusCode.CANCELLED.name


class OverHttp:
    """An ASGI application of ``methods``, by path."""

    def __init__(self, methods: Mapping[str, Handle]) -> None:
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request; one that is no gRPC, or comes over HTTP/1.1, is not served."""
        request = Request.of(scope, receive)
        kind = next(iter(request.headers.get("content-type", ())), "")
        if TRAILERS not in (scope.get("extensions") or {}) or not kind.startswith(MEDIA_TYPE):
            await Response(UNSUPPORTED_MEDIA_TYPE).send(send)
            return
        call = HttpCall(receive, send)
        facts = Facts(request.id, request.address, request.host, request.headers)
        handling = asyncio.ensure_future(self._handled(call, facts, request.path))
        reading = asyncio.ensure_future(call.read())
        reading.add_done_callback(lambda _: handling.cancel() if call.code is None else None)
        try:
            with suppress(Gone):
                await handling
        except asyncio.CancelledError:
            if not reading.done():
                raise  # it is this call that is to end, not its client that has left
        finally:
            reading.cancel()
            if (state := scope.get("state")) is not None:
                state[OUTCOME] = (RPC, CANCELLED_NAME if call.code is None else NAMES[call.code])

    async def _handled(self, call: "HttpCall", facts: Facts, path: str) -> None:
        handle = self._methods.get(path)
        if handle is None:
            await call.end(UNIMPLEMENTED, "There is no such method", [(REQUEST_ID, facts.id)])
            return
        try:
            await handle(call, facts)
        except HexkeepError as error:
            await end_with(call, error, facts.id)


class HttpCall:
    """One call, as messages with a prefix in the bodies of request and response."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._arrived: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._unread = 0
        self._buffer = bytearray()
        self._started = False
        self.code: int | None = None

    async def read(self) -> None:
        """Take what the client sends; returns when it has left, or has sent too much that nobody asked for."""
        while True:
            event = await self._receive()
            if event["type"] == "http.disconnect":
                return
            body = event.get("body", b"")
            self._unread += len(body) + COST
            if self._unread > UNREAD:
                return
            self._arrived.put_nowait(body)
            if not event.get("more_body", False):
                self._arrived.put_nowait(None)

    async def receive(self) -> bytes | None:
        """The next message, ``None`` after the last one; raises ``TooLarge`` or ``InvalidInput``."""
        if not await self._has(PREFIX):
            return None
        compressed, length = self._buffer[0], int.from_bytes(self._buffer[1:PREFIX], "big")
        if length > LIMIT:
            raise TooLarge
        if not await self._has(PREFIX + length):
            raise InvalidInput("The message ended early")
        message = bytes(self._buffer[PREFIX : PREFIX + length])
        del self._buffer[: PREFIX + length]
        return _plain(message) if compressed else message

    async def send(self, message: bytes, initial: Metadata = ()) -> None:
        """Send one of several messages."""
        await self._start(initial)
        framed = b"\0" + len(message).to_bytes(4, "big") + message
        await self._send({"type": "http.response.body", "body": framed, "more_body": True})

    async def answer(self, message: bytes, initial: Metadata = ()) -> None:
        """Send the only message, and end well."""
        await self.send(message, initial)
        await self.end(OK)

    async def end(self, code: int, message: str = "", trailing: Metadata = (), initial: Metadata = ()) -> None:
        """End with a status, in the trailers."""
        self.code = code
        await self._start(initial)
        status = [("grpc-status", str(code)), *([("grpc-message", quote(message, safe=" "))] if message else [])]
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        headers = [_encoded(name, value) for name, value in (*status, *trailing)]
        await self._send({"type": TRAILERS, "headers": headers, "more_trailers": False})

    async def _start(self, initial: Metadata) -> None:
        if not self._started:
            self._started = True
            headers = [_encoded(name, value) for name, value in (("content-type", MEDIA_TYPE), *initial)]
            await self._send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": True})

    async def _has(self, size: int) -> bool:
        """Whether so many bytes are there, or come."""
        while len(self._buffer) < size:
            arrived = await self._arrived.get()
            if arrived is None:
                self._arrived.put_nowait(None)
                return False
            self._unread -= len(arrived) + COST
            self._buffer += arrived
        return True


def _plain(message: bytes) -> bytes:
    """What gzip holds, as far as it is small; raises ``InvalidInput`` or ``TooLarge``."""
    unpacking = zlib.decompressobj(GZIP_WINDOW)
    try:
        plain = unpacking.decompress(message, LIMIT + 1)
    except zlib.error:
        raise InvalidInput("The message is not in gzip") from None
    if len(plain) > LIMIT:
        raise TooLarge
    return plain


def _encoded(name: str, value: str | bytes) -> tuple[bytes, bytes]:
    if isinstance(value, bytes):
        return name.encode(), b64encode(value).rstrip(b"=") if name.endswith(BINARY) else value
    return name.encode(), value.encode()
