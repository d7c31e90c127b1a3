"""The outbox: put into the queue once, delivered at least once under one key, and never silently lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.core.delivery.api import OPERATIONS
from hexkeep.core.delivery.commands import DiscardDelivery, RetryDelivery
from hexkeep.core.delivery.projection import DELIVERIES, QUEUE
from hexkeep.core.delivery.queries import DeliveryPage, ListDeliveries
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound, PermissionDenied
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.outbox import Delivery
from hexkeep.core.kernel.permission import Caller, CallerKind
from hexkeep.core.kernel.view import Patch, Row, Select
from hexkeep.engine.archive import records
from hexkeep.engine.archive.queue import QueueReading, rows_of
from hexkeep.engine.assembly import Tuning
from hexkeep.engine.builds import fingerprint
from hexkeep.engine.courier import Pace
from hexkeep.engine.deliveries import Deliveries, Outcome
from hexkeep.engine.scheduler import JOBS_LEDGER
from hexkeep.ports.delivery import DeliveryFailed, Outgoing
from hexkeep.ports.event_store import Head, Reading
from hexkeep.ports.views import Advance
from hexkeep.testing.faults import Fault, FaultyViews
from tests.unit.engine.mail import CHANNEL, MAILING, OUTBOX, QUICK, SLICES, Receiver
from tests.unit.engine.notes import POKE, RETITLE, SLICE, WRITE, NoteId, RetitleNote, WriteNote
from tests.unit.engine.rig import FAST, INSTANCE, Rig, memory_storage, ports_of, rig_with, started
from tests.waiting import until

LIST, RETRY, DISCARD = OPERATIONS


def node(storage: MemoryStorage, receiver: Receiver | None = None, pace: Pace = QUICK) -> Rig:
    """A node that is not started yet; without a receiver it has no deliverer."""
    deliverers = {CHANNEL: receiver} if receiver else {}
    return rig_with(ports_of(storage), SLICES, Tuning(rhythm=FAST, pace=pace), deliverers)


@asynccontextmanager
async def running(storage: MemoryStorage, receiver: Receiver | None = None, pace: Pace = QUICK) -> AsyncIterator[Rig]:
    """A node at work."""
    rig = node(storage, receiver, pace)
    await rig.machinery.start()
    try:
        yield rig
    finally:
        await rig.machinery.stop()


async def rows(rig: Rig) -> list[Row]:
    """The queue."""
    return await rig.machinery.post.ledger.select(INSTANCE, Select(DELIVERIES, limit=1000))


async def states(rig: Rig) -> list[str]:
    """The states in the queue, sorted."""
    return sorted(str(row["state"]) for row in await rows(rig))


async def write(rig: Rig, *titles: str) -> None:
    """Write notes."""
    for title in titles:
        await rig.run(WRITE, WriteNote(title=title, text="for your eyes"))


async def come_to(rig: Rig, *wanted: str) -> None:
    """Wait until the queue holds exactly these states."""

    async def is_so() -> bool:
        return await states(rig) == sorted(wanted)

    await until(is_so)


async def test_an_event_is_delivered_once_with_its_payload_and_key() -> None:
    """What a row carried is forgotten with its delivery; the row stays for its key."""
    receiver = Receiver()
    async with memory_storage() as storage, running(storage, receiver) as rig:
        await write(rig, "one", "two")
        await come_to(rig, "delivered", "delivered")
        assert receiver.titles == {"one": 1, "two": 1}
        first = receiver.attempts[0]
        assert (first.channel, first.outbox, first.instance, first.user_id) == (CHANNEL, "notes", INSTANCE, "ada")
        assert first.payload["text"] == "for your eyes"
        assert first.attempt == 1
        assert {row["sealed"] for row in await rows(rig)} == {""}


async def test_nothing_that_waits_can_be_read_in_the_storage() -> None:
    """Payload and key are sealed under the person's key."""
    async with memory_storage() as storage, running(storage) as rig:
        await write(rig, "one")
        await come_to(rig, "pending")
        [row] = await rows(rig)
        assert "for your eyes" not in str(row)
        assert '"subject/ada"' in str(row["sealed"])


async def test_an_erased_person_is_written_to_no_more() -> None:
    """What waits is buried unread, and what would be put into the queue later is dead from the start."""
    receiver = Receiver()
    async with memory_storage() as storage:
        async with running(storage) as rig:
            await write(rig, "one")
            await come_to(rig, "pending")
            await rig.machinery.keyring.destroy(INSTANCE, "subject/ada")
        async with running(storage, receiver) as rig:
            await come_to(rig, "dead")
            assert receiver.attempts == []
            assert {row["error"] for row in await rows(rig)} == {"Erased"}
            assert await storage.views.parked("outbox.notes", 1, INSTANCE) == []


