"""The contract of ``hexkeep.ports.event_store``: subclass ``EventStoreContract`` and give it ``storage``."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import AlreadyExists, VersionConflict
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import (
    FIRST_EPOCH,
    Appended,
    EventStore,
    Head,
    KeyClaim,
    KeyRelease,
    NewEvent,
    StoredEvent,
    StreamAppend,
)
from hexkeep.ports.storage import Storage
from hexkeep.testing.contract import Contract, fresh
from hexkeep.testing.horizon import HorizonRules
from hexkeep.testing.key_changes import KeyChangeRules
from hexkeep.testing.reading import ReadingRules
from hexkeep.testing.units import (
    abridged,
    append,
    applied,
    guard,
    key_hash,
    payloads,
    refused,
    release_of,
    stream,
    unit,
)

RawLog = Callable[[str, Log], Awaitable[Sequence[tuple[int, str, bytes]]]]
"""A back door past the adapter: (position, type, payload) of each row of a log, in order, as the technology has it."""


class EventStoreContract(KeyChangeRules, HorizonRules, ReadingRules, Contract):
    """The rules of the event store: those below, of unique keys over time, of the horizon and of modes of reading."""

    writers: ClassVar[int] = 8
    """Trait: how many tasks append at once."""
    rounds: ClassVar[int] = 10
    """Trait: how many times each of them does."""
    large: ClassVar[int] = 100_000
    """Trait: the size in bytes of a large payload."""

    @pytest.fixture
    def event_store(self, storage: Storage) -> EventStore:
        """The port under test."""
        return storage.events

    @pytest.fixture
    def raw_log(self) -> RawLog | None:
        """The back door; override it, so that the adapter is not right only about itself."""
        return None

    @pytest.fixture
    def instance(self) -> str:
        """An instance of this test alone."""
        return fresh("instance")

    # --- appending -----------------------------------------------------------------------------------------------

    async def test_append_of_nothing_changes_nothing(self, event_store: EventStore, instance: str) -> None:
        """No units give no outcomes; a unit without events has the empty range behind the head."""
        assert await event_store.append([]) == []
        done = await applied(event_store, unit(instance))
        assert (done.first, done.last, done.epoch) == (1, 0, FIRST_EPOCH)
        assert await event_store.head(instance, Log.DURABLE) == Head(instance, Log.DURABLE, 0, FIRST_EPOCH)
        assert await event_store.read_log(instance, Log.DURABLE, 0, 10) == []

    async def test_append_numbers_versions_and_positions_from_one(self, event_store: EventStore, instance: str) -> None:
        """Versions count within a stream, positions within the log; the outcome names the positions inclusively."""
        one, two = stream(), stream()
        first = await applied(event_store, unit(instance, append(one, 0, b"a", b"b")))
        second = await applied(event_store, unit(instance, append(two), append(one, 2, b"c")))
        assert (first.first, first.last, second.first, second.last) == (1, 2, 3, 4)
        events = await event_store.read_log(instance, Log.DURABLE, 0, 10)
        assert [found.position for found in events] == [1, 2, 3, 4]
        assert {(found.stream, found.version) for found in events} == {(one, 1), (one, 2), (one, 3), (two, 1)}
        assert await payloads(event_store, instance, one) == [b"a", b"b", b"c"]

    async def test_stale_version_is_a_conflict_with_both_versions(self, event_store: EventStore, instance: str) -> None:
        """A stream that stands elsewhere, ahead or behind, refuses with what was expected and what is."""
        ref = stream()
        await applied(event_store, unit(instance, append(ref, 0, b"a", b"b")))
        for expected in (0, 1, 3):
            lost = await refused(event_store, unit(instance, append(ref, expected)))
            assert isinstance(lost, VersionConflict)
            assert (lost.expected, lost.actual) == (expected, 2)
        assert await event_store.versions(instance, [(Log.DURABLE, ref)]) == [2]

    async def test_unit_of_several_streams_is_all_or_nothing(self, event_store: EventStore, instance: str) -> None:
        """One stale stream keeps the others of its unit, and the unit's keys, from changing."""
        old, new = stream(), stream()
        await applied(event_store, unit(instance, append(old)))
        claim = KeyClaim("kit_name", key_hash("all or nothing"), new)
        lost = await refused(event_store, unit(instance, append(new), append(old, 0), claims=[claim]))
        assert isinstance(lost, VersionConflict)
        assert await event_store.versions(instance, [(Log.DURABLE, old), (Log.DURABLE, new)]) == [1, 0]
        assert await event_store.key_owner(instance, claim.kind, claim.hash) is None
        assert (await event_store.head(instance, Log.DURABLE)).position == 1

    async def test_guard_holds_a_unit_back_without_writing_to_its_stream(
        self, event_store: EventStore, instance: str
    ) -> None:
        """A stream without events in the unit has to stand at its version and stays as it is."""
        watched, written = stream(), stream()
        await applied(event_store, unit(instance, append(watched), append(written)))
        await applied(event_store, unit(instance, guard(watched, 1), append(written, 1)))
        lost = await refused(event_store, unit(instance, guard(watched, 0), append(written, 2)))
        assert isinstance(lost, VersionConflict)
        assert (lost.expected, lost.actual) == (0, 1)
        assert await event_store.versions(instance, [(Log.DURABLE, watched), (Log.DURABLE, written)]) == [1, 2]

    async def test_unit_of_guards_alone_tells_the_head_it_was_checked_against(
        self, event_store: EventStore, instance: str
    ) -> None:
        """Guards alone write nothing; a stream that must not exist is guarded by version 0."""
        ref = stream()
        await applied(event_store, unit(instance, append(ref, 0, b"a", b"b")))
        done = await applied(event_store, unit(instance, guard(ref, 2), guard(stream(), 0)))
        assert (done.first, done.last) == (3, 2)
        assert isinstance(await refused(event_store, unit(instance, guard(ref, 1))), VersionConflict)

    async def test_losers_do_not_spoil_the_batch(self, event_store: EventStore, instance: str) -> None:
        """Outcomes come per unit in order; what survives takes contiguous positions."""
        taken, owner = key_hash("taken"), stream()
        await applied(event_store, unit(instance, append(owner), claims=[KeyClaim("kit_name", taken, owner)]))
        thief = stream()
        outcomes = await event_store.append(
            [
                unit(instance, append(stream())),
                unit(instance, append(owner, 7)),
                unit(instance, append(thief), claims=[KeyClaim("kit_name", taken, thief)]),
                unit(instance, append(stream(), 0, b"a", b"b")),
            ]
        )
        assert [type(outcome) for outcome in outcomes] == [Appended, VersionConflict, AlreadyExists, Appended]
        ranges = sorted((found.first, found.last) for found in outcomes if isinstance(found, Appended))
        assert ranges in ([(2, 2), (3, 4)], [(2, 3), (4, 4)])
        assert (await event_store.head(instance, Log.DURABLE)).position == 4

    async def test_one_call_may_serve_several_instances_and_logs(self, event_store: EventStore) -> None:
        """Units of one call go each to their own log, and each log counts for itself."""
        places = [(name, log) for name in (fresh("instance"), fresh("instance")) for log in Log]
        outcomes = await event_store.append([unit(name, append(stream()), log=log) for name, log in places])
        assert [(found.first, found.last) for found in outcomes if isinstance(found, Appended)] == [(1, 1)] * 4
        for name, log in places:
            assert [found.position for found in await event_store.read_log(name, log, 0, 10)] == [1]

    # --- unit ids ------------------------------------------------------------------------------------------------

    async def test_unit_id_seen_before_gives_the_first_outcome(self, event_store: EventStore, instance: str) -> None:
        """The same unit again is not applied again, even after the stream has moved on."""
        ref = stream()
        again = unit(instance, append(ref, 0, b"a", b"b"))
        first = await applied(event_store, again)
        await applied(event_store, unit(instance, append(ref, 2)))
        assert await event_store.append([again]) == [first]
        assert await event_store.versions(instance, [(Log.DURABLE, ref)]) == [3]

    async def test_unit_id_seen_before_claims_no_key_again(self, event_store: EventStore, instance: str) -> None:
        """A unit that comes again does not take a key back that was released since."""
        claim = KeyClaim("kit_name", key_hash("once"), stream())
        again = unit(instance, append(claim.owner), claims=[claim])
        first = await applied(event_store, again)
        await applied(event_store, unit(instance, append(claim.owner, 1), releases=[KeyRelease(*release_of(claim))]))
        assert await event_store.append([again]) == [first]
        assert await event_store.key_owner(instance, claim.kind, claim.hash) is None

    async def test_unit_id_of_guards_alone_is_remembered(self, event_store: EventStore, instance: str) -> None:
        """A unit without events gives its first outcome again as well, though its stream has moved on."""
        ref = stream()
        again = unit(instance, guard(ref, 0))
        first = await applied(event_store, again)
        await applied(event_store, unit(instance, append(ref)))
        assert await event_store.append([again]) == [first]

    async def test_unit_id_is_per_instance(self, event_store: EventStore, instance: str) -> None:
        """Another instance may use the same unit id for a unit of its own."""
        here = unit(instance, append(stream()))
        there = replace(here, instance=fresh("instance"))
        await applied(event_store, here)
        await applied(event_store, there)
        assert (await event_store.head(there.instance, Log.DURABLE)).position == 1

    async def test_unit_that_lost_may_come_again_under_its_id(self, event_store: EventStore, instance: str) -> None:
        """Only what is in the log is remembered: a refused unit is judged anew."""
        ref = stream()
        early = unit(instance, append(ref, 1))
        assert isinstance(await refused(event_store, early), VersionConflict)
        await applied(event_store, unit(instance, append(ref)))
        assert (await applied(event_store, early)).first == 2

    async def test_same_unit_sent_at_once_is_applied_once(self, event_store: EventStore, instance: str) -> None:
        """Callers who send one unit at the same time all learn the same outcome."""
        ref = stream()
        same = unit(instance, append(ref))
        outcomes = await asyncio.gather(*(event_store.append([same]) for _ in range(self.writers)))
        assert all(isinstance(found, Appended) and found == outcomes[0][0] for (found,) in outcomes)
        assert await event_store.versions(instance, [(Log.DURABLE, ref)]) == [1]

    # --- unique keys ---------------------------------------------------------------------------------------------

    async def test_key_is_claimed_released_and_claimed_again(self, event_store: EventStore, instance: str) -> None:
        """A key has the owner who claimed it until that owner gives it back; claiming one's own key changes nothing."""
        one, two = stream(), stream()
        claim = KeyClaim("kit_name", key_hash("ada"), one)
        await applied(event_store, unit(instance, append(one), claims=[claim]))
        await applied(event_store, unit(instance, append(one, 1), claims=[claim]))
        assert await event_store.key_owner(instance, claim.kind, claim.hash) == one
        await applied(event_store, unit(instance, append(one, 2), releases=[KeyRelease(*release_of(claim))]))
        assert await event_store.key_owner(instance, claim.kind, claim.hash) is None
        await applied(event_store, unit(instance, append(two), claims=[replace(claim, owner=two)]))
        assert await event_store.key_owner(instance, claim.kind, claim.hash) == two

    async def test_key_moves_between_owners_in_one_unit(self, event_store: EventStore, instance: str) -> None:
        """Releases take effect before claims, so a unit may hand a key from one owner to another."""
        one, two = stream(), stream()
        claim = KeyClaim("kit_name", key_hash("moving"), one)
        await applied(event_store, unit(instance, append(one), claims=[claim]))
        move = unit(
            instance,
            append(one, 1),
            append(two),
            claims=[replace(claim, owner=two)],
            releases=[KeyRelease(*release_of(claim))],
        )
        await applied(event_store, move)
        assert await event_store.key_owner(instance, claim.kind, claim.hash) == two

    async def test_taken_key_names_its_kind_and_writes_nothing(self, event_store: EventStore, instance: str) -> None:
        """The loser of a key learns its kind; its events and other keys are not written."""
        owner, thief = stream(), stream()
        claim = KeyClaim("kit_name", key_hash("mine"), owner)
        other = KeyClaim("kit_mail", key_hash("free"), thief)
        await applied(event_store, unit(instance, append(owner), claims=[claim]))
        theft = unit(instance, append(thief), claims=[other, replace(claim, owner=thief)])
        lost = await refused(event_store, theft)
        assert isinstance(lost, AlreadyExists)
        assert lost.kind == "kit_name"
        assert await event_store.key_owner(instance, other.kind, other.hash) is None
        assert await event_store.versions(instance, [(Log.DURABLE, thief)]) == [0]

    async def test_key_is_released_by_its_owner_alone(self, event_store: EventStore, instance: str) -> None:
        """Releasing what one does not hold does nothing, and does not fail."""
        owner, stranger = stream(), stream()
        claim = KeyClaim("kit_name", key_hash("held"), owner)
        await applied(event_store, unit(instance, append(owner), claims=[claim]))
        theft = KeyRelease(claim.kind, claim.hash, stranger)
        await applied(event_store, unit(instance, append(stranger), releases=[theft]))
        assert await event_store.key_owner(instance, claim.kind, claim.hash) == owner

    async def test_key_is_unique_within_kind_and_instance(self, event_store: EventStore, instance: str) -> None:
        """The same hash under another kind, or in another instance, is another key."""
        claim = KeyClaim("kit_name", key_hash("wide"), stream())
        mail, far = replace(claim, kind="kit_mail", owner=stream()), replace(claim, owner=Ref("kit", "far"))
        elsewhere = fresh("instance")
        for name, one in ((instance, claim), (instance, mail), (elsewhere, far)):
            await applied(event_store, unit(name, append(one.owner), claims=[one]))
        for name, one in ((instance, claim), (instance, mail), (elsewhere, far)):
            assert await event_store.key_owner(name, one.kind, one.hash) == one.owner

    async def test_key_wanted_by_many_goes_to_one(self, event_store: EventStore, instance: str) -> None:
        """Of many claims at once exactly one stands, the others name the kind."""
        owners = [stream() for _ in range(self.writers)]
        wanted = key_hash("wanted")
        claims = [unit(instance, append(ref), claims=[KeyClaim("kit_name", wanted, ref)]) for ref in owners]
        outcomes = [found for (found,) in await asyncio.gather(*(event_store.append([one]) for one in claims))]
        winners = [owner for owner, found in zip(owners, outcomes, strict=True) if isinstance(found, Appended)]
        losers = [found.kind for found in outcomes if isinstance(found, AlreadyExists)]
        assert (len(winners), losers) == (1, ["kit_name"] * (self.writers - 1))
        assert await event_store.key_owner(instance, "kit_name", wanted) == winners[0]
        assert (await event_store.head(instance, Log.DURABLE)).position == 1

    # --- concurrency ---------------------------------------------------------------------------------------------

    async def test_writers_on_one_stream_succeed_or_conflict_and_none_is_lost(
        self, event_store: EventStore, raw_log: RawLog | None, instance: str
    ) -> None:
        """Each append of many writers either stands in the stream, once, or was told of a conflict."""
        ref = stream()

        async def write(writer: int) -> list[bytes]:
            stood = []
            for turn in range(self.rounds):
                (version,) = await event_store.versions(instance, [(Log.DURABLE, ref)])
                payload = f"{writer}/{turn}".encode()
                (outcome,) = await event_store.append([unit(instance, append(ref, version, payload))])
                assert isinstance(outcome, Appended | VersionConflict)
                if isinstance(outcome, Appended):
                    stood.append(payload)
            return stood

        stood = await asyncio.gather(*(write(writer) for writer in range(self.writers)))
        kept = await event_store.read_stream(instance, Log.DURABLE, ref)
        assert [found.version for found in kept] == list(range(1, len(kept) + 1))
        assert sorted(found.payload for found in kept) == sorted(payload for own in stood for payload in own)
        await agree(raw_log, instance, Log.DURABLE, await event_store.read_log(instance, Log.DURABLE, 0, 10_000))

    async def test_tailing_reader_skips_no_position(self, event_store: EventStore, instance: str) -> None:
        """While many write to different streams, a reader that follows its cursor sees every position in order."""
        total = self.writers * self.rounds
        seen: list[StoredEvent] = []

        async def write() -> None:
            ref = stream()
            for version in range(self.rounds):
                await applied(event_store, unit(instance, append(ref, version, f"{ref.id}/{version}".encode())))

        async def tail() -> None:
            while len(seen) < total:
                seen.extend(await event_store.read_log(instance, Log.DURABLE, len(seen), 7))
                assert [found.position for found in seen] == list(range(1, len(seen) + 1))
                await asyncio.sleep(0)

        async with asyncio.timeout(self.patience * 3), asyncio.TaskGroup() as tasks:
            tasks.create_task(tail())
            for _ in range(self.writers):
                tasks.create_task(write())
        assert len({found.payload for found in seen}) == total
        assert [found.created_at for found in seen] == sorted(found.created_at for found in seen)

    # --- reading -------------------------------------------------------------------------------------------------

    async def test_event_comes_back_as_it_was_given(self, event_store: EventStore, instance: str) -> None:
        """Every field survives, text in any script; ``created_at`` is aware, in UTC, and that of the outcome."""
        ref = Ref("kit.größe", fresh("ключ/鍵/😀"))
        new = NewEvent("kit.änderung", 2**31 - 1, b'{"a": 1.0}', bytes(range(32)))
        plain = unit(instance, StreamAppend(ref, 0, (new,)), log=Log.ACTIVITY)
        sent = replace(plain, actor="akteur-ß", correlation_id="спан", client=b"\x00\xff")
        done = await applied(event_store, sent)
        (found,) = await event_store.read_log(instance, Log.ACTIVITY, 0, 10)
        assert found == StoredEvent(
            1,
            ref,
            1,
            *(new.type, new.revision, new.payload, new.digest),
            *(sent.actor, sent.correlation_id, sent.client),
            done.created_at,
        )
        assert found.created_at.utcoffset() == timedelta(0)
        assert await event_store.read_stream(instance, Log.ACTIVITY, ref) == [found]

    async def test_payload_is_kept_byte_for_byte(
        self, event_store: EventStore, raw_log: RawLog | None, instance: str
    ) -> None:
        """NUL, invalid UTF-8, nothing and a great deal come back unchanged, in order, and lie so in the log."""
        much = (bytes(range(256)) * self.large)[: self.large]
        sent = [b"", b"\x00", b"a\x00b", b"\xff\xfe\x80", b'{"b":1,"a":1e2}', much]
        ref = stream()
        await applied(event_store, unit(instance, append(ref, 0, *sent)))
        found = await payloads(event_store, instance, ref)
        assert [abridged(payload) for payload in found] == [abridged(payload) for payload in sent]
        await agree(raw_log, instance, Log.DURABLE, await event_store.read_log(instance, Log.DURABLE, 0, 100))

    async def test_reads_begin_behind_after_and_end_at_limit(self, event_store: EventStore, instance: str) -> None:
        """Both reads give at most ``limit`` events above ``after`` and nothing behind the end."""
        one, two = stream(), stream()
        await applied(event_store, unit(instance, append(one, 0, *[b"1"] * 5)))
        await applied(event_store, unit(instance, append(two, 0, *[b"2"] * 5)))
        log = await event_store.read_log(instance, Log.DURABLE, 3, 4)
        assert [found.position for found in log] == [4, 5, 6, 7]
        assert await event_store.read_log(instance, Log.DURABLE, 10, 4) == []
        tail = await event_store.read_stream(instance, Log.DURABLE, two, after=2, limit=2)
        assert [(found.version, found.position) for found in tail] == [(3, 8), (4, 9)]
        assert await event_store.read_stream(instance, Log.DURABLE, stream()) == []

    async def test_instances_and_logs_are_separate(self, event_store: EventStore, instance: str) -> None:
        """The same stream name in another instance or log is another stream with its own versions and positions."""
        ref, other = stream(), fresh("instance")
        await applied(event_store, unit(instance, append(ref, 0, b"durable")))
        await applied(event_store, unit(instance, append(ref, 0, b"activity"), log=Log.ACTIVITY))
        await applied(event_store, unit(other, append(ref, 0, b"other")))
        for name, log, payload in ((instance, Log.DURABLE, b"durable"), (instance, Log.ACTIVITY, b"activity")):
            (found,) = await event_store.read_log(name, log, 0, 10)
            assert (found.position, found.version, found.payload) == (1, 1, payload)
        assert await payloads(event_store, other, ref) == [b"other"]
        assert await event_store.read_log(other, Log.ACTIVITY, 0, 10) == []

    async def test_versions_answer_in_the_order_asked(self, event_store: EventStore, instance: str) -> None:
        """Streams of both logs may be asked for at once; one that does not exist stands at 0."""
        one, two = stream(), stream()
        await applied(event_store, unit(instance, append(one, 0, b"a", b"b")))
        await applied(event_store, unit(instance, append(two), log=Log.ACTIVITY))
        asked = [(Log.ACTIVITY, two), (Log.DURABLE, two), (Log.DURABLE, one), (Log.ACTIVITY, one)]
        assert await event_store.versions(instance, asked) == [1, 0, 2, 0]
        assert await event_store.versions(instance, []) == []

    async def test_heads_list_every_log_that_has_events(self, event_store: EventStore, instance: str) -> None:
        """A log appears with its end once it has an event, and not for guards or keys alone."""
        await applied(event_store, unit(instance, append(stream(), 0, b"a", b"b")))
        await applied(event_store, unit(instance, guard(stream(), 0), log=Log.ACTIVITY))
        own = [head for head in await event_store.heads() if head.instance == instance]
        assert own == [Head(instance, Log.DURABLE, 2, FIRST_EPOCH)]
        assert await event_store.head(instance, Log.DURABLE) == own[0]
        assert await event_store.head(instance, Log.ACTIVITY) == Head(instance, Log.ACTIVITY, 0, FIRST_EPOCH)


async def agree(raw_log: RawLog | None, instance: str, log: Log, read: Sequence[StoredEvent]) -> None:
    """What the adapter reads is contiguous and, where there is a back door, what lies in the log."""
    assert [found.position for found in read] == list(range(1, len(read) + 1))
    if raw_log is not None:
        rows = [(position, type_, abridged(payload)) for position, type_, payload in await raw_log(instance, log)]
        assert rows == [(found.position, found.type, abridged(found.payload)) for found in read]
