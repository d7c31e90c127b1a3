"""What the generated methods of ``Client`` are made of: calls, lists and streams that block."""

from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Mapping
from typing import Generic, Self, TypeVar

from hexkeep.client.caller import Caller
from hexkeep.client.following import Following
from hexkeep.client.wire import at_once
from hexkeep.core.kernel.operation import AnyOperation, Message, O

P = TypeVar("P", bound=Message)
R = TypeVar("R", bound=Message)


class Listing(Generic[P, R]):
    """A list, asked for page by page while it is iterated: ``for user in client.user.list_users(): …``."""

    def __init__(self, fetch: Callable[[str | None], Coroutine[object, None, P]], items: str) -> None:
        self._fetch = fetch
        self._items = items

    def page(self) -> P:
        """One page, with ``next_cursor``, and ``total`` if ``count`` asked for it."""
        return at_once(self._fetch(None))

    def pages(self) -> Iterator[P]:
        """Page after page."""
        page = self.page()
        yield page
        while cursor := getattr(page, "next_cursor", ""):
            page = at_once(self._fetch(cursor))
            yield page

    def __iter__(self) -> Iterator[R]:
        """Item after item, over all pages."""
        for page in self.pages():
            yield from getattr(page, self._items)


class Stream(Generic[P, R]):
    """What happens, as it happens: ``for event in client.history.watch_events(): …``, without end.

    Lost connections are made again, behind what has come. ``cursor`` stands behind the last batch that was taken to its
    end; kept and given to another stream, nothing is lost. To be closed, best by ``with``.
    """

    def __init__(self, following: Following[P], items: str) -> None:
        self.cursor = str(following.fields.get("cursor") or "")
        self._items = items
        self._batches: AsyncGenerator[tuple[str, P | None], None] = following.batches()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        at_once(self._batches.aclose())

    def batches(self) -> Iterator[P]:
        """Page after page, as they come."""
        while True:
            cursor, page = at_once(anext(self._batches))
            if page is not None:
                yield page
            self.cursor = cursor

    def __iter__(self) -> Iterator[R]:
        """Item after item, as they come."""
        for page in self.batches():
            yield from getattr(page, self._items)


class Calls:
    """Calls of operations by one caller."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def answer(
        self, operation: AnyOperation, output: type[O], fields: Mapping[str, object], idempotency_key: str = ""
    ) -> O:
        """The output of an operation."""
        return at_once(self._caller.call(operation, output, fields, idempotency_key))

    def listing(
        self, operation: AnyOperation, page: type[P], item: type[R], fields: Mapping[str, object]
    ) -> Listing[P, R]:
        """The pages of a list."""

        def fetch(cursor: str | None) -> Coroutine[object, None, P]:
            return self._caller.call(operation, page, fields if cursor is None else {**fields, "cursor": cursor})

        return Listing(fetch, operation.items)

    def stream(
        self, operation: AnyOperation, page: type[P], item: type[R], fields: Mapping[str, object]
    ) -> Stream[P, R]:
        """The batches of a stream."""
        return Stream(Following(self._caller, operation, page, fields), operation.items)
