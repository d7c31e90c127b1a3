"""Consumers of logs: what a spooler drives. Projections turn events into rows, processes turn them into operations.

A consumer's place in each log is its checkpoint; moving it is a compare-and-set in the transaction that writes its
rows, so of two nodes that work at once one has an effect. An event that cannot be digested parks its aggregate; the
others go on.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import Archived
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import DeleteWhere, RowOperation, Table
from hexkeep.core.projection.state import Skip
from hexkeep.engine.parked import parked_in
from hexkeep.engine.skips import SkippedEvents
from hexkeep.engine.tail import Entry, Tail
from hexkeep.engine.waiting import Progress
from hexkeep.ports.clock import Clock
from hexkeep.ports.event_store import Head, Reading
from hexkeep.ports.views import Advance, Checkpoint, CheckpointKey, Parked, Views

RETRIES = 10
"""How often a retry of a parked aggregate is begun anew because the checkpoint moved."""
FAR = 5000
"""Events behind the head from which on the log is read as history: in big batches, from wherever that is cheapest."""
UNFIT = (ValueError, TypeError, ArithmeticError)
"""What the views raise for rows that do not fit their table."""


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

    def follow(self, later: "Digest") -> None:
        """Add what was made of later entries."""
        self.operations += later.operations
        self.failed |= later.failed


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

    @property
    def replays(self) -> bool:
        """Whether it reads a log that was restored or imported from its beginning."""

    @property
    def tables(self) -> tuple[Table, ...]:
        """What it fills, to be emptied when a log was restored and is read anew; none for most."""

    def passed_over(self, entry: Entry) -> Sequence[RowOperation]:
        """What is left to do for an entry that is skipped on purpose."""

    async def retried(self, instance: str) -> None:
        """What was made of a parked aggregate has taken effect, without a checkpoint that moved."""

    async def digest(self, entries: Sequence[Entry]) -> Digest:
        """Work on entries in order. Storage errors are raised; any other failure belongs into the digest."""


class Reader:
    """Moves one consumer through its logs."""

    def __init__(
        self, consumer: Consumer, tail: Tail, views: Views, progress: Progress, clock: Clock, skips: SkippedEvents
    ) -> None:
        self.consumer = consumer
        self._tail = tail
        self._views = views
        self._progress = progress
        self._clock = clock
        self._skips = skips
        self._parked: dict[str, dict[Ref, Parked]] = {}

    def key(self, instance: str) -> CheckpointKey:
        """The consumer's place in one instance's log."""
        return CheckpointKey(self.consumer.name, self.consumer.build, instance, self.consumer.log)

    async def places(self) -> dict[str, Checkpoint]:
        """The consumer's place by instance, for all instances it has been to."""
        found = await self._views.checkpoints(self.consumer.name, self.consumer.build)
        return {one.key.instance: one for one in found}

    async def catch_up(self, head: Head) -> int:
        """Read one log up to ``head`` at least; the position that was reached.

        It is behind ``head`` when the storage answered as of a moment ago: then ask again a moment later.
        """
        position = await self._place(head)
        while position is not None and position < head.position and (entries := await self._after(head, position)):
            if await self._step(head, position, entries):
                position = entries[-1].position
                self._progress.reached(self.key(head.instance), position, head.epoch)
            else:
                position = await self._place(head)
        return position or 0

    async def _place(self, head: Head) -> int | None:
        """Where to read on: not behind the horizon, and from the beginning in a log that was restored.

        ``None`` when somebody has moved on to a newer epoch, or moves the checkpoint at this moment.
        """
        self._parked.pop(head.instance, None)  # behind the checkpoint: who parks moves it, so what is known stays true
        checkpoint = await self._views.checkpoint(self.key(head.instance))
        if checkpoint.epoch < head.epoch and not self.consumer.replays:
            return None  # whoever loaded the log tells where to go on
        if not checkpoint.position and not head.horizon:
            return 0
        if checkpoint.position and checkpoint.epoch > head.epoch:
            return None
        if checkpoint.position and checkpoint.epoch < head.epoch:
            return await self._start_over(head, checkpoint)
        if checkpoint.position < head.horizon:
            move = Advance(checkpoint.key, checkpoint.position, head.horizon, head.epoch, ())
            return head.horizon if await self._views.apply(move) else None
        return checkpoint.position

    async def _start_over(self, head: Head, checkpoint: Checkpoint) -> int | None:
        """The log is another than the one that was read: remove what was made of that, then begin again."""
        emptied = tuple(DeleteWhere(table, {}) for table in self.consumer.tables)
        parked = parked_in(self._views, self.consumer.name, self.consumer.build, head.instance)
        unpark = tuple([(one.aggregate_type, one.aggregate_id) async for one in parked])
        begin = Advance(checkpoint.key, checkpoint.position, head.horizon, head.epoch, emptied, unpark=unpark)
        return head.horizon if await self._views.apply(begin) else None

    async def _after(self, head: Head, position: int) -> Sequence[Entry]:
        far = head.position - position > FAR
        for reading in (Reading.HISTORY, Reading.RECENT) if far else (Reading.RECENT,):
            try:
                entries = await self._tail.after(head.instance, head.log, position, head.epoch, reading)
            except Archived:  # dropped since we looked; whoever looks next finds the new horizon
                return ()
            if entries:
                return entries
        return ()

    async def _step(self, head: Head, position: int, entries: Sequence[Entry]) -> bool:
        digest = await self._digest(head, position, entries)
        try:
            return await self._apply(head, position, entries[-1].position, digest)
        except UNFIT as error:
            if len(entries) > 1:
                return await self._singly(head, position, entries)
            digest = Digest()
            digest.fail(entries[0].ref, entries[0].position, type(error).__name__)
            return await self._apply(head, position, entries[-1].position, digest)

    async def _singly(self, head: Head, position: int, entries: Sequence[Entry]) -> bool:
        """The database refused the batch: find out which event it was."""
        for entry in entries:
            if not await self._step(head, position, [entry]):
                return False
            position = entry.position
        return True

    async def _digest(self, head: Head, position: int, entries: Sequence[Entry]) -> Digest:
        parked = await self._parked_in(head.instance)
        wanted = [entry for entry in entries if entry.ref not in parked] if parked else entries
        digest = await self._digested(head.instance, wanted, history=head.position - position > FAR)
        if parked:
            digest.left_out.extend(parked[ref] for ref in {entry.ref for entry in entries} & parked.keys())
        return digest

    async def _digested(self, instance: str, entries: Sequence[Entry], *, history: bool) -> Digest:
        """Digest entries without those that are skipped. Before anything is parked, skips are looked up once more."""
        skips = await self._skips.of(self.consumer.name, instance, fresh=history)
        digest = await self._without(skips, entries)
        if digest.failed and not history:
            latest = await self._skips.of(self.consumer.name, instance, fresh=True)
            if latest != skips:
                return await self._without(latest, entries)
        return digest

    async def _without(self, skips: frozenset[Skip], entries: Sequence[Entry]) -> Digest:
        if not skips:
            return await self.consumer.digest(entries)
        digest = Digest()
        for run, skipped in _runs(skips, entries):
            digest.follow(await self.consumer.digest([one for one in run if one.ref not in digest.failed]))
            if skipped is not None and skipped.ref not in digest.failed:
                digest.operations += self.consumer.passed_over(skipped)
        return digest

    async def _apply(self, head: Head, expected: int, position: int, digest: Digest) -> bool:
        key = self.key(head.instance)
        now = self._clock.now()
        failed = {ref: _parked(key, ref, *failure, now) for ref, failure in digest.failed.items()}
        park = (*digest.left_out, *failed.values())
        applied = await self._views.apply(Advance(key, expected, position, head.epoch, tuple(digest.operations), park))
        if applied:
            self._parked.setdefault(head.instance, {}).update(failed)
        return applied

    async def _parked_in(self, instance: str) -> dict[Ref, Parked]:
        if instance not in self._parked:
            parked = parked_in(self._views, self.consumer.name, self.consumer.build, instance)
            self._parked[instance] = {Ref(one.aggregate_type, one.aggregate_id): one async for one in parked}
        return self._parked[instance]

    async def retry(self, parked: Parked, read: Callable[[], AsyncIterator[Entry]]) -> bool:
        """Digest a parked aggregate's own entries up to the checkpoint, and take it off the list if that works.

        ``read`` gives all entries of the aggregate. They are read behind the checkpoint, so none up to it is missing;
        when the leader moves the checkpoint meanwhile, it is all done anew. An aggregate that fails again stays on the
        list, at the event that fails now. One whose events were dropped since goes off it with the rows it has.
        """
        for _ in range(RETRIES):
            checkpoint = await self._views.checkpoint(parked.key)
            digest = await self._retried(parked, checkpoint.position, read)
            try:
                applied = await self._views.apply(_outcome(parked, checkpoint, digest))
            except UNFIT as error:
                digest = Digest()
                digest.fail(_ref(parked), parked.position, type(error).__name__)
                applied = await self._views.apply(_outcome(parked, checkpoint, digest))
            if applied:
                await self.consumer.retried(parked.key.instance)
                return not digest.failed
        return False

    async def _retried(self, parked: Parked, end: int, read: Callable[[], AsyncIterator[Entry]]) -> Digest:
        try:
            entries = [one async for one in read() if parked.position <= one.position <= end]
        except Archived:
            return Digest()
        return await self._digested(parked.key.instance, entries, history=True)


