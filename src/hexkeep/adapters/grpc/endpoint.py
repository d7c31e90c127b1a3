"""The one handler: a call of a method becomes a call of its operation, and what comes of it messages and a status."""

import asyncio
import logging
from contextlib import aclosing

from google.protobuf.message import DecodeError
from google.protobuf.message import Message as Wire

from hexkeep.adapters.asgi import calls
from hexkeep.adapters.asgi.headers import REQUEST_ID, single
from hexkeep.adapters.grpc.call import Exchange, Facts, seconds_left
from hexkeep.adapters.grpc.core import Gone
from hexkeep.adapters.grpc.settings import GrpcSettings
from hexkeep.adapters.grpc.status import end_with
from hexkeep.adapters.rpc.catalog import AnyBound
from hexkeep.core.kernel.errors import DeadlineExceeded, HexkeepError, Internal, InvalidInput
from hexkeep.core.kernel.operation import Message
from hexkeep.ports.api import Answer, Api, Meta

POST = "POST"
"""The method of every call (gRPC over HTTP/2)."""
LOG = logging.getLogger(__name__)

SURFACE = "grpc"


class Endpoint:
    """Serves one operation."""

    def __init__(self, bound: AnyBound, api: Api, settings: GrpcSettings) -> None:
        self._bound = bound
        self._api = api
        self._settings = settings

    async def handle(self, call: Exchange, facts: Facts) -> None:
        """Answer a call; raises ``Gone`` alone."""
        try:
            await (self._stream if self._bound.streams else self._unary)(call, facts)
        except HexkeepError as error:
            await end_with(call, error, facts.id)
        except Gone:
            raise
        except Exception:
            LOG.exception("request %s: %s failed", facts.id, self._bound.operation.name)
            await end_with(call, Internal(), facts.id)

    async def _unary(self, call: Exchange, facts: Facts) -> None:
        credentials = calls.credentials(facts.headers, POST, facts.url)
        meta = self._meta(facts, seconds_left(facts, self._settings.deadline))
        if_match = single(facts.headers, calls.IF_MATCH)
        version = calls.precondition(if_match, self._bound.operation, guarded=self._bound.guarded)
        input_ = self._bound.to_input(await self._message(call), version)
        answer = await self._api.call(self._bound.operation, input_, credentials, meta)
        await call.answer(self._encoded(answer), _initial(facts, answer))

    async def _stream(self, call: Exchange, facts: Facts) -> None:
        """Message after message: the next is decided when flow control has let the one before go."""
        credentials, meta = (
            calls.credentials(facts.headers, POST, facts.url),
            self._meta(facts, self._settings.deadline),
        )
        input_ = self._bound.to_input(await self._message(call))
        async with aclosing(self._api.stream(self._bound.operation, input_, credentials, meta)) as answers:
            async for answer in answers:
                await call.send(self._encoded(answer), _initial(facts))
        await call.end(0, initial=_initial(facts))

    def _encoded(self, answer: Answer[Message]) -> bytes:
        return self._bound.to_message(answer.output).SerializeToString()

    async def _message(self, call: Exchange) -> Wire:
        """The request, within the deadline: nobody holds a call open by sending slowly."""
        try:
            async with asyncio.timeout(self._settings.deadline):
                received = await call.receive()
        except TimeoutError:
            raise DeadlineExceeded("The message did not come in time") from None
        if received is None:
            raise InvalidInput("There is no message, or one above the limit")
        try:
            return self._bound.input_class.FromString(received)
        except DecodeError:
            raise InvalidInput("This is not the message of this method") from None

    def _meta(self, facts: Facts, timeout: float) -> Meta:
        return calls.meta(
            facts.headers,
            host=facts.host,
            address=facts.address,
            surface=SURFACE,
            timeout=timeout,
            longest=self._settings.longest_stream,
            correlation_id=facts.id,
        )


def _initial(facts: Facts, answer: Answer[Message] | None = None) -> list[tuple[str, str]]:
    return [(REQUEST_ID, facts.id), *(calls.told(answer) if answer is not None else ())]