async def test_a_failure_that_may_pass_is_tried_again_under_the_same_key() -> None:
    """Whatever a deliverer raises; after the last attempt the row is dead and says why."""
    receiver = Receiver(DeliveryFailed(permanent=False, code="http_503"), ZeroDivisionError())
    async with memory_storage() as storage, running(storage, receiver) as rig:
        await write(rig, "one")
        await come_to(rig, "delivered")
        assert [one.attempt for one in receiver.attempts] == [1, 2, 3]
        assert len({one.key for one in receiver.attempts}) == 1
        receiver.failures += [ZeroDivisionError()] * 3
        await write(rig, "two")
        await come_to(rig, "dead", "delivered")
        assert {row["error"] for row in await rows(rig) if row["state"] == "dead"} == {"ZeroDivisionError"}


async def test_a_permanent_failure_is_tried_once() -> None:
    """The receiver has said that nothing can help."""
    receiver = Receiver(DeliveryFailed(permanent=True, code="http_410"))
    async with memory_storage() as storage, running(storage, receiver) as rig:
        await write(rig, "one")
        await come_to(rig, "dead")
        [row] = await rows(rig)
        assert (row["error"], row["attempts"], len(receiver.attempts)) == ("http_410", 1, 1)


async def test_a_code_that_is_none_is_not_kept() -> None:
    """A deliverer that puts data into the code of its failure cannot bring it into the storage."""
    receiver = Receiver(DeliveryFailed(permanent=True, code="no mailbox ada@example.com"))
    async with memory_storage() as storage, running(storage, receiver) as rig:
        await write(rig, "one")
        await come_to(rig, "dead")
        assert [row["error"] for row in await rows(rig)] == ["DeliveryFailed"]


async def test_a_receiver_that_asks_for_time_gets_it() -> None:
    """Within the bound of the longest pause."""
    receiver = Receiver(DeliveryFailed(permanent=False, retry_after=timedelta(hours=1)))
    async with memory_storage() as storage, running(storage, receiver, replace(QUICK, longest_pause=60.0)) as rig:
        await write(rig, "one")

        async def is_put_off() -> bool:
            return [row["error"] for row in await rows(rig)] == ["DeliveryFailed"]

        await until(is_put_off)
        [row] = await rows(rig)
        due = row["due_at"]
        assert not isinstance(due, str | int | tuple)
        assert due is not None
        assert timedelta(seconds=50) < due - rig.machinery.clock.now() <= timedelta(seconds=60)


async def test_a_delivery_that_hangs_is_an_attempt_that_failed() -> None:
    """The next one is made all the same."""
    receiver = Receiver()
    receiver.gate.clear()
    async with memory_storage() as storage, running(storage, receiver, replace(QUICK, timeout=0.05)) as rig:
        await write(rig, "one")
        await come_to(rig, "dead")
        assert [row["error"] for row in await rows(rig)] == ["TimeoutError"]
        assert len(receiver.attempts) == 3


async def test_what_comes_too_late_is_buried() -> None:
    """Without an attempt, and also where nobody serves its channel."""
    receiver = Receiver()
    async with memory_storage() as storage:
        async with running(storage, receiver) as rig:
            await write(rig, "late")
            await come_to(rig, "dead")
        assert receiver.attempts == []
    async with memory_storage() as storage, running(storage) as rig:
        await write(rig, "late")
        await come_to(rig, "pending")
        await rig.machinery.post.tidy()
        assert [row["error"] for row in await rows(rig)] == ["Expired"]


async def test_a_channel_without_a_deliverer_waits() -> None:
    """Until there is one; it holds up no other."""
    receiver = Receiver()
    async with memory_storage() as storage, running(storage, receiver) as rig:
        note, _ = await rig.run(WRITE, WriteNote(title="one"))
        await rig.run(POKE, NoteId(note_id=note.note_id))
        await come_to(rig, "delivered", "pending")