def _runs(skips: frozenset[Skip], entries: Sequence[Entry]) -> Iterator[tuple[list[Entry], Entry | None]]:
    """The entries up to each that is skipped, and that one; in the end those that are left."""
    run: list[Entry] = []
    for entry in entries:
        if (entry.ref, entry.position) in skips:
            yield run, entry
            run = []
        else:
            run.append(entry)
    yield run, None


def _ref(parked: Parked) -> Ref:
    return Ref(parked.aggregate_type, parked.aggregate_id)


def _outcome(parked: Parked, checkpoint: Checkpoint, digest: Digest) -> Advance:
    """What a retry writes: the rows as far as they could be made, and the aggregate off the list or on it again."""
    here = (checkpoint.position, checkpoint.position, checkpoint.epoch, tuple(digest.operations))
    failure = digest.failed.get(_ref(parked))
    if failure is None:
        return Advance(parked.key, *here, unpark=((parked.aggregate_type, parked.aggregate_id),))
    again = Parked(parked.key, *_ref(parked), *failure, parked.attempts + 1, parked.parked_at)
    return Advance(parked.key, *here, park=(again,))


def _parked(key: CheckpointKey, ref: Ref, position: int, error: str, now: datetime) -> Parked:
    return Parked(key, ref.type, ref.id, position, error, 1, now)
