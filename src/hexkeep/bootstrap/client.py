"""A caller inside the program: calls operations and reads what it wrote."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace

from pydantic import JsonValue

from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.operation import I, O, Operation
from hexkeep.ports.api import Answer, Api, Credentials, Meta, PositionToken


class Client:
    """One caller's door to the API. Hands the position of each write to the reads that follow, by itself."""

    def __init__(self, api: Api, credentials: Credentials, meta: Meta) -> None:
        self._api = api
        self._credentials = credentials
        self._meta = meta
        self._positions: dict[tuple[str, Log], PositionToken] = {}

    @property
    def instance(self) -> str:
        """The id of the instance that is called."""
        return self._meta.instance

    async def call(self, operation: Operation[I, O], input_: I) -> O:
        """Run an operation; raises the errors of ``hexkeep.core.kernel.errors``."""
        answer = await self._api.call(operation, input_, self._credentials, self._fresh())
        return self._noted(answer)

    async def call_json(self, name: str, fields: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """The same by name and with plain values in and out; raises ``NotFound`` for an unknown operation."""
        operation = self._api.operation(name)
        answer = await self._api.call_json(operation, fields, self._credentials, self._fresh())
        output: dict[str, JsonValue] = self._noted(answer).model_dump(mode="json")
        return output

    async def stream(self, operation: Operation[I, O], input_: I) -> AsyncGenerator[O, None]:
        """Batch after batch of a streaming operation: ``async for batch in client.stream(…)``.

        Ends after a while; whoever wants more begins again from the last ``next_cursor``.
        """
        async with aclosing(self._api.stream(operation, input_, self._credentials, self._fresh())) as answers:
            async for answer in answers:
                yield answer.output

    async def stream_json(
        self, name: str, fields: Mapping[str, JsonValue]
    ) -> AsyncGenerator[dict[str, JsonValue], None]:
        """The same by name and with plain values in and out; raises ``NotFound`` for an unknown operation."""
        operation = self._api.operation(name)
        async with aclosing(self._api.stream_json(operation, fields, self._credentials, self._fresh())) as answers:
            async for answer in answers:
                output: dict[str, JsonValue] = answer.output.model_dump(mode="json")
                yield output

    def _fresh(self) -> Meta:
        return replace(self._meta, min_positions=(*self._meta.min_positions, *self._positions.values()))

    def _noted(self, answer: Answer[O]) -> O:
        if answer.position is not None:
            self._positions[answer.position.instance, answer.position.log] = answer.position
        return answer.output
