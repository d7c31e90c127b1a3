"""Streaming operations: batch after batch, taken up again where the last one ended (WHATWG HTML, section 9.2)."""

import json
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Generic

from hexkeep.client.caller import Amends, Caller, bound, exchange_of
from hexkeep.client.failures import error_from
from hexkeep.client.requests import message_of, output_of, values_of
from hexkeep.client.wire import Exchange
from hexkeep.core.kernel.errors import HexkeepError, Internal
from hexkeep.core.kernel.operation import AnyOperation, Message, O

LAST_EVENT_ID = "last-event-id"
Block = dict[str, str]


async def lines(chunks: AsyncIterable[bytes]) -> AsyncGenerator[str, None]:
    """The lines, at line feeds alone: other characters that end lines elsewhere may stand in a name."""
    rest = b""
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r").decode()


async def blocks(chunks: AsyncIterable[bytes]) -> AsyncGenerator[Block, None]:
    """The blocks of an event stream by field; comments are passed over."""
    block: Block = {}
    async for line in lines(chunks):
        name, colon, value = line.partition(":")
        if name and colon:
            value = value.removeprefix(" ")
            block[name] = f"{block[name]}\n{value}" if name == "data" and name in block else value
        elif not name and not colon:
            if block:
                yield block
            block = {}


@dataclass
class Following(Generic[O]):
    """One stream across as many connections as it takes. ``reached`` is the cursor behind the last batch received."""

    caller: Caller
    operation: AnyOperation
    output: type[O]
    fields: Mapping[str, object]
    reached: str = ""
    _attempt: int = field(default=0, init=False)

    async def batches(self) -> AsyncGenerator[tuple[str, O | None], None]:
        """Cursor and page of each batch, without end; a cursor may move alone. Raises what does not pass by itself."""
        message: Message = message_of(self.operation.input, self.fields)
        exchange = exchange_of(bound(self.operation), values_of(message))
        exchange = replace(exchange, headers={**exchange.headers, "accept": "text/event-stream"})
        amends = Amends(self.caller)
        while True:
            try:
                async with aclosing(self._connection(exchange)) as found:
                    async for one in found:
                        self._attempt, amends = 0, Amends(self.caller)
                        yield one
                await self.caller.wire.pause(self.caller.patience.backoff(self._attempt))
            except HexkeepError as error:
                if not amends.made(error):
                    await self._wait(error)

    async def _wait(self, error: HexkeepError) -> None:
        seconds = self.caller.patience.wait(self._attempt, error, repeatable=True)
        if seconds is None:
            raise error
        self._attempt += 1
        await self.caller.wire.pause(seconds)

    async def _connection(self, exchange: Exchange) -> AsyncGenerator[tuple[str, O | None], None]:
        if self.reached:
            exchange = replace(exchange, headers={**exchange.headers, LAST_EVENT_ID: self.reached})
        async with aclosing(self.caller.chunks(exchange)) as chunks, aclosing(blocks(chunks)) as found:
            async for block in found:
                if block.get("event") == "error":
                    raise _told(block)
                if "id" in block:
                    self.reached = block["id"]
                    yield self.reached, self._page(block)

    def _page(self, block: Block) -> O | None:
        data = block.get("data", "")
        return output_of(self.output, data.encode()) if data else None


def _told(block: Block) -> HexkeepError:
    """The error that ended a stream."""
    try:
        problem = json.loads(block.get("data", ""))
    except ValueError:
        return Internal("The stream ended with an error that cannot be read")
    known = problem if isinstance(problem, dict) else {}
    status = known.get("status")
    return error_from(known, status if isinstance(status, int) else Internal.status)
