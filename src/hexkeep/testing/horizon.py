"""Rules of the event store about dropping the beginning of the activity log."""

import asyncio
from collections.abc import Awaitable, Sequence

import pytest

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import Archived, FailedPrecondition, VersionConflict
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import EventStore, Head, KeyClaim, KeyRelease, Reading, StoredEvent
from hexkeep.testing.contract import Contract, fresh
from hexkeep.testing.key_changes import all_key_changes, holders
from hexkeep.testing.units import append, applied, key_hash, refused, stream, unit


class HorizonRules(Contract):
    """What ``drop`` promises, and what reads, versions and heads answer behind and in front of the horizon."""

    async def test_dropped_events_are_archived(self, event_store: EventStore, instance: str) -> None:
        """A read that begins behind the horizon raises ``Archived``; from the horizon on all is as before."""
        before = await three_streams(event_store, instance)
        assert await drop(event_store, instance, 4) == 4
        for after in range(4):
            assert await archived(event_store.read_log(instance, Log.ACTIVITY, after, 100))
        assert await event_store.read_log(instance, Log.ACTIVITY, 4, 100) == before[4:]
        assert await event_store.read_log(instance, Log.ACTIVITY, 5, 1) == before[5:6]
        assert await event_store.read_log(instance, Log.ACTIVITY, 9, 100) == []

    @pytest.mark.parametrize("reading", list(Reading))
    async def test_every_reading_learns_of_the_horizon(
        self, event_store: EventStore, instance: str, reading: Reading
    ) -> None:
        """In every mode a read behind the horizon gives the whole beginning or, at the latest a little later, none."""
        before = await three_streams(event_store, instance)
        await drop(event_store, instance, 4)

        async def gone() -> bool:
            try:
                found = await event_store.read_log(instance, Log.ACTIVITY, 2, 100, reading)
            except Archived:
                return True
            assert found == before[2 : 2 + len(found)]
            return False

        await self.eventually(gone)

    async def test_head_tells_the_horizon(self, event_store: EventStore, instance: str) -> None:
        """Position and time of the last event that was dropped; where the log ends is as before."""
        before = await three_streams(event_store, instance)
        fresh_head = await event_store.head(instance, Log.ACTIVITY)
        assert (fresh_head.horizon, fresh_head.horizon_at) == (0, None)
        for upto in (2, 4):
            await drop(event_store, instance, upto)
            head = await event_store.head(instance, Log.ACTIVITY)
            assert head == Head(instance, Log.ACTIVITY, 9, fresh_head.epoch, upto, before[upto - 1].created_at)
            assert head in await event_store.heads()

    async def test_horizon_moves_at_once_and_rows_go_by_the_limit(self, event_store: EventStore, instance: str) -> None:
        """At most ``limit`` events go per call, the oldest first, 0 when all are gone; nothing behind is shown then."""
        before = await three_streams(event_store, instance)
        went = [await event_store.drop(instance, 7, 3)]
        while went[-1]:
            assert (await event_store.head(instance, Log.ACTIVITY)).horizon == 7
            assert await archived(event_store.read_log(instance, Log.ACTIVITY, 6, 100))
            assert await event_store.read_log(instance, Log.ACTIVITY, 7, 100) == before[7:]
            assert await archived(event_store.read_stream(instance, Log.ACTIVITY, before[8].stream))
            went.append(await event_store.drop(instance, 7, 3))
        assert went == [3, 3, 1, 0]

    async def test_drop_can_be_taken_up_again(self, event_store: EventStore, instance: str) -> None:
        """What a broken-off drop left is removed later, also by one that wants less; the horizon never returns."""
        before = await three_streams(event_store, instance)
        assert await event_store.drop(instance, 6, 1) == 1
        assert await drop(event_store, instance, 2) + await drop(event_store, instance, 6) == 5
        assert await drop(event_store, instance, 0) == 0
        head = await event_store.head(instance, Log.ACTIVITY)
        assert (head.horizon, head.horizon_at) == (6, before[5].created_at)
        assert await event_store.read_log(instance, Log.ACTIVITY, 6, 100) == before[6:]

    async def test_drop_beyond_the_head_is_refused(self, event_store: EventStore, instance: str) -> None:
        """``FailedPrecondition``, with nothing dropped; what does not exist has nothing to drop."""
        before = await three_streams(event_store, instance)
        for name, upto in ((instance, 10), (fresh("instance"), 1)):
            with pytest.raises(FailedPrecondition):
                await event_store.drop(name, upto)
        assert await event_store.read_log(instance, Log.ACTIVITY, 0, 100) == before
        assert (await event_store.head(instance, Log.ACTIVITY)).horizon == 0
        assert await event_store.drop(fresh("instance"), 0) == 0

    async def test_drop_touches_one_instance_and_no_durable_event(self, event_store: EventStore, instance: str) -> None:
        """The durable log, and both logs of other instances, are never shortened."""
        elsewhere, ref = fresh("instance"), stream()
        for name, log in ((instance, Log.DURABLE), (elsewhere, Log.DURABLE), (elsewhere, Log.ACTIVITY)):
            await applied(event_store, unit(name, append(ref, 0, b"a", b"b"), log=log))
        await three_streams(event_store, instance)
        assert await drop(event_store, instance, 9) == 9
        for name, log in ((instance, Log.DURABLE), (elsewhere, Log.DURABLE), (elsewhere, Log.ACTIVITY)):
            assert len(await event_store.read_log(name, log, 0, 10)) == 2
            assert len(await event_store.read_stream(name, log, ref)) == 2
            assert (await event_store.head(name, log)).horizon == 0

    async def test_straddling_stream_is_read_from_the_horizon_on(self, event_store: EventStore, instance: str) -> None:
        """A stream of which later versions remain raises ``Archived`` for a dropped one, and reads on behind it."""
        before = await three_streams(event_store, instance)
        ref = before[0].stream
        whole = [found for found in before if found.stream == ref]
        await drop(event_store, instance, 4)  # versions 1 and 2 of each of the first two streams
        for after in (0, 1):
            assert await archived(event_store.read_stream(instance, Log.ACTIVITY, ref, after))
            assert await archived(event_store.read_stream(instance, Log.ACTIVITY, ref, after, limit=1))
        assert await event_store.read_stream(instance, Log.ACTIVITY, ref, 2) == whole[2:]
        assert await event_store.read_stream(instance, Log.ACTIVITY, ref, 3) == []
        assert await event_store.versions(instance, [(Log.ACTIVITY, ref)]) == [3]

    async def test_straddling_stream_goes_on_at_its_version(self, event_store: EventStore, instance: str) -> None:
        """Versions count on over the horizon, and a stale one is a conflict with the version that is."""
        ref = (await three_streams(event_store, instance))[0].stream
        await drop(event_store, instance, 4)
        lost = await refused(event_store, unit(instance, append(ref, 0), log=Log.ACTIVITY))
        assert isinstance(lost, VersionConflict)
        assert (lost.expected, lost.actual) == (0, 3)
        assert (await applied(event_store, unit(instance, append(ref, 3), log=Log.ACTIVITY))).last == 10
        assert await event_store.versions(instance, [(Log.ACTIVITY, ref)]) == [4]

    async def test_wholly_dropped_stream_does_not_exist(self, event_store: EventStore, instance: str) -> None:
        """It reads empty, stands at 0, and whoever writes to it begins it anew."""
        ref = stream()
        await applied(event_store, unit(instance, append(ref, 0, b"a", b"b"), log=Log.ACTIVITY))
        await applied(event_store, unit(instance, append(stream()), log=Log.ACTIVITY))
        await drop(event_store, instance, 2)
        assert await event_store.read_stream(instance, Log.ACTIVITY, ref) == []
        assert await event_store.versions(instance, [(Log.ACTIVITY, ref)]) == [0]
        lost = await refused(event_store, unit(instance, append(ref, 2), log=Log.ACTIVITY))
        assert isinstance(lost, VersionConflict)
        assert (lost.expected, lost.actual) == (2, 0)
        assert (await applied(event_store, unit(instance, append(ref, 0), log=Log.ACTIVITY))).first == 4
        assert [found.version for found in await event_store.read_stream(instance, Log.ACTIVITY, ref)] == [1]

    async def test_dropped_stream_is_gone_before_its_rows_are(self, event_store: EventStore, instance: str) -> None:
        """As soon as the horizon lies behind its last version a stream does not exist, however many rows still wait."""
        before = await three_streams(event_store, instance)
        one, two, three = (before[number].stream for number in (0, 1, 5))
        assert await event_store.drop(instance, 8, 1) == 1
        for ref in (one, two):
            for after in (0, 1, 2, 3):
                assert await event_store.read_stream(instance, Log.ACTIVITY, ref, after) == []
            for expected in (2, 3):
                lost = await refused(event_store, unit(instance, append(ref, expected), log=Log.ACTIVITY))
                assert isinstance(lost, VersionConflict)
                assert (lost.expected, lost.actual) == (expected, 0)
        streams = [(Log.ACTIVITY, ref) for ref in (one, two, three)]
        assert await event_store.versions(instance, streams) == [0, 0, 3]
        assert await event_store.versions(instance, streams[1:2]) == [0]
        assert await archived(event_store.read_stream(instance, Log.ACTIVITY, three))
        assert await event_store.read_stream(instance, Log.ACTIVITY, three, 2) == before[8:]

    async def test_stream_begun_anew_outlives_the_rest_of_a_drop(self, event_store: EventStore, instance: str) -> None:
        """Who begins a dropped stream anew beside rows that still wait loses nothing when these go at last."""
        before = await three_streams(event_store, instance)
        one, two = before[0].stream, before[1].stream
        assert await event_store.drop(instance, 8, 1) == 1
        await applied(event_store, unit(instance, append(one, 0, b"a"), append(two, 0, b"b", b"c"), log=Log.ACTIVITY))
        anew = await event_store.read_log(instance, Log.ACTIVITY, 9, 100)
        assert [(event.stream, event.version) for event in anew] == [(one, 1), (two, 1), (two, 2)]
        for _ in range(2):
            assert await event_store.read_stream(instance, Log.ACTIVITY, one) == anew[:1]
            assert await event_store.read_stream(instance, Log.ACTIVITY, two) == anew[1:]
            assert await event_store.versions(instance, [(Log.ACTIVITY, one), (Log.ACTIVITY, two)]) == [1, 2]
            await drop(event_store, instance, 8, limit=2)
        lost = await refused(event_store, unit(instance, append(one, 0), log=Log.ACTIVITY))
        assert isinstance(lost, VersionConflict)
        assert lost.actual == 1
        await applied(event_store, unit(instance, append(one, 1), log=Log.ACTIVITY))
        assert (await event_store.head(instance, Log.ACTIVITY)).position == 13

    async def test_log_dropped_to_its_end_goes_on(self, event_store: EventStore, instance: str) -> None:
        """Head and list of heads are there, positions go on, time does not go back."""
        before = await three_streams(event_store, instance)
        assert await drop(event_store, instance, 9) == 9
        head = await event_store.head(instance, Log.ACTIVITY)
        assert (head.position, head.horizon, head.horizon_at) == (9, 9, before[-1].created_at)
        assert head in await event_store.heads()
        assert await event_store.read_log(instance, Log.ACTIVITY, 9, 10) == []
        done = await applied(event_store, unit(instance, append(stream()), log=Log.ACTIVITY))
        assert (done.first, done.epoch) == (10, head.epoch)
        assert done.created_at >= before[-1].created_at
        assert [found.position for found in await event_store.read_log(instance, Log.ACTIVITY, 9, 10)] == [10]

    async def test_unit_ids_of_dropped_events_still_answer(self, event_store: EventStore, instance: str) -> None:
        """A unit whose events were dropped is not applied again: its first outcome comes."""
        again = unit(instance, append(stream(), 0, b"a", b"b"), log=Log.ACTIVITY)
        first = await applied(event_store, again)
        await drop(event_store, instance, 2)
        assert await applied(event_store, again) == first
        assert (await event_store.head(instance, Log.ACTIVITY)).position == 2

    async def test_keys_outlive_the_events_that_claimed_them(self, event_store: EventStore, instance: str) -> None:
        """Holders and the history of keys are as before: the key is taken, and its owner can give it back."""
        owner, key = stream(), ("kit_name", key_hash("lasting"))
        sent = unit(instance, append(owner), log=Log.ACTIVITY, claims=[KeyClaim(*key, owner)])
        await applied(event_store, sent)
        await drop(event_store, instance, 1)
        assert await event_store.key_owner(instance, *key) == owner
        assert holders(await all_key_changes(event_store, instance, Log.ACTIVITY)) == {key: owner}
        back = unit(instance, append(owner), log=Log.ACTIVITY, releases=[KeyRelease(*key, owner)])
        await applied(event_store, back)
        assert await event_store.key_owner(instance, *key) is None

    async def test_reader_beside_a_drop_never_sees_a_torn_beginning(
        self, event_store: EventStore, instance: str
    ) -> None:
        """While events go and come a read gives what follows on its cursor, or ``Archived``."""
        ref = stream()
        for version in range(0, 60, 3):
            await applied(event_store, unit(instance, append(ref, version, b"a", b"b", b"c"), log=Log.ACTIVITY))
        done = asyncio.Event()

        async def shorten() -> None:
            for upto in range(6, 60, 6):
                await drop(event_store, instance, upto, limit=4)
            done.set()

        async def look(after: int) -> None:
            while not done.is_set():
                for read in (
                    event_store.read_log(instance, Log.ACTIVITY, after, 100),
                    event_store.read_stream(instance, Log.ACTIVITY, ref, after, 100),
                ):
                    found = await unless_archived(read)
                    assert found is None or [event.position for event in found] == list(range(after + 1, 61))
                await asyncio.sleep(0)

        async with asyncio.timeout(self.patience * 3), asyncio.TaskGroup() as tasks:
            tasks.create_task(shorten())
            for after in (0, 20, 40):
                tasks.create_task(look(after))