async def test_a_key_that_is_known_is_put_into_the_queue_once() -> None:
    """While it waits and, as long as delivered rows are kept, afterwards."""
    receiver = Receiver()
    async with memory_storage() as storage, running(storage, receiver) as rig:
        note, _ = await rig.run(WRITE, WriteNote(title="one"))
        for title in ("a", "b", "a", "c", "a", "b"):
            await rig.run(RETITLE, RetitleNote(note_id=note.note_id, title=title))
        await come_to(rig, *["delivered"] * 4)
        await rig.run(RETITLE, RetitleNote(note_id=note.note_id, title="d"))
        await rig.run(RETITLE, RetitleNote(note_id=note.note_id, title="a"))
        await come_to(rig, *["delivered"] * 5)
        assert receiver.titles == {"one": 1, "a": 1, "b": 1, "c": 1, "d": 1}
        assert {one.key for one in receiver.attempts} >= {"title/a", "title/b"}


async def test_several_deliveries_of_one_event_have_keys_of_their_own() -> None:
    """They are told apart by number."""
    receiver = Receiver()
    async with memory_storage() as storage, running(storage, receiver) as rig:
        await write(rig, "twice")
        await come_to(rig, "delivered", "delivered")
        assert receiver.titles == {"twice": 2}


async def test_an_event_that_an_outbox_cannot_take_parks_its_aggregate() -> None:
    """It is not passed over in silence, and the others go on."""
    async with memory_storage() as storage, running(storage) as rig:
        await write(rig, "poison", "one")
        await come_to(rig, "pending")
        [parked] = await storage.views.parked("outbox.notes", 1, INSTANCE)
        assert parked.error == "RuntimeError"


async def test_what_is_retried_is_delivered_though_no_checkpoint_of_its_outbox_moves() -> None:
    """On another node than the one that delivers, which hears of it by no event."""
    receiver = Receiver()
    mended = replace(OUTBOX, deliveries=lambda _: [Delivery(CHANNEL, {"title": "mended"})])
    async with memory_storage() as storage, running(storage, receiver) as rig:
        await write(rig, "poison", "one")
        await come_to(rig, "delivered")
        other = rig_with(ports_of(storage), (replace(MAILING, outboxes=(mended,)), *SLICES[1:]), Tuning())
        await other.machinery.prepare()
        [parked] = await storage.views.parked("outbox.notes", 1, INSTANCE)
        assert await other.machinery.maintenance.retry(parked)
        await come_to(rig, "delivered", "delivered")
        assert receiver.titles == {"one": 1, "mended": 1}


async def test_whoever_tidies_up_reminds_the_leader_of_what_has_waited_for_long() -> None:
    """By the ledger's checkpoint, which a look everywhere compares; without anything that waits it stays."""
    async with memory_storage() as storage, running(storage) as rig:
        await write(rig, "one")
        await come_to(rig, "pending")
        queue, ledger = rig.machinery.post.deliveries, rig.machinery.post.ledger
        before = await ledger.instances()
        await queue.remind(INSTANCE, timedelta(minutes=1))
        assert await ledger.instances() == before
        await queue.remind(INSTANCE, timedelta(0))
        assert (await ledger.instances())[INSTANCE] == before.get(INSTANCE, 0) + 1


async def test_of_a_channel_only_so_many_are_on_their_way_at_once() -> None:
    """The others wait in the queue."""
    receiver = Receiver()
    receiver.gate.clear()
    async with memory_storage() as storage, running(storage, receiver, replace(QUICK, at_once=3)) as rig:
        await write(rig, *map(str, range(20)))

        async def is_full() -> bool:
            return len(receiver.attempts) == 3

        await until(is_full)
        receiver.gate.set()
        await come_to(rig, *["delivered"] * 20)
        assert receiver.at_once == 3


async def test_of_two_nodes_one_delivers_and_the_other_takes_over() -> None:
    """What the first had in hand when it went is delivered by the next at once, under the same key."""
    first, second = Receiver(), Receiver()
    first.gate.clear()
    async with memory_storage() as storage:
        async with running(storage, first, replace(QUICK, patience=0.05)) as rig:
            await write(rig, "one")

            async def is_on_its_way() -> bool:
                return len(first.attempts) == 1

            await until(is_on_its_way)
            async with running(storage, second) as other:
                assert not other.machinery.post.courier.leading
                await rig.machinery.post.courier.stop()
                await come_to(other, "delivered")
        assert [one.attempt for one in (*first.attempts, *second.attempts)] == [1, 2]
        assert {one.key for one in first.attempts} == {one.key for one in second.attempts}


