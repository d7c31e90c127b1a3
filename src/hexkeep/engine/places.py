"""Where the queue may have changed, so that not every instance has to be looked at every time.

Every row is put by an outbox or changed through the ledger, and both move a checkpoint of the instance; who does either
on this node says so, and hints tell of logs that have grown. A look at the checkpoints of all instances finds what
nobody told of. The more instances there are the rarer it is, so what it costs in a second does not grow with them.
"""

from collections.abc import Iterable, Mapping

from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.outbox import Outbox
from hexkeep.engine.ledger import Ledger
from hexkeep.engine.outbox import outbox_consumer
from hexkeep.ports.clock import Clock
from hexkeep.ports.event_store import EventStore, Head
from hexkeep.ports.views import Checkpoint, CheckpointKey, Views

PER_SECOND = 1000
"""Instances whose checkpoints are read in a second, on average, while nothing is to do."""
LONGEST_PAUSE = 60.0
"""Between two looks everywhere, in seconds, however many instances there are."""
SINGLY = 100
"""Instances that are asked for one by one. Of more, all are asked for at once."""


Place = tuple[Checkpoint | None, ...]
"""The checkpoints of the ledger and of every outbox in one instance."""


class Places:
    """What one leader knows; ``forget`` when a term begins."""

    def __init__(
        self,
        outboxes: Iterable[Outbox],
        ledger: Ledger,
        views: Views,
        events: EventStore,
        *,
        clock: Clock,
        look: float,
    ) -> None:
        self._outboxes = tuple(outboxes)
        self._logs = frozenset(one.log for one in self._outboxes)
        self._ledger = ledger
        self._views = views
        self._events = events
        self._clock = clock
        self._look = look
        self._nowhere: Place = (None,) * (len(self._outboxes) + 1)
        self._known: dict[str, Place] = {}
        self._pressing: set[str] = set()
        self._told: set[str] = set()
        self._everywhere_at = self._again_at = float("-inf")
        self._rare = False

    def forget(self) -> None:
        """Look everywhere the next time."""
        self._known = {}
        self._told.clear()
        self._everywhere_at = self._again_at = float("-inf")

    def press(self, instance: str) -> None:
        """Something is put into the queue of an instance at this moment."""
        self._pressing.add(instance)

    def tell(self, instance: str, log: Log) -> None:
        """A log has grown; whoever leads an outbox will follow. Where all is looked at with each look it is no news."""
        if self._rare and log in self._logs:
            self._told.add(instance)

    async def moved(self) -> set[str]:
        """The instances where something may have changed since this was asked last.

        One that was told of is named with each look until the outboxes are at the end of its logs.
        """
        now = self._clock.monotonic()
        asked, self._pressing = self._pressing, set()
        if now >= self._again_at:
            asked |= self._told
            self._again_at = now + self._look
        self._told -= asked  # before anything is read: a hint that comes from now on may be of something that is not
        if now < self._everywhere_at and len(asked) <= SINGLY:
            await self._look_at(asked)
            return asked
        return await self._look_everywhere(now, asked)

    async def instances(self) -> list[str]:
        """Every instance that may have rows."""
        return sorted(await self._present())

    async def _look_at(self, asked: Iterable[str]) -> None:
        for instance in asked:
            heads = {log: await self._events.head(instance, log) for log in self._logs}
            self._note(instance, await self._of_outboxes(instance), heads)

    async def _look_everywhere(self, now: float, asked: set[str]) -> set[str]:
        present = await self._present()
        pause = min(max(self._look, len(present) / PER_SECOND), LONGEST_PAUSE)
        self._everywhere_at, self._rare = now + pause, pause > self._look
        moved = {instance for instance, place in present.items() if self._known.get(instance) != place}
        self._known = present
        if not self._rare:
            self._told.clear()
        elif asked:
            heads: dict[str, dict[Log, Head]] = {instance: {} for instance in asked}
            for head in await self._events.heads():
                if head.instance in heads:
                    heads[head.instance][head.log] = head
            for instance in asked:
                self._note(instance, present.get(instance, self._nowhere)[1:], heads[instance])
        return moved | asked

    def _note(self, instance: str, places: Place, heads: Mapping[Log, Head]) -> None:
        if self._rare and not self._at_the_end(places, heads):
            self._told.add(instance)

    def _at_the_end(self, places: Place, heads: Mapping[Log, Head]) -> bool:
        for outbox, checkpoint in zip(self._outboxes, places, strict=True):
            head = heads.get(outbox.log)
            reached = (checkpoint.epoch, checkpoint.position) if checkpoint is not None else (0, 0)
            if head is not None and head.position and reached < (head.epoch, head.position):
                return False
        return True

    async def _of_outboxes(self, instance: str) -> Place:
        build = self._ledger.build
        keys = [CheckpointKey(outbox_consumer(one.name), build, instance, one.log) for one in self._outboxes]
        return tuple([await self._views.checkpoint(key) for key in keys])

    async def _present(self) -> dict[str, Place]:
        """Places by instance, wherever the ledger or an outbox ever was."""
        build = self._ledger.build
        found: dict[str, list[Checkpoint | None]] = {}
        names = (self._ledger.owner.name, *(outbox_consumer(one.name) for one in self._outboxes))
        for index, name in enumerate(names):
            for one in await self._views.checkpoints(name, build):
                found.setdefault(one.key.instance, list(self._nowhere))[index] = one
        return {instance: tuple(places) for instance, places in found.items()}