async def three_streams(event_store: EventStore, instance: str) -> list[StoredEvent]:
    """Nine events in an activity log, of three streams with three versions each, in turns."""
    refs = [stream(word) for word in ("one", "two", "three")]
    for ref, version in _turns(refs):
        await applied(event_store, unit(instance, append(ref, version), log=Log.ACTIVITY))
    return await event_store.read_log(instance, Log.ACTIVITY, 0, 100)


def _turns(refs: Sequence[Ref]) -> list[tuple[Ref, int]]:
    one, two, three = refs
    return [(one, 0), (two, 0), (one, 1), (two, 1), (one, 2), (three, 0), (three, 1), (two, 2), (three, 2)]


async def drop(event_store: EventStore, instance: str, upto: int, limit: int = 10_000) -> int:
    """Drop until nothing is left to drop; how many events went."""
    total = 0
    while went := await event_store.drop(instance, upto, limit):
        total += went
        await asyncio.sleep(0)
    return total


async def unless_archived(read: Awaitable[Sequence[StoredEvent]]) -> Sequence[StoredEvent] | None:
    """What a read gives, ``None`` when it raises ``Archived``."""
    try:
        return await read
    except Archived:
        return None


async def archived(read: Awaitable[Sequence[StoredEvent]]) -> bool:
    """Whether a read raises ``Archived``."""
    return await unless_archived(read) is None
