"""Consumers of logs: what a spooler drives. Projections turn events into rows, processes turn them into operations.

A consumer's place in each log is its checkpoint; moving it is a compare-and-set in the transaction that writes its
rows, so of two nodes that work at once one has an effect. An event that cannot be digested parks its aggregate; the
others go on.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import RowOperation
from hexkeep.engine.tail import Entry, Tail
from hexkeep.engine.waiting import Progress
from hexkeep.ports.clock import Clock
from hexkeep.ports.views import Advance, CheckpointKey, Parked, Views

RETRIES = 10
"""How often a retry of a parked aggregate is begun anew because the checkpoint moved."""


@dataclass(slots=True)
class Digest:
    """What a consumer made of a batch: rows to write, and aggregates that failed with the class of the failure."""

    operations: list[RowOperation] = field(default_factory=list)
    failed: dict[Ref, tuple[int, str]] = field(default_factory=dict)
    left_out: list[Parked] = field(default_factory=list)
    """Parked aggregates with entries in the batch. They are put on the list again in the transaction that passes over
    their entries: a retry that ends at the same moment may have just taken them off it."""

    def fail(self, ref: Ref, position: int, error: str) -> None:
        """Note the first failure of an aggregate."""
        self.failed.setdefault(ref, (position, error))


class Consumer(Protocol):
    """Something that reads a log in order, once."""

    @property
    def name(self) -> str:
        """Unique among consumers."""

    @property
    def build(self) -> int:
        """Another build has a place of its own in each log."""

    @property
    def log(self) -> Log:
        """The log it reads."""

    async def digest(self, entries: Sequence[Entry]) -> Digest:
        """Work on entries in order. Storage errors are raised; any other failure belongs into the digest."""


class Reader:
    """Moves one consumer through its logs."""

    def __init__(self, consumer: Consumer, tail: Tail, views: Views, progress: Progress, clock: Clock) -> None:
        self.consumer = consumer
        self._tail = tail
        self._views = views
        self._progress = progress
        self._clock = clock
        self._parked: dict[str, dict[Ref, Parked]] = {}

    def key(self, instance: str) -> CheckpointKey:
        """The consumer's place in one instance's log."""
        return CheckpointKey(self.consumer.name, self.consumer.build, instance, self.consumer.log)

    async def places(self) -> dict[str, int]:
        """The consumer's position by instance, for all instances it has been to."""
        found = await self._views.checkpoints(self.consumer.name, self.consumer.build)
        return {one.key.instance: one.position for one in found}

    async def catch_up(self, instance: str, epoch: int) -> int:
        """Read to the end of one log; the number of entries that were read."""
        checkpoint = await self._views.checkpoint(self.key(instance))
        position, count = checkpoint.position, 0
        self._parked.pop(instance, None)  # behind the checkpoint: who parks moves it, so what is known now stays true
        while entries := await self._tail.after(instance, self.consumer.log, position):
            if not await self._step(instance, epoch, position, entries):
                self._parked.pop(instance, None)
                checkpoint = await self._views.checkpoint(self.key(instance))
                position = checkpoint.position
                continue
            position = entries[-1].position
            count += len(entries)
            self._progress.reached(self.key(instance), position, epoch)
        return count

    async def _step(self, instance: str, epoch: int, position: int, entries: Sequence[Entry]) -> bool:
        parked = await self._parked_in(instance)
        digest = await self.consumer.digest([entry for entry in entries if entry.ref not in parked])
        digest.left_out.extend(parked[ref] for ref in {entry.ref for entry in entries} & parked.keys())
        try:
            return await self._apply(instance, epoch, position, entries[-1].position, digest)
        except (ValueError, TypeError, ArithmeticError) as error:
            if len(entries) > 1:
                return await self._singly(instance, epoch, position, entries)
            digest = Digest()
            digest.fail(entries[0].ref, entries[0].position, type(error).__name__)
            return await self._apply(instance, epoch, position, entries[-1].position, digest)

    async def _singly(self, instance: str, epoch: int, position: int, entries: Sequence[Entry]) -> bool:
        """The database refused the batch: find out which event it was."""
        for entry in entries:
            if not await self._step(instance, epoch, position, [entry]):
                return False
            position = entry.position
        return True

    async def _apply(self, instance: str, epoch: int, expected: int, position: int, digest: Digest) -> bool:
        key = self.key(instance)
        now = self._clock.now()
        failed = {ref: _parked(key, ref, *failure, now) for ref, failure in digest.failed.items()}
        park = (*digest.left_out, *failed.values())
        applied = await self._views.apply(Advance(key, expected, position, epoch, tuple(digest.operations), park))
        if applied:
            self._parked.setdefault(instance, {}).update(failed)
        return applied

    async def _parked_in(self, instance: str) -> dict[Ref, Parked]:
        if instance not in self._parked:
            parked = await self._views.parked(self.consumer.name, self.consumer.build, instance)
            self._parked[instance] = {Ref(one.aggregate_type, one.aggregate_id): one for one in parked}
        return self._parked[instance]

    async def retry(self, parked: Parked, read: Callable[[], AsyncIterator[Entry]]) -> bool:
        """Digest a parked aggregate's own entries up to the checkpoint, and take it off the list if that works.

        ``read`` gives all entries of the aggregate. They are read behind the checkpoint, so none up to it is missing;
        when the leader moves the checkpoint meanwhile, it is all done anew.
        """
        unpark = ((parked.aggregate_type, parked.aggregate_id),)
        for _ in range(RETRIES):
            checkpoint = await self._views.checkpoint(parked.key)
            here, epoch = checkpoint.position, checkpoint.epoch
            digest = await self.consumer.digest(
                [one async for one in read() if parked.position <= one.position <= here]
            )
            if digest.failed:
                return False
            if await self._views.apply(Advance(parked.key, here, here, epoch, tuple(digest.operations), unpark=unpark)):
                return True
        return False


def _parked(key: CheckpointKey, ref: Ref, position: int, error: str, now: datetime) -> Parked:
    return Parked(key, ref.type, ref.id, position, error, 1, now)
