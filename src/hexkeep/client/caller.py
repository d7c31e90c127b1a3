"""A call from its fields to its output: who calls, how new the answer must be, and again where that does no harm."""

import uuid
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from hexkeep.client.credentials import Credentials
from hexkeep.client.documented import Documented, documented
from hexkeep.client.failures import error_of
from hexkeep.client.patience import Patience
from hexkeep.client.positions import HEADER, Positions
from hexkeep.client.requests import message_of, output_of, target_and_body, values_of
from hexkeep.client.wire import Declined, Exchange, Lost, Reply, Wire
from hexkeep.core.kernel.errors import (
    FailedPrecondition,
    HexkeepError,
    NotFound,
    PositionSuperseded,
    Unauthenticated,
    Unavailable,
)
from hexkeep.core.kernel.operation import AnyOperation, Http, I, Message, O, Operation

IDEMPOTENCY_KEY = "idempotency-key"


@dataclass
class Caller:
    """One caller's door to one server."""

    wire: Wire
    credentials: Credentials
    patience: Patience
    positions: Positions = field(default_factory=Positions)
    _document: Mapping[str, Documented] | None = None

    async def call(
        self, operation: AnyOperation, output: type[O], fields: Mapping[str, object], idempotency_key: str = ""
    ) -> O:
        """The output of an operation; raises the errors of the tree."""
        message: Message = message_of(operation.input, fields)
        return output_of(output, await self._answer(operation, message, idempotency_key))

    async def run(self, operation: Operation[I, O], message: I, idempotency_key: str = "") -> O:
        """The same for an input that is made already."""
        return output_of(operation.output, await self._answer(operation, message, idempotency_key))

    async def by_name(self, name: str, fields: Mapping[str, JsonValue], idempotency_key: str = "") -> JsonValue:
        """The same for plain values, by the document in which the server describes itself; plugins' operations too."""
        if self._document is None:
            self._document = documented((await self.send(Exchange("GET", "/openapi.json"), repeatable=True)).body)
        known = self._document.get(name)
        if known is None:
            raise NotFound(f"This server has no operation {name}")
        body = await self._bound(known.http, fields, idempotency_key, idempotent=known.idempotent, reads=known.reads)
        return known.answer(body)

    async def _answer(self, operation: AnyOperation, message: Message, idempotency_key: str) -> bytes:
        values = values_of(message)
        reads = not operation.writes
        return await self._bound(
            bound(operation), values, idempotency_key, idempotent=operation.idempotent, reads=reads
        )

    async def _bound(
        self, http: Http, values: Mapping[str, JsonValue], key: str, *, idempotent: bool, reads: bool
    ) -> bytes:
        exchange = exchange_of(http, values)
        if idempotent:
            exchange = replace(exchange, headers={**exchange.headers, IDEMPOTENCY_KEY: key or uuid.uuid4().hex})
        return (await self.send(exchange, repeatable=idempotent or reads)).body

    async def send(self, exchange: Exchange, *, repeatable: bool) -> Reply:
        """The answer, within the caller's patience; raises the errors of the tree."""
        amends = Amends(self)
        attempt = 0
        while True:
            try:
                return await self._once(exchange)
            except HexkeepError as error:
                if amends.made(error):
                    continue
                seconds = self.patience.wait(attempt, error, repeatable=repeatable or unsent(error))
                if seconds is None:
                    raise
            attempt += 1
            await self.wire.pause(seconds)

    async def _once(self, exchange: Exchange) -> Reply:
        try:
            reply = await self.wire.send(await self.presented(exchange))
        except Lost as lost:
            raise unavailable(lost) from lost
        if reply.failed:
            raise error_of(reply)
        self.positions.note(reply.headers.get(HEADER, ""))
        return reply

    async def chunks(self, exchange: Exchange) -> AsyncGenerator[bytes, None]:
        """The content of a stream; raises the errors of the tree, ``Unavailable`` where the connection is lost."""
        try:
            async with aclosing(self.wire.chunks(await self.presented(exchange))) as chunks:
                async for chunk in chunks:
                    yield chunk
        except Lost as lost:
            raise unavailable(lost) from lost
        except Declined as declined:
            raise error_of(declined.reply) from None

    async def presented(self, exchange: Exchange) -> Exchange:
        """The request with who calls and how new the answer must be; raises ``Unauthenticated``."""
        headers = dict(exchange.headers)
        if token := await self.credentials.token(self.wire):
            headers["authorization"] = f"Bearer {token}"
        if known := str(self.positions):
            headers[HEADER] = known
        return replace(exchange, headers=headers)


@dataclass
class Amends:
    """What may be put right once in a call: a token that has ended, positions from before a restore."""

    caller: Caller
    _done: set[type[HexkeepError]] = field(default_factory=set)

    def made(self, error: HexkeepError) -> bool:
        """Whether the same request may succeed now."""
        kind = type(error)
        if kind in self._done or not isinstance(error, Unauthenticated | PositionSuperseded):
            return False
        self._done.add(kind)
        if isinstance(error, Unauthenticated):
            return self.caller.credentials.renew()
        self.caller.positions.forget()
        return True


def unavailable(lost: Lost) -> Unavailable:
    """The error for a response that did not come. Nobody has said how long to wait."""
    error = Unavailable(str(lost))
    vars(error)["retry_after"] = 0
    return error


def unsent(error: HexkeepError) -> bool:
    """Whether the server cannot have got the request."""
    return isinstance(error.__cause__, Lost) and not error.__cause__.sent


def bound(operation: AnyOperation) -> Http:
    """Where REST has an operation; raises ``FailedPrecondition`` where it has not."""
    if operation.http is None:
        raise FailedPrecondition(f"{operation.name} is not offered over REST")
    return operation.http


def exchange_of(http: Http, values: Mapping[str, JsonValue]) -> Exchange:
    """The request of an operation with these values."""
    target, body = target_and_body(http, values)
    headers = {"accept": "application/json"} | ({"content-type": "application/json"} if body is not None else {})
    return Exchange(http.method, target, headers, body)
