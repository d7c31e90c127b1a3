"""Outboxes as consumers: an event's deliveries go into the queue in the transaction that passes over the event.

So each is put there exactly once. An outbox that is declared later begins where the logs end then, and in a log that
was restored or imported (it has another epoch) it goes on where that ends: what had happened before was delivered, or
waits in the queue that was restored with it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from hexkeep.core.delivery.projection import DELIVERIES, STARTS, DeliveryState
from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.outbox import Outbox, Posted
from hexkeep.core.kernel.view import In, Put, Row, RowOperation, Select, Table, eq
from hexkeep.engine.consumer import Digest
from hexkeep.engine.envelopes import Envelopes
from hexkeep.engine.ledger import Ledger
from hexkeep.engine.tail import Entry, Undecodable
from hexkeep.ports.event_store import EventStore, Head
from hexkeep.ports.views import Advance, CheckpointKey, Views

ERASED = "Erased"
PAGE = 500


def outbox_consumer(name: str) -> str:
    """An outbox's name among consumers."""
    return f"outbox.{name}"


class OutboxConsumer:
    """Drives one outbox."""

    replays = False

    def __init__(self, outbox: Outbox, ledger: Ledger, envelopes: Envelopes, put: Callable[[str], None]) -> None:
        self.outbox = outbox
        self._put = put
        self._ledger = ledger
        self._envelopes = envelopes

    @property
    def name(self) -> str:
        """The outbox's name among consumers."""
        return outbox_consumer(self.outbox.name)

    @property
    def build(self) -> int:
        """The queue's own: its rows go into tables of that build."""
        return self._ledger.build

    @property
    def tables(self) -> tuple[Table, ...]:
        """None: the queue is never emptied."""
        return ()

    @property
    def log(self) -> Log:
        """The log it reads."""
        return self.outbox.log

    def passed_over(self, _: Entry) -> Sequence[RowOperation]:
        """Nothing: what was skipped on purpose is not delivered."""
        return ()

    async def retried(self, instance: str) -> None:
        """Rows were put without a checkpoint that moved: move the ledger's, so that whoever delivers finds them."""
        await self._ledger.touch(instance)
        self._put(instance)

    async def digest(self, entries: Sequence[Entry]) -> Digest:
        """The rows to put into the queue. Deliveries under a key that the queue knows are left out."""
        digest, rows = Digest(), list[Put]()
        for entry in entries:
            if entry.ref not in digest.failed:
                rows += await self._posted(entry, digest)
        if rows:
            instance = next(one.event.instance for one in entries if not isinstance(one.event, Undecodable))
            digest.operations.extend(await self._unknown(instance, rows))
            self._put(instance)
        return digest

    async def _posted(self, entry: Entry, digest: Digest) -> list[Put]:
        if isinstance(entry.event, Undecodable):  # it may have been one that is wanted
            digest.fail(entry.ref, entry.position, entry.event.error)
            return []
        try:
            posted = self.outbox.posted(entry.event)
        except Exception as error:  # noqa: BLE001 - a plugin's function may raise anything, and must not stop the others
            digest.fail(entry.ref, entry.position, type(error).__name__)
            return []
        try:
            envelopes = [await self._envelopes.seal(entry.event.instance, one) for one in posted]
        except (TypeError, ValueError) as error:
            digest.fail(entry.ref, entry.position, type(error).__name__)
            return []
        happened = entry.event.created_at
        return [
            Put(DELIVERIES, _row(self.outbox, one, envelope, happened))
            for one, envelope in zip(posted, envelopes, strict=True)
        ]

    async def _unknown(self, instance: str, rows: list[Put]) -> Iterable[RowOperation]:
        """Rows by id, the first of each, without those in the queue. Only this outbox puts such ids there."""
        wanted: dict[str, Put] = {}
        for one in rows:
            wanted.setdefault(str(one.row["delivery_id"]), one)
        ids = tuple(wanted)
        for start in range(0, len(ids), PAGE):
            known = Select(DELIVERIES, In("delivery_id", ids[start : start + PAGE]), limit=PAGE)
            for row in await self._ledger.select(instance, known):
                del wanted[str(row["delivery_id"])]
        return wanted.values()


