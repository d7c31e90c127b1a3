"""Rules of the event store about unique keys over time: their history, and forgetting them."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import EventStore, KeyChange, KeyClaim, KeyRelease
from hexkeep.testing.contract import Contract, fresh
from hexkeep.testing.units import append, applied, guard, key_hash, refused, release_of, stream, unit

Key = tuple[str, bytes]
"""Kind and hash of a unique key."""


class KeyChangeRules(Contract):
    """What ``key_changes`` and ``forget_keys`` promise."""

    async def test_fold_of_key_changes_gives_the_holders_at_each_position(
        self, event_store: EventStore, instance: str
    ) -> None:
        """Claims, releases, moves, claims of one's own: the changes up to a position tell who held what then."""
        one, two, key = stream("one"), stream("two"), ("kit_name", key_hash("ada"))
        claim, release = KeyClaim(*key, one), KeyRelease(*key, one)
        history = (
            (unit(instance, append(one), claims=[claim]), one),
            (unit(instance, append(one, 1), claims=[claim]), one),
            (unit(instance, append(one, 2), releases=[release]), None),
            (unit(instance, append(one, 3, b"a", b"b"), claims=[claim]), one),
            (unit(instance, append(two), claims=[replace(claim, owner=two)], releases=[release]), two),
            (unit(instance, append(two, 1)), two),
        )
        holder_at: list[Ref | None] = [None]
        for sent, holder in history:
            done = await applied(event_store, sent)
            assert await event_store.key_owner(instance, *key) == holder
            # A change stands beside its unit's last event: in front of that the key is held as before.
            holder_at += [holder_at[-1]] * (done.last - done.first) + [holder]
        changes = await all_key_changes(event_store, instance)
        for position, holder in enumerate(holder_at):
            assert holders(changes, position) == ({} if holder is None else {key: holder}), position

    async def test_release_by_another_changes_no_holder(self, event_store: EventStore, instance: str) -> None:
        """Whatever the history says of a release by who did not hold the key: its fold leaves the holder."""
        owner, stranger, key = stream(), stream(), ("kit_name", key_hash("held"))
        await applied(event_store, unit(instance, append(owner), claims=[KeyClaim(*key, owner)]))
        await applied(event_store, unit(instance, append(stranger), releases=[KeyRelease(*key, stranger)]))
        assert await event_store.key_owner(instance, *key) == owner
        assert holders(await all_key_changes(event_store, instance)) == {key: owner}

    async def test_refused_unit_leaves_no_key_change(self, event_store: EventStore, instance: str) -> None:
        """Neither a taken key nor a stale stream leaves a trace of the keys that its unit wanted."""
        owner, thief, key = stream(), stream(), ("kit_name", key_hash("mine"))
        await applied(event_store, unit(instance, append(owner), claims=[KeyClaim(*key, owner)]))
        before = await all_key_changes(event_store, instance)
        wanted = [KeyClaim(*key, thief), KeyClaim("kit_mail", key_hash("free"), thief)]
        await refused(event_store, unit(instance, append(thief), claims=wanted))
        await refused(
            event_store, unit(instance, append(owner, 1), guard(thief, 1), releases=[KeyRelease(*key, owner)])
        )
        assert await all_key_changes(event_store, instance) == before

    async def test_unit_that_comes_again_leaves_no_key_change(self, event_store: EventStore, instance: str) -> None:
        """A unit id seen before writes no history of keys a second time."""
        owner = stream()
        again = unit(instance, append(owner), claims=[KeyClaim("kit_name", key_hash("again"), owner)])
        await applied(event_store, again)
        before = await all_key_changes(event_store, instance)
        await applied(event_store, again)
        assert await all_key_changes(event_store, instance) == before

    async def test_key_changes_page_in_order(self, event_store: EventStore, instance: str) -> None:
        """Pages follow (position, kind, hash), kinds by code point, and hold each change once."""
        expected = []
        for number in range(3):
            owner = stream()
            keys = [(kind, key_hash(f"{number}/{n}")) for kind in ("kit_b", "kit_B", "kit_ä", "kit") for n in range(2)]
            done = await applied(event_store, unit(instance, append(owner), claims=[KeyClaim(*k, owner) for k in keys]))
            expected += [KeyChange(done.last, *key, owner, claimed=True) for key in sorted(keys)]
        for size in (1, 3, 100):
            assert await all_key_changes(event_store, instance, size=size) == expected
        assert await event_store.key_changes(instance, Log.DURABLE, (2, "", b""), 2) == expected[8:10]

    async def test_key_changes_belong_to_their_log(self, event_store: EventStore, instance: str) -> None:
        """Another log, or another instance, has a history of its own; a log without changes has none."""
        places = [(instance, Log.DURABLE), (instance, Log.ACTIVITY), (fresh("instance"), Log.DURABLE)]
        owners = [stream() for _ in places]
        for (name, log), owner in zip(places, owners, strict=True):
            claim = KeyClaim("kit_name", key_hash(owner.id), owner)
            await applied(event_store, unit(name, append(owner), log=log, claims=[claim]))
        for (name, log), owner in zip(places, owners, strict=True):
            assert [change.owner for change in await all_key_changes(event_store, name, log)] == [owner]
        assert await event_store.key_changes(fresh("instance"), Log.DURABLE, None, 10) == []

    async def test_forgotten_owner_holds_nothing_and_never_did(self, event_store: EventStore, instance: str) -> None:
        """Forgetting frees every key of an owner and removes its changes from both logs; nobody else's."""
        gone, stays, kept = stream("gone"), stream("stays"), KeyClaim("kit_name", key_hash("stays"), stream())
        claims = [KeyClaim("kit_name", key_hash(f"{number}"), gone) for number in range(3)]
        await applied(event_store, unit(instance, append(gone), claims=claims[:2]))
        await applied(event_store, unit(instance, append(gone, 1), releases=[KeyRelease(*release_of(claims[0]))]))
        await applied(event_store, unit(instance, append(gone), log=Log.ACTIVITY, claims=claims[2:]))
        await applied(event_store, unit(instance, append(stays), claims=[replace(kept, owner=stays)]))
        await event_store.forget_keys(instance, gone)
        assert [await event_store.key_owner(instance, one.kind, one.hash) for one in claims] == [None] * 3
        assert await event_store.key_owner(instance, kept.kind, kept.hash) == stays
        assert [change.owner for change in await all_key_changes(event_store, instance)] == [stays]
        assert await all_key_changes(event_store, instance, Log.ACTIVITY) == []

    async def test_key_of_a_forgotten_owner_is_free(self, event_store: EventStore, instance: str) -> None:
        """Anybody may take it, and an owner who had it before or has it since keeps their own history of it."""
        before, gone, after, key = stream(), stream(), stream(), ("kit_name", key_hash("shared"))
        for owner in (before, gone):
            await applied(event_store, unit(instance, append(owner), claims=[KeyClaim(*key, owner)]))
            if owner is before:
                await applied(event_store, unit(instance, append(owner, 1), releases=[KeyRelease(*key, owner)]))
        await event_store.forget_keys(instance, gone)
        assert await event_store.key_owner(instance, *key) is None
        await applied(event_store, unit(instance, append(after), claims=[KeyClaim(*key, after)]))
        await event_store.forget_keys(instance, gone)
        changes = await all_key_changes(event_store, instance)
        assert [holders(changes, position).get(key) for position in range(5)] == [None, before, None, None, after]

    async def test_forgetting_stays_within_an_instance_and_may_be_repeated(
        self, event_store: EventStore, instance: str
    ) -> None:
        """The same owner in another instance keeps its keys; who holds nothing can be forgotten, also by many."""
        owner, key, elsewhere = stream(), ("kit_name", key_hash("everywhere")), fresh("instance")
        for name in (instance, elsewhere):
            await applied(event_store, unit(name, append(owner), claims=[KeyClaim(*key, owner)]))
        await asyncio.gather(*(event_store.forget_keys(instance, owner) for _ in range(3)))
        await event_store.forget_keys(fresh("instance"), owner)
        assert await event_store.key_owner(instance, *key) is None
        assert await event_store.key_owner(elsewhere, *key) == owner
        assert holders(await all_key_changes(event_store, elsewhere)) == {key: owner}

    async def test_forgetting_leaves_the_log_alone(self, event_store: EventStore, instance: str) -> None:
        """Events, versions and unit ids of the owner are as before."""
        owner = stream()
        sent = unit(instance, append(owner), claims=[KeyClaim("kit_name", key_hash("log"), owner)])
        done = await applied(event_store, sent)
        before = await event_store.read_log(instance, Log.DURABLE, 0, 10)
        await event_store.forget_keys(instance, owner)
        assert await event_store.read_log(instance, Log.DURABLE, 0, 10) == before
        assert await event_store.versions(instance, [(Log.DURABLE, owner)]) == [1]
        assert await applied(event_store, sent) == done
        assert await event_store.key_owner(instance, "kit_name", key_hash("log")) is None


async def all_key_changes(
    event_store: EventStore, instance: str, log: Log = Log.DURABLE, size: int = 100
) -> list[KeyChange]:
    """Every key change of a log, read in pages, which must be in order."""
    found: list[KeyChange] = []
    after = None
    while page := await event_store.key_changes(instance, log, after, size):
        assert len(page) <= size
        found += page
        after = (page[-1].position, page[-1].kind, page[-1].hash)
    places = [(change.position, change.kind, change.hash) for change in found]
    assert places == sorted(set(places))
    return found


def holders(changes: Iterable[KeyChange], position: int | None = None) -> dict[Key, Ref]:
    """Who holds which key at a position, or at the end: the fold of the changes up to there."""
    held: dict[Key, Ref] = {}
    for change in changes:
        key = (change.kind, change.hash)
        if position is not None and change.position > position:
            break
        if change.claimed:
            held[key] = change.owner
        elif held.get(key) == change.owner:
            del held[key]
    return held
