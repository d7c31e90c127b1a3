"""Hints within this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hexkeep.adapters.memory.part import Part
from hexkeep.ports.pubsub import Hint, PubSub


class _Subscription(AsyncIterator[Hint]):
    """The hints one subscriber has yet to see, each once, in order of their first publication."""

    def __init__(self) -> None:
        self._waiting: dict[Hint, None] = {}
        self._ended = False
        self._changed = asyncio.Event()

    def tell(self, hint: Hint) -> None:
        self._waiting[hint] = None
        self._changed.set()

    def end(self) -> None:
        self._ended = True
        self._changed.set()

    async def __anext__(self) -> Hint:
        while not self._ended:
            if self._waiting:
                hint = next(iter(self._waiting))
                del self._waiting[hint]
                return hint
            self._changed.clear()
            await self._changed.wait()
        raise StopAsyncIteration


class MemoryPubSub(Part, PubSub):
    """The port ``pubsub.PubSub``. A subscription begun after ``close`` has ended already."""

    def __init__(self) -> None:
        self._subscriptions: set[_Subscription] = set()
        self._closed = False

    async def close(self) -> None:
        """End every iterator."""
        self._closed = True
        for subscription in self._subscriptions:
            subscription.end()

    def publish(self, hint: Hint) -> None:
        """See the port."""
        for subscription in self._subscriptions:
            subscription.tell(hint)

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[AsyncIterator[Hint]]:
        """See the port."""
        subscription = _Subscription()
        if self._closed:
            subscription.end()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
            subscription.end()