def _row(outbox: Outbox, posted: Posted, envelope: str, happened: datetime) -> Row:
    delivery = posted.delivery
    return {
        "delivery_id": posted.id,
        "outbox": outbox.name,
        "channel": delivery.channel,
        "user_id": delivery.subject,
        "state": (DeliveryState.PENDING if envelope else DeliveryState.DEAD).value,
        "created_at": happened,
        "due_at": delivery.not_before or happened,
        "expires_at": delivery.expires_at,
        "ended_at": None if envelope else happened,
        "attempts": 0,
        "max_attempts": delivery.max_attempts,
        "claim": 0,
        "error": "" if envelope else ERASED,
        "sealed": envelope,
    }


class Starts:
    """Where outboxes begin. Without any outbox nothing is read or written."""

    def __init__(self, outboxes: Iterable[Outbox], ledger: Ledger, store: EventStore, views: Views) -> None:
        self._outboxes = tuple(outboxes)
        self._ledger = ledger
        self._store = store
        self._views = views

    async def begin(self) -> None:
        """Before any outbox runs: see that each begins at the heads of the logs as they were when it first came.

        They are noted once, by whichever node is first, and then stepped up to, however often that is interrupted.
        """
        for outbox in self._outboxes:
            noted = await self._noted(outbox)
            if not noted:
                await self._ledger.change(SYSTEM_INSTANCE, lambda one=outbox: self._note(one))  # type: ignore[misc]  # a default binds it
                noted = await self._noted(outbox)
            await self._step_up(outbox, noted)

    async def go_on(self, heads: Iterable[Head], reached: Mapping[tuple[str, str, Log], int]) -> None:
        """Let every outbox go on behind logs that were loaded, before anybody writes to them.

        ``reached`` is where an outbox, by name, instance and log, has to go on instead.
        """
        for head in heads:
            for outbox in (one for one in self._outboxes if one.log is head.log):
                key, moved = self._key(outbox, head.instance), False
                place = min(head.position, reached.get((outbox.name, head.instance, head.log), head.position))
                place = max(place, head.horizon)
                while not moved:
                    here = (await self._views.checkpoint(key)).position
                    moved = await self._views.apply(Advance(key, here, place, head.epoch, ()))

    def _key(self, outbox: Outbox, instance: str) -> CheckpointKey:
        return CheckpointKey(outbox_consumer(outbox.name), self._ledger.build, instance, outbox.log)

    async def _note(self, outbox: Outbox) -> list[RowOperation]:
        if await self._noted(outbox):
            return []
        heads = [one for one in await self._store.heads() if one.log is outbox.log and one.position]
        starts = [_start(outbox, one.instance, one.position, one.epoch) for one in heads]
        return [*starts, _start(outbox, "", 0, 0)]

    async def _noted(self, outbox: Outbox) -> list[Row]:
        """The rows of an outbox, none when it is new."""
        found: list[Row] = []
        query = Select(STARTS, eq("outbox", outbox.name), limit=PAGE)
        while page := await self._ledger.select(SYSTEM_INSTANCE, query):
            found += page
            query = Select(STARTS, eq("outbox", outbox.name), limit=PAGE, after=query.cursor_of(page[-1]))
        return found

    async def _step_up(self, outbox: Outbox, noted: list[Row]) -> None:
        name = outbox_consumer(outbox.name)
        begun = {one.key.instance for one in await self._views.checkpoints(name, self._ledger.build)}
        for row in noted:
            instance, position, epoch = str(row["of_instance"]), int(str(row["position"])), int(str(row["epoch"]))
            if position and instance not in begun:
                await self._views.apply(Advance(self._key(outbox, instance), 0, position, epoch, ()))


def _start(outbox: Outbox, instance: str, position: int, epoch: int) -> Put:
    return Put(STARTS, {"outbox": outbox.name, "of_instance": instance, "position": position, "epoch": epoch})
