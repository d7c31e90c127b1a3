"""The one handler: a call of a method becomes a call of its operation, and what comes of it messages and a status."""

import asyncio
import logging
from contextlib import aclosing

from google.protobuf.message import DecodeError
from google.protobuf.message import Message as Wire

from hexkeep.adapters.asgi.headers import REQUEST_ID
from hexkeep.adapters.grpc import metadata
from hexkeep.adapters.grpc.call import Facts, seconds_left
from hexkeep.adapters.grpc.core import Call, Gone
from hexkeep.adapters.grpc.metadata import POSITION
from hexkeep.adapters.grpc.settings import GrpcSettings
from hexkeep.adapters.grpc.status import ended_with
from hexkeep.adapters.rpc.catalog import AnyBound
from hexkeep.core.kernel.errors import DeadlineExceeded, HexkeepError, Internal, InvalidInput
from hexkeep.core.kernel.operation import Message
from hexkeep.ports.api import Answer, Api, Meta

LOG = logging.getLogger(__name__)

MAX_USER_AGENT = 512
SURFACE = "grpc"


class Endpoint:
    """Serves one operation."""

    def __init__(self, bound: AnyBound, api: Api, settings: GrpcSettings) -> None:
        self._bound = bound
        self._api = api
        self._settings = settings

    async def handle(self, call: Call, facts: Facts) -> None:
        """Answer a call; raises ``Gone`` alone."""
        try:
            await (self._stream if self._bound.streams else self._unary)(call, facts)
        except HexkeepError as error:
            await ended_with(call, error, facts)
        except Gone:
            raise
        except Exception:
            LOG.exception("request %s: %s failed", facts.id, self._bound.operation.name)
            await ended_with(call, Internal(), facts)

    async def _unary(self, call: Call, facts: Facts) -> None:
        credentials, meta = metadata.credentials(facts.headers), self._meta(call, facts)
        input_ = self._bound.to_input(await self._message(call))
        answer = await self._api.call(self._bound.operation, input_, credentials, meta)
        await call.answer(self._encoded(answer), _initial(facts, answer))

    async def _stream(self, call: Call, facts: Facts) -> None:
        """Message after message: the next is decided when flow control has let the one before go."""
        credentials, meta = metadata.credentials(facts.headers), self._meta(call, facts)
        input_ = self._bound.to_input(await self._message(call))
        async with aclosing(self._api.stream(self._bound.operation, input_, credentials, meta)) as answers:
            async for answer in answers:
                await call.send(self._encoded(answer), _initial(facts))
        await call.end(0, initial=_initial(facts))

    def _encoded(self, answer: Answer[Message]) -> bytes:
        return self._bound.to_message(answer.output).SerializeToString()

    async def _message(self, call: Call) -> Wire:
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

    def _meta(self, call: Call, facts: Facts) -> Meta:
        return Meta(
            host=facts.host,
            min_positions=metadata.positions(facts.headers),
            idempotency_key=metadata.idempotency_key(facts.headers),
            timeout=seconds_left(call, self._settings.deadline),
            longest=seconds_left(call, self._settings.longest_stream),
            surface=SURFACE,
            address=facts.address,
            user_agent=next(iter(facts.headers.get("user-agent", ())), "")[:MAX_USER_AGENT],
            correlation_id=facts.id,
        )


def _initial(facts: Facts, answer: Answer[Message] | None = None) -> list[tuple[str, str]]:
    position = answer.position if answer is not None else None
    return [(REQUEST_ID, facts.id), *([(POSITION, str(position))] if position is not None else [])]
