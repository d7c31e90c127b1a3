"""Erasure: what follows the event that asks for it, until nothing of the person can be read anywhere.

The event comes first, so whatever is done here may be done again: after a crash, on another node, after a restore. It
is acknowledged when the person's key is destroyed, what was made of the data is gone, no node has the key in memory any
more, and the erasure is on record outside the database.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hexkeep.core.instance.state import INSTANCE, SYSTEM_INSTANCE
from hexkeep.core.kernel.aggregate import AnyAggregate, Ref
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Request
from hexkeep.core.kernel.errors import Archived, HexkeepError, NotFound, Unavailable, VersionConflict
from hexkeep.core.kernel.event import Event, Log, Personal, Recorded, sealings
from hexkeep.core.kernel.operation import AnyOperation
from hexkeep.core.kernel.permission import SYSTEM
from hexkeep.core.kernel.slice import Owned, Step
from hexkeep.core.kernel.view import Row, RowOperation, Select, Table, eq
from hexkeep.core.user.events import SubjectErased
from hexkeep.core.user.state import USER
from hexkeep.engine.blobs import holders
from hexkeep.engine.consumer import Digest
from hexkeep.engine.keyring import subject_key
from hexkeep.engine.reads import Freshness
from hexkeep.engine.tail import Entry, Undecodable
from hexkeep.ports.event_store import SoleWriter
from hexkeep.ports.tombstones import Tombstone

if TYPE_CHECKING:
    from hexkeep.engine.assembly import Machinery

logger = logging.getLogger("hexkeep.engine.erasure")
CONSUMER = "process.erasure"
BUILD = 1
PAGE = 200
PATIENCE_SECONDS = 30.0
"""How long a look at a view waits for the view to have caught up."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A person in an instance."""

    instance: str
    user_id: str


class Erasure:
    """Erases people from everything that the engine knows of."""

    def __init__(self, machinery: "Machinery") -> None:
        self._use = machinery

    async def erase(self, recorded: Sequence[Recorded[Event]]) -> None:
        """Do all that follows these requests, and acknowledge them.

        They share one wait for the other nodes' memory of the keys. What those have written meanwhile was sealed under
        a key that was there no more, and what they made of it is removed in a second round. A log that is read anew,
        as behind a restore, may tell of many that are long over: for those nobody waits.
        """
        subjects = [Subject(one.instance, one.aggregate_id) for one in recorded]
        remembered = [one for one in subjects if not await self._is_over(one)]
        for subject, one in zip(subjects, recorded, strict=True):
            await self.forget(subject)
            stone = Tombstone(one.instance, one.aggregate_id, one.created_at, one.position)
            await self._use.ports.tombstones.add(stone)
        if remembered and not self._alone():
            await asyncio.sleep(self._use.keyring.lifetime)
            for subject in remembered:
                await self.forget(subject)
        for subject in subjects:
            await self._call(subject.instance, "CompleteErasure", {"user_id": subject.user_id})

    async def _is_over(self, subject: Subject) -> bool:
        """Whether it was acknowledged, and no backup has brought the key back: then no node can remember it."""
        _, user = await self._use.states.load(subject.instance, USER, subject.user_id)
        if not user.erasure_completed:
            return False
        try:
            await self._use.keyring.versions(subject.instance, subject_key(subject.user_id))
        except LookupError:
            return True
        return False

    async def reapply(self, tombstones: Iterable[Tombstone]) -> int:
        """Erase, in a restored store, everybody who was erased after the backup; how many there were.

        Each one's key is destroyed at once. The rest follows by itself when the engine runs next. Needs an engine that
        is assembled, not one that was started.
        """
        again = 0
        for subject in dict.fromkeys(Subject(one.instance, one.user_id) for one in tombstones):
            version, user = await self._use.states.load(subject.instance, USER, subject.user_id)
            if not version:
                continue  # came after the backup
            if not user.erased:
                await self._call(subject.instance, "ReapplyErasure", {"user_id": subject.user_id})
                again += 1
            await self._destroy(subject)
        return again

    async def forget(self, subject: Subject) -> None:
        """Destroy the key and everything that was made of what it sealed. Can be done any number of times."""
        await self._destroy(subject)
        for owned in self._use.registry.owned:
            async for row in self._rows(subject, owned):
                await self._take_away(subject, owned, row)
        await self._call(subject.instance, "EraseActivity", {"user_id": subject.user_id})

    async def _destroy(self, subject: Subject) -> None:
        """What is not in any log: the key, the unique keys, the snapshots, the blobs, what this process remembers."""
        key, ref = subject_key(subject.user_id), USER.ref(subject.user_id)
        await self._use.keyring.destroy(subject.instance, key)
        if await self._is_first_administrator(subject):
            await self._use.keyring.destroy(SYSTEM_INSTANCE, key)
        await self._use.ports.events.forget_keys(subject.instance, ref)
        await self._forget_snapshots(subject)
        await self._use.blobs.forget(subject.instance, [one.ref(subject.user_id) for one in self._holders()])
        self._use.states.distrust(subject.instance, ref)
        self._use.tail.forget()

    async def _is_first_administrator(self, subject: Subject) -> bool:
        """Whether the request for the instance, in the log of ``system``, told something about this person."""
        _, state = await self._use.states.load(SYSTEM_INSTANCE, INSTANCE, subject.instance)
        return state.first_user_id == subject.user_id

    def _holders(self) -> Sequence[AnyAggregate]:
        """The types of aggregates under which blobs of a person lie, those with the person's id."""
        return holders(self._use.registry.aggregates)

    async def _forget_snapshots(self, subject: Subject) -> None:
        """Of the person itself, and of every type whose events may hold something about others than the aggregate."""
        async with self._use.snapshots.forgetting(subject.instance) as snapshots:
            await snapshots.forget(subject.instance, USER.name, subject.user_id)
            for aggregate in self._use.registry.aggregates.values():
                if any(map(_tells_of_another, aggregate.events)):
                    await snapshots.forget(subject.instance, aggregate.name)

    async def _rows(self, subject: Subject, owned: Owned) -> AsyncIterator[Row]:
        request = Request(subject.instance, SYSTEM, self._use.clock.now())
        query = Select(owned.table, eq(owned.table.visibility.user, subject.user_id), limit=PAGE)
        while rows := await self._use.reads.page(request, RowsOf(query, unscoped=True, current=True), self._patience()):
            for row in rows:
                yield row
            query = Select(owned.table, query.where, limit=PAGE, after=query.cursor_of(rows[-1]))

    def _patience(self) -> Freshness:
        return Freshness((), self._use.clock.monotonic() + PATIENCE_SECONDS)

    async def _take_away(self, subject: Subject, owned: Owned, row: Row) -> None:
        """The unique keys before the operation, which may end in the row being gone, and what it did to them behind."""
        key = {name: str(row[name]) for name in owned.table.key}
        ref = Ref(owned.table.of, next(iter(key.values())))
        await self._use.ports.events.forget_keys(subject.instance, ref)
        with suppress(NotFound, Archived):
            await self._call(subject.instance, owned.operation, key)
        await self._use.ports.events.forget_keys(subject.instance, ref)
        self._use.states.distrust(subject.instance, ref)

    async def _call(self, instance: str, name: str, fields: dict[str, str]) -> None:
        """An operation as the system, under a fresh unit id: each looks by itself whether there is something to do."""
        operation: AnyOperation = self._use.registry.operations[name]
        step = Step(name, instance, name, operation.input.model_validate(fields))
        await self._use.run_step(step, self._use.ids.new())

    def _alone(self) -> bool:
        """Whether no other process can hold the key in its memory."""
        events = self._use.ports.events
        return isinstance(events, SoleWriter) and events.sole_writer


