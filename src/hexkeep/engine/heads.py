"""The heads of all logs, asked for once by all who look for work at about the same time."""

import asyncio

from hexkeep.ports.clock import Clock
from hexkeep.ports.event_store import EventStore, Head


class Heads:
    """Of one node. All of its spoolers look in the same rhythm, and what they look at is the same."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._asked_at = float("-inf")
        self._asking: asyncio.Task[list[Head]] | None = None

    async def known(self, seconds: float) -> list[Head]:
        """The heads as they were so many seconds ago, or later. Raises what the storage raises."""
        now = self._clock.monotonic()
        if self._asking is None or now - self._asked_at > seconds or _failed(self._asking):
            self._asked_at = now
            self._asking = asyncio.create_task(self._store.heads(), name="hexkeep-heads")
        return await asyncio.shield(self._asking)


def _failed(task: "asyncio.Task[list[Head]]") -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
