"""Pub/sub within one process, for databases that have nothing to tell other processes with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hexkeep.ports.pubsub import Hint


class _Mailbox:
    """One subscriber's hints: each at most once, so there are never more than there are logs."""

    def __init__(self) -> None:
        self._hints: dict[Hint, None] = {}
        self._filled = asyncio.Event()
        self._closed = False

    def put(self, hint: Hint) -> None:
        self._hints[hint] = None
        self._filled.set()

    def close(self) -> None:
        self._closed = True
        self._filled.set()

    async def hints(self) -> AsyncIterator[Hint]:
        while True:
            await self._filled.wait()
            while self._hints:
                hint = next(iter(self._hints))
                del self._hints[hint]
                yield hint
            if self._closed:
                return
            self._filled.clear()


class InProcessPubSub:
    """``ports.pubsub.PubSub`` for subscribers on the same event loop."""

    def __init__(self) -> None:
        self._mailboxes: set[_Mailbox] = set()

    async def open(self) -> None:
        """Nothing to acquire."""

    async def ping(self) -> None:
        """Always there."""

    async def close(self) -> None:
        """End every subscription after what is still in its mailbox."""
        for mailbox in self._mailboxes:
            mailbox.close()

    def publish(self, hint: Hint) -> None:
        """Put the hint into every mailbox, once."""
        for mailbox in self._mailboxes:
            mailbox.put(hint)

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[AsyncIterator[Hint]]:
        """Hints published while the context is open."""
        mailbox = _Mailbox()
        self._mailboxes.add(mailbox)
        try:
            yield mailbox.hints()
        finally:
            self._mailboxes.discard(mailbox)