def _tells_of_another(event: type[Event]) -> bool:
    return any(isinstance(mark, Personal) and mark.subject for mark in sealings(event).values())


class ErasureConsumer:
    """Reads the durable logs for erasures that were asked for. One that fails is parked, as anywhere."""

    name = CONSUMER
    build = BUILD
    log = Log.DURABLE
    replays = True
    tables: tuple[Table, ...] = ()

    def __init__(self, erasure: Erasure) -> None:
        self._erasure = erasure

    def passed_over(self, _: Entry) -> Sequence[RowOperation]:
        """See ``Consumer``. A request that is skipped on purpose is not followed."""
        return ()

    async def retried(self, instance: str) -> None:
        """Nobody waits for more."""

    async def digest(self, entries: Sequence[Entry]) -> Digest:
        """See ``Consumer``. An erasure that was completed is done once more: a backup may have brought the key back."""
        digest = Digest()
        found: list[Recorded[Event]] = []
        for entry in entries:
            if entry.ref.type != USER.name:
                continue
            if isinstance(entry.event, Undecodable):  # it may have been a request
                digest.fail(entry.ref, entry.position, entry.event.error)
            elif isinstance(entry.event.event, SubjectErased):
                found.append(entry.event)
        if found:
            await self._together(found, digest)
        return digest

    async def _together(self, found: list[Recorded[Event]], digest: Digest) -> None:
        """All at once; when that fails, each by itself, so that one does not hold up the others."""
        try:
            await self._erasure.erase(found)
        except (Unavailable, VersionConflict):  # both pass by themselves
            raise
        except Exception as error:  # noqa: BLE001 - operations of plugins may raise anything
            if len(found) == 1:
                _report(found[0], error, digest)
                return
            for one in found:
                await self._together([one], digest)


def _report(one: Recorded[Event], error: Exception, digest: Digest) -> None:
    told = error.code if isinstance(error, HexkeepError) else type(error).__name__
    logger.error("the erasure of %s failed: %s", one.aggregate_id, told)
    digest.fail(Ref(one.aggregate_type, one.aggregate_id), one.position, told)