async def test_a_leader_that_slept_settles_nothing() -> None:
    """The row is in other hands; its mark loses, whatever it says."""
    async with memory_storage() as storage, running(storage) as rig:
        await write(rig, "one")
        await come_to(rig, "pending")
        queue = Deliveries(rig.machinery.post.ledger, rig.machinery.clock)
        [late] = await queue.claim(INSTANCE, CHANNEL, 1, 10)
        assert await queue.claim(INSTANCE, CHANNEL, 1, 10) == []
        [now] = await queue.claim(INSTANCE, CHANNEL, 2, 10)
        assert late["delivery_id"] == now["delivery_id"]
        delivery_id = str(now["delivery_id"])
        assert await queue.settle(INSTANCE, [Outcome(INSTANCE, delivery_id, 1, "late", permanent=True)]) == 0
        assert await queue.settle(INSTANCE, [Outcome(INSTANCE, delivery_id, 2)]) == 1
        assert await states(rig) == ["delivered"]


async def test_what_was_claimed_without_an_answer_is_delivered() -> None:
    """The storage did it and the line broke: the node does not know that it has it in hand, and another term does."""
    receiver = Receiver()
    async with memory_storage() as storage:
        async with running(storage) as rig:
            await write(rig, "one")
            await come_to(rig, "pending")
        views = ClaimsUnheard(storage.views)
        leader = rig_with(
            replace(ports_of(storage), views=views), SLICES, Tuning(rhythm=FAST, pace=QUICK), {CHANNEL: receiver}
        )
        await leader.machinery.start()
        try:
            await come_to(leader, "delivered")
        finally:
            await leader.machinery.stop()
        assert views.unheard == 1
        assert [one.attempt for one in receiver.attempts] == [2]


class ClaimsUnheard(FaultyViews):
    """Nobody hears of the first claim."""

    unheard = 0

    async def apply(self, advance: Advance) -> bool:
        """See the port."""
        patches = [one for one in advance.operations if isinstance(one, Patch) and one.table is DELIVERIES]
        if not self.unheard and any(one.changes.get("claim") for one in patches):
            self.unheard += 1
            self.faults.append(Fault.LOST_AFTER)
        return await super().apply(advance)


async def test_crashes_use_attempts_up() -> None:
    """A delivery that kills its node each time ends as a dead letter."""
    async with memory_storage() as storage, running(storage) as rig:
        await write(rig, "one")
        await come_to(rig, "pending")
        queue = Deliveries(rig.machinery.post.ledger, rig.machinery.clock)
        claims = [len(await queue.claim(INSTANCE, CHANNEL, token, 10)) for token in range(1, 6)]
        assert claims == [1, 1, 1, 0, 0]
        assert [row["error"] for row in await rows(rig)] == ["Interrupted"]


async def test_a_new_outbox_begins_at_the_end_of_the_logs() -> None:
    """History is not delivered; what is written from then on is, in old instances and in new ones."""
    receiver = Receiver()
    async with memory_storage() as storage:
        async with _without_outbox(storage) as rig:
            await write(rig, "before")
        async with running(storage, receiver) as rig:
            await write(rig, "after")
            await come_to(rig, "delivered")
        async with running(storage, receiver) as rig:
            await write(rig, "again")
            await come_to(rig, "delivered", "delivered")
        assert receiver.titles == {"after": 1, "again": 1}


@asynccontextmanager
async def _without_outbox(storage: MemoryStorage) -> AsyncIterator[Rig]:
    rig = rig_with(ports_of(storage), (SLICE,), Tuning(rhythm=FAST))
    await rig.machinery.start()
    yield rig
    await rig.machinery.stop()


async def test_a_beginning_that_was_interrupted_is_finished_from_what_was_noted() -> None:
    """However much was written meanwhile: where it begins was decided once."""
    receiver = Receiver()
    async with memory_storage() as storage:
        async with _without_outbox(storage) as rig:
            await write(rig, "before")
        interrupted = node(storage).machinery.post
        await interrupted.ledger.start()
        noted = interrupted._starts._note  # noqa: SLF001 - the half that a crash leaves behind
        [outbox] = interrupted._starts._outboxes  # noqa: SLF001
        await interrupted.ledger.change("system", lambda: noted(outbox))
        async with _without_outbox(storage) as rig:
            await write(rig, "between")
        async with running(storage, receiver) as rig:
            await come_to(rig, "delivered")
        assert receiver.titles == {"between": 1}


