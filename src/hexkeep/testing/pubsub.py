"""The contract of ``hexkeep.ports.pubsub``: subclass ``PubSubContract`` and give it ``storage``, or ``pubsub``.

Hints may be lost, merged and repeated; so what has to be heard is published again and again until it is.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import ClassVar

import pytest

from hexkeep.core.kernel.event import Log
from hexkeep.ports.adapter import Adapter
from hexkeep.ports.pubsub import Hint, PubSub
from hexkeep.ports.storage import Storage
from hexkeep.testing.contract import Contract, fresh


class Listener:
    """A subscriber: ``seen`` are the hints that came so far, ``task`` ends when the iterator does."""

    def __init__(self, hints: AsyncIterator[Hint]) -> None:
        self.seen: list[Hint] = []
        self.task = asyncio.create_task(self._listen(hints))

    async def _listen(self, hints: AsyncIterator[Hint]) -> None:
        async for hint in hints:
            self.seen.append(hint)


@asynccontextmanager
async def listening(pubsub: PubSub) -> AsyncIterator[Listener]:
    """A listener within its subscription; it is stopped first, so the subscription is closed at rest."""
    async with pubsub.subscribe() as hints:
        listener = Listener(hints)
        try:
            yield listener
        finally:
            listener.task.cancel()
            with suppress(asyncio.CancelledError):
                await listener.task


class PubSubContract(Contract):
    """The rules of pub/sub."""

    flood: ClassVar[int] = 2_000
    """Trait: how many hints a slow subscriber leaves waiting."""
    merged: ClassVar[int] = 100
    """Trait: how many of them it may find at most, when all were the same."""

    @pytest.fixture
    def pubsub(self, storage: Storage) -> PubSub:
        """The port under test."""
        return storage.pubsub

    @pytest.fixture
    def hint(self) -> Hint:
        """A hint of this test alone."""
        return Hint(fresh("instance"), Log.DURABLE)

    async def heard(self, pubsub: PubSub, hint: Hint, *listeners: Listener) -> None:
        """Publish ``hint`` until every listener has heard it."""

        async def by_all() -> bool:
            pubsub.publish(hint)
            return all(hint in listener.seen for listener in listeners)

        await self.eventually(by_all)

    async def test_hint_reaches_a_subscriber(self, pubsub: PubSub, hint: Hint) -> None:
        """What is published arrives, equal to what was sent."""
        async with listening(pubsub) as listener:
            await self.heard(pubsub, hint, listener)

    async def test_hints_of_both_logs_are_told_apart(self, pubsub: PubSub, hint: Hint) -> None:
        """A hint names its instance and its log; merging never mixes two of them up."""
        other = Hint(hint.instance, Log.ACTIVITY)
        async with listening(pubsub) as listener:
            await self.heard(pubsub, hint, listener)
            assert other not in listener.seen
            await self.heard(pubsub, other, listener)

    async def test_every_subscriber_hears(self, pubsub: PubSub, hint: Hint) -> None:
        """A hint is not used up by the first who gets it."""
        async with listening(pubsub) as one, listening(pubsub) as two, listening(pubsub) as three:
            await self.heard(pubsub, hint, one, two, three)

    async def test_publish_without_subscribers_does_nothing(self, pubsub: PubSub, hint: Hint) -> None:
        """Nobody has to listen; who comes later hears what is published from then on."""
        pubsub.publish(hint)
        async with listening(pubsub) as listener:
            await self.heard(pubsub, Hint(hint.instance, Log.ACTIVITY), listener)

    async def test_slow_subscriber_gets_merged_hints(self, pubsub: PubSub, hint: Hint) -> None:
        """However many equal hints wait for a subscriber, it finds a few, and then the next ones."""
        last = Hint(fresh("instance"), Log.DURABLE)
        async with pubsub.subscribe() as hints:
            for _ in range(self.flood):
                pubsub.publish(hint)
            listener = Listener(hints)
            await self.heard(pubsub, hint, listener)
            await self.heard(pubsub, last, listener)
            assert listener.seen.count(hint) <= self.merged
            listener.task.cancel()
            await asyncio.gather(listener.task, return_exceptions=True)

    async def test_distinct_hints_survive_merging(self, pubsub: PubSub) -> None:
        """Merging drops repetitions alone: of many instances published in one go each is heard."""
        wanted = {Hint(fresh("instance"), Log.DURABLE) for _ in range(50)}
        async with listening(pubsub) as listener:

            async def complete() -> bool:
                for hint in wanted.difference(listener.seen):
                    pubsub.publish(hint)
                return wanted <= set(listener.seen)

            await self.eventually(complete)

    async def test_subscriber_that_leaves_does_not_disturb_the_others(self, pubsub: PubSub, hint: Hint) -> None:
        """Subscriptions may be closed in any order while hints are under way."""
        async with listening(pubsub) as staying:
            async with listening(pubsub) as leaving:
                pubsub.publish(hint)
                await self.heard(pubsub, hint, staying, leaving)
            seen = len(leaving.seen)
            await self.heard(pubsub, Hint(hint.instance, Log.ACTIVITY), staying)
            assert len(leaving.seen) == seen

    async def test_subscriptions_come_and_go_concurrently(self, pubsub: PubSub, hint: Hint) -> None:
        """Many tasks that subscribe, hear and leave at the same time do not stand in each other's way."""

        async def visit() -> None:
            async with listening(pubsub) as listener:
                await self.heard(pubsub, hint, listener)

        async with asyncio.timeout(self.patience), asyncio.TaskGroup() as tasks:
            for _ in range(20):
                tasks.create_task(visit())

    async def test_subscription_may_be_left_unread(self, pubsub: PubSub, hint: Hint) -> None:
        """Leaving without having read a single hint is no error."""
        async with pubsub.subscribe():
            pubsub.publish(hint)
        async with listening(pubsub) as listener:
            await self.heard(pubsub, hint, listener)

    async def test_close_ends_the_iterators(self, pubsub: PubSub, adapter: Adapter, hint: Hint) -> None:
        """Closing the adapter ends every iterator, those that wait and those that lag, and leaves none hanging."""
        async with pubsub.subscribe() as one, pubsub.subscribe() as two:
            waiting = Listener(one)
            await self.heard(pubsub, hint, waiting)
            await adapter.close()
            lagging = Listener(two)
            async with asyncio.timeout(self.patience):
                await waiting.task
                await lagging.task

    async def test_publish_after_close_does_not_fail(self, pubsub: PubSub, adapter: Adapter, hint: Hint) -> None:
        """A hint may always be given; after the end nobody hears it."""
        await adapter.close()
        pubsub.publish(hint)
