"""What the generated methods of ``AsyncClient`` are made of: calls, lists and streams that are awaited."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Mapping
from typing import Generic, Self, TypeVar

from hexkeep.client.caller import Caller
from hexkeep.client.following import Following
from hexkeep.core.kernel.operation import AnyOperation, Message, O

P = TypeVar("P", bound=Message)
R = TypeVar("R", bound=Message)


class AsyncListing(Generic[P, R]):
    """A list, asked for page by page while it is iterated: ``async for user in client.user.list_users(): …``."""

    def __init__(self, fetch: Callable[[str | None], Coroutine[object, None, P]], items: str) -> None:
        self._fetch = fetch
        self._items = items

    async def page(self) -> P:
        """One page, with ``next_cursor``, and ``total`` if ``count`` asked for it."""
        return await self._fetch(None)

    async def pages(self) -> AsyncIterator[P]:
        """Page after page."""
        page = await self.page()
        yield page
        while cursor := getattr(page, "next_cursor", ""):
            page = await self._fetch(cursor)
            yield page

    async def __aiter__(self) -> AsyncIterator[R]:
        """Item after item, over all pages."""
        async for page in self.pages():
            for item in getattr(page, self._items):
                yield item


class AsyncStream(Generic[P, R]):
    """What happens, as it happens: ``async for event in client.history.watch_events(): …``, without end.

    Lost connections are made again, behind what has come. ``cursor`` stands behind the last batch that was taken to its
    end; kept and given to another stream, nothing is lost. To be closed, best by ``async with``.
    """

    def __init__(self, following: Following[P], items: str) -> None:
        self.cursor = str(following.fields.get("cursor") or "")
        self._items = items
        self._batches: AsyncGenerator[tuple[str, P | None], None] = following.batches()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self._batches.aclose()

    async def batches(self) -> AsyncIterator[P]:
        """Page after page, as they come."""
        async for cursor, page in self._batches:
            if page is not None:
                yield page
            self.cursor = cursor

    async def __aiter__(self) -> AsyncIterator[R]:
        """Item after item, as they come."""
        async for page in self.batches():
            for item in getattr(page, self._items):
                yield item


class AsyncCalls:
    """Calls of operations by one caller."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def answer(
        self, operation: AnyOperation, output: type[O], fields: Mapping[str, object], idempotency_key: str = ""
    ) -> O:
        """The output of an operation."""
        return await self._caller.call(operation, output, fields, idempotency_key)

    def listing(
        self, operation: AnyOperation, page: type[P], item: type[R], fields: Mapping[str, object]
    ) -> AsyncListing[P, R]:
        """The pages of a list."""

        def fetch(cursor: str | None) -> Coroutine[object, None, P]:
            return self._caller.call(operation, page, fields if cursor is None else {**fields, "cursor": cursor})

        return AsyncListing(fetch, operation.items)

    def stream(
        self, operation: AnyOperation, page: type[P], item: type[R], fields: Mapping[str, object]
    ) -> AsyncStream[P, R]:
        """The batches of a stream."""
        return AsyncStream(Following(self._caller, operation, page, fields), operation.items)
