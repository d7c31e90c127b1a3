"""Server-Sent Events (WHATWG HTML, section 9.2): a stream of batches as a response that goes on.

Each batch is one event: ``data`` is the page as JSON, ``id`` its ``next_cursor``, so that a client that comes again
with ``Last-Event-ID`` goes on exactly behind what it got. A batch with nothing in it has an ``id`` alone, which moves
the client's place and tells it nothing. An error is an event of the type ``error`` with the problem document.
"""

import asyncio
import logging
import math
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from litestar.types import Receive, Scope, Send

from hexkeep.adapters.asgi.headers import Headers
from hexkeep.adapters.asgi.problems import problem_body
from hexkeep.adapters.asgi.response import NO_STORE
from hexkeep.adapters.rest.reply import JSON, Reply
from hexkeep.core.kernel.errors import HexkeepError, Internal
from hexkeep.core.kernel.operation import Message
from hexkeep.ports.api import Answer

LOG = logging.getLogger(__name__)

MEDIA_TYPE = "text/event-stream"
LAST_EVENT_ID = "last-event-id"
UNBUFFERED = ("x-accel-buffering", "no")
"""Asks proxies that know it to pass on what comes as it comes."""
RETRY = b"retry: 2000\n\n"
"""Milliseconds after which a client that lost its connection comes again."""
HEARTBEAT = b":\n\n"

Answers = AsyncGenerator[Answer[Message], None]
Frame = Callable[[Message], bytes]


def wants_events(headers: Headers) -> bool:
    """Whether ``Accept`` names event streams, and likes JSON no better (RFC 9110 section 12.5.1)."""
    liked = dict(_quality(one) for value in headers.get("accept", ()) for one in value.split(","))
    return liked.get(MEDIA_TYPE, 0.0) > 0 and liked[MEDIA_TYPE] >= liked.get(JSON, 0.0)


def _quality(accepted: str) -> tuple[str, float]:
    kind, *parameters = (part.strip() for part in accepted.lower().split(";"))
    weights = [part.removeprefix("q=") for part in parameters if part.startswith("q=")]
    try:
        return kind, float(weights[0]) if weights else 1.0
    except ValueError:
        return kind, 0.0


def frame(cursor: str, data: bytes) -> bytes:
    """One event. Neither part has a line break: cursors and JSON without spaces have none."""
    told = b"data: " + data + b"\n" if data else b""
    return b"id: " + cursor.encode() + b"\n" + told + b"\n"


class EventStream(Reply):
    """The response. What is next is asked for when the last was sent, so a slow client makes nothing pile up here.

    Where the server does not wait for the client, it ends behind the batch with which it has sent ``limit`` bytes; the
    client comes again and goes on.
    """

    __slots__ = ("_answers", "_first", "_frame", "_heartbeat", "_left", "_request_id", "_silent")

    def __init__(
        self,
        answers: Answers,
        first: Answer[Message],
        framed: Frame,
        heartbeat: float,
        request_id: str,
        *,
        silent: bool,
        limit: float = math.inf,
    ) -> None:
        super().__init__(200, b"", "", [NO_STORE, UNBUFFERED, ("content-type", MEDIA_TYPE)])
        self._answers = answers
        self._first = first
        self._frame = framed
        self._heartbeat = heartbeat
        self._request_id = request_id
        self._silent = silent
        self._left = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the stream ends or the client is gone."""
        async with aclosing(self._answers):
            await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
            if not self._silent:
                gone = asyncio.create_task(_gone(receive), name="hexkeep-events-gone")
                try:
                    await self._send_all(send, gone)
                finally:
                    gone.cancel()
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_all(self, send: Send, gone: "asyncio.Task[None]") -> None:
        answer: Answer[Message] | None = self._first
        begin = RETRY
        try:
            while answer is not None and not gone.done():
                part = begin + self._frame(answer.output)
                await _part(send, part)
                self._left -= len(part)
                begin, answer = b"", await self._next(send, gone) if self._left > 0 else None
        except HexkeepError as error:
            await self._fail(send, error)
        except Exception:
            LOG.exception("request %s: the stream failed", self._request_id)
            await self._fail(send, Internal())

    async def _next(self, send: Send, gone: "asyncio.Task[None]") -> Answer[Message] | None:
        """The next answer, with heartbeats meanwhile; nothing when there is none, or nobody to get it."""
        coming = asyncio.create_task(self._taken(), name="hexkeep-events-next")
        try:
            while not coming.done() and not gone.done():
                done, _ = await asyncio.wait(
                    {coming, gone}, timeout=self._heartbeat, return_when=asyncio.FIRST_COMPLETED
                )
                if not done:
                    await _part(send, HEARTBEAT)
            return coming.result() if coming.done() else None
        finally:
            coming.cancel()
            await asyncio.wait({coming})

    async def _taken(self) -> Answer[Message] | None:
        return await anext(self._answers, None)

    async def _fail(self, send: Send, error: HexkeepError) -> None:
        await _part(send, b"event: error\ndata: " + problem_body(error, self._request_id) + b"\n\n")


async def _part(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _gone(receive: Receive) -> None:
    """Return when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