async def test_a_restored_instance_delivers_what_waited_and_not_its_history() -> None:
    """The queue comes with the backup, sealed as it is; the outboxes go on at the heads."""
    receiver = Receiver()
    async with memory_storage() as storage:
        async with running(storage) as rig:
            await write(rig, "waits")
            await come_to(rig, "pending")
            backup = [record async for record in QueueReading(storage.views, ["notes"]).records(INSTANCE)]
        await reloaded(storage)
        restoring = node(storage)
        await restoring.machinery.post.start()
        rows = [row for record in backup if isinstance(record, records.Deliveries) for row in rows_of(record, None)]
        await restoring.machinery.post.hold(INSTANCE, rows)
        await restoring.machinery.post.loaded([await storage.events.head(INSTANCE, Log.DURABLE)])
        await restoring.machinery.post.release(INSTANCE)
        async with running(storage, receiver) as rig:
            await rig.adopt()
            await write(rig, "after")
            await come_to(rig, "delivered", "delivered")
        assert receiver.titles == {"waits": 1, "after": 1}


async def test_a_restored_instance_delivers_what_had_not_come_to_the_queue() -> None:
    """A backup between an event and its outbox loses nothing: the outbox goes on where it was, not at the head."""
    receiver = Receiver()
    async with memory_storage() as storage:
        async with running(storage, receiver) as rig:
            await write(rig, "sent")
            await come_to(rig, "delivered")
        async with _without_outbox(storage) as rig:
            await write(rig, "not in the queue yet")
        backup = [record async for record in QueueReading(storage.views, ["notes"]).records(INSTANCE)]
        reached = {
            (one.outbox, INSTANCE, one.log): one.position
            for record in backup
            if isinstance(record, records.Outboxes)
            for one in record.reached
        }
        await reloaded(storage)
        restoring = node(storage)
        await restoring.machinery.post.start()
        rows = [row for record in backup if isinstance(record, records.Deliveries) for row in rows_of(record, None)]
        await restoring.machinery.post.hold(INSTANCE, rows)
        await restoring.machinery.post.loaded([await storage.events.head(INSTANCE, Log.DURABLE)], reached)
        await restoring.machinery.post.release(INSTANCE)
        async with running(storage, receiver) as rig:
            await rig.adopt()
            await come_to(rig, "delivered", "delivered")
        assert receiver.titles == {"sent": 1, "not in the queue yet": 1}


async def test_an_instance_that_is_being_loaded_is_left_alone() -> None:
    """A node that serves others meanwhile delivers nothing of its history, and then all that is written later."""
    receiver = Receiver()
    async with memory_storage() as storage:
        async with _without_outbox(storage) as rig:
            await write(rig, "history", "more history")
        async with running(storage, receiver) as rig:
            await reloaded(storage)
            spooler = rig.machinery.spoolers.of("outbox.notes", 1)
            assert spooler is not None
            head = await storage.events.head(INSTANCE, Log.DURABLE)
            assert await spooler.reader.catch_up(head) == 0
            await rig.machinery.post.loaded([head])
            await rig.adopt()
            await write(rig, "after")
            await come_to(rig, "delivered")
        assert receiver.titles == {"after": 1}


async def reloaded(storage: MemoryStorage) -> None:
    """Load the durable log of the test instance as it is, as a restore does."""
    log = await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 100, Reading.PRESENT)
    keys = [key for name in ("subject/ada", "sealed/note") for key in await storage.keys.get(INSTANCE, name)]
    async with storage.loader() as loader:
        await loader.wipe(INSTANCE)
        for key in keys:
            await storage.keys.add(key)
        await loader.begin(Head(INSTANCE, Log.DURABLE, 0, 2))
        await loader.load(INSTANCE, Log.DURABLE, log)


async def test_delivered_rows_are_swept_when_their_time_is_over() -> None:
    """Dead ones are kept longer, and what waits is not touched."""
    receiver = Receiver(*[DeliveryFailed(permanent=True)])
    pace = replace(QUICK, kept=timedelta(0))
    async with memory_storage() as storage, running(storage, receiver, pace) as rig:
        await write(rig, "one")
        await come_to(rig, "dead")
        note, _ = await rig.run(WRITE, WriteNote(title="two"))
        await rig.run(POKE, NoteId(note_id=note.note_id))
        await come_to(rig, "dead", "delivered", "pending")
        await rig.machinery.post.tidy()
        assert await states(rig) == ["dead", "pending"]
        figures = {(one.name, one.labels): one.value for one in rig.machinery.post.figures()}
        assert figures["deliveries", (("state", "dead"),)] == 1
        assert figures["deliveries", (("state", "pending"),)] == 1
        assert figures["delivery_attempts", (("ended", "delivered"),)] == 1
        assert figures["delivery_attempts", (("ended", "failed"),)] == 1


