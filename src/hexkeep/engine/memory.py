"""What a node remembers of people, and for how long: nothing stays in memory that nobody asks for.

Caches are always asked about the newest event first, so nobody is shown anything out of them that was erased. This is
about the memory itself: that it is gone there as well, on every node, within some minutes.
"""

import asyncio

from hexkeep.engine.cancellation import end, insist_on_cancellation
from hexkeep.engine.keyring import Keyring
from hexkeep.engine.states import States
from hexkeep.engine.tail import Tail

IDLE_SECONDS = 300.0
"""How long a state that nobody asks for is kept."""
LOOK_SECONDS = 60.0


class Memory:
    """Forgets, on every node by itself."""

    def __init__(self, keyring: Keyring, states: States, tail: Tail) -> None:
        self._keyring = keyring
        self._states = states
        self._tail = tail
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, on the present event loop."""
        self._task = asyncio.create_task(self._run(), name="hexkeep-memory")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            await end(self._task)

    def forget(self) -> None:
        """Let go of keys that are stale, states that are idle, and everything that was read ahead."""
        self._keyring.forget_stale()
        self._states.forget_idle(IDLE_SECONDS)
        self._tail.forget()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            insist_on_cancellation()
            self.forget()