async def listed(rig: Rig, **filters: str) -> DeliveryPage:
    """The queue as operators see it."""
    page, _ = await rig.run(LIST, ListDeliveries.model_validate(filters))
    assert isinstance(page, DeliveryPage)
    return page


async def test_operators_see_the_queue_without_what_it_carries() -> None:
    """Filtered by state and channel, in the order in which it is due."""
    async with memory_storage() as storage, running(storage) as rig:
        note, _ = await rig.run(WRITE, WriteNote(title="one", text="for your eyes"))
        await rig.run(POKE, NoteId(note_id=note.note_id))
        await come_to(rig, "pending", "pending")
        page = await listed(rig)
        assert [one.channel for one in page.deliveries] == [CHANNEL, "nobody"]
        assert "for your eyes" not in page.model_dump_json()
        assert "sealed" not in page.model_dump_json()
        assert [one.channel for one in (await listed(rig, channel="nobody")).deliveries] == ["nobody"]
        assert (await listed(rig, state="dead")).deliveries == ()


async def test_a_retried_delivery_has_all_its_attempts_again() -> None:
    """The retry is on record, with who did it."""
    receiver = Receiver(DeliveryFailed(permanent=True))
    async with memory_storage() as storage, running(storage, receiver) as rig:
        await write(rig, "one")
        await come_to(rig, "dead")
        [one] = (await listed(rig)).deliveries
        await rig.run(RETRY, RetryDelivery(delivery_id=one.delivery_id))
        await come_to(rig, "delivered")
        [recorded] = await storage.events.read_log(INSTANCE, Log.ACTIVITY, 0, 10)
        assert (recorded.type, recorded.stream.id, recorded.actor) == ("delivery.retried", one.delivery_id, "system")
        with pytest.raises(FailedPrecondition):
            await rig.run(RETRY, RetryDelivery(delivery_id=one.delivery_id))


async def test_a_discarded_delivery_is_not_delivered() -> None:
    """Its key stays known for a while; nothing of it can be read any more."""
    receiver = Receiver(DeliveryFailed(permanent=True))
    async with memory_storage() as storage, running(storage, receiver) as rig:
        await write(rig, "one")
        await come_to(rig, "dead")
        [one] = (await listed(rig)).deliveries
        await rig.run(DISCARD, DiscardDelivery(delivery_id=one.delivery_id))
        assert await states(rig) == ["discarded"]
        assert [row["sealed"] for row in await rows(rig)] == [""]
        with pytest.raises(FailedPrecondition):
            await rig.run(RETRY, RetryDelivery(delivery_id=one.delivery_id))
        with pytest.raises(NotFound):
            await rig.run(DISCARD, DiscardDelivery(delivery_id="unknown"))


async def test_who_may_not_interfere_does_not() -> None:
    """The queue belongs to the instance."""
    somebody = Caller(CallerKind.USER, "ada")
    async with memory_storage() as storage, running(storage) as rig:
        await write(rig, "one")
        await come_to(rig, "pending")
        [one] = (await listed(rig)).deliveries
        with pytest.raises(PermissionDenied):
            await rig.run(DISCARD, DiscardDelivery(delivery_id=one.delivery_id), caller=somebody)
        with pytest.raises(PermissionDenied):
            await rig.run(LIST, ListDeliveries(), caller=somebody)
        assert await states(rig) == ["pending"]


async def test_an_engine_without_outboxes_delivers_nothing() -> None:
    """And has nothing running for it."""
    async with started(SLICE) as rig:
        assert not rig.machinery.post.courier.leading
        assert rig.machinery.post.consumers == ()


def test_ledgers_keep_their_shape() -> None:
    """One that is declared otherwise begins empty: what waits would be lost, what was done forgotten."""
    assert (fingerprint(QUEUE), fingerprint(JOBS_LEDGER)) == ("fe540c69da850449", "1178351a9d1552b6")


def test_an_outgoing_delivery_shows_nothing_in_a_log() -> None:
    """Neither payload nor key stand in its text form."""
    outgoing = Outgoing(
        "id", INSTANCE, "notes", CHANNEL, "the-key", {"text": "secret"}, "ada", 1, datetime.now(UTC), None
    )
    assert "secret" not in repr(outgoing)
    assert "the-key" not in repr(outgoing)
