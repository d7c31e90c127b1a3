"""A whole instance, for the kits: something in every part of a storage, all that can be seen of it, and a way to move.

``carry`` does what a backup and a restore do, through the ports alone.
"""

import hashlib
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Put, Select
from hexkeep.ports.blobs import Blob
from hexkeep.ports.event_store import EventStore, Head, KeyChange, KeyClaim, StoredEvent
from hexkeep.ports.keys import WrappedKey
from hexkeep.ports.seals import Seal
from hexkeep.ports.snapshots import Snapshot
from hexkeep.ports.storage import Loader, Loading, Storage
from hexkeep.ports.views import Advance, CheckpointKey, Parked
from hexkeep.testing.horizon import drop
from hexkeep.testing.key_changes import Key, all_key_changes, holders
from hexkeep.testing.seals import following, seal
from hexkeep.testing.units import append, applied, key_hash, unit
from hexkeep.testing.view_samples import BORN, ITEMS, item, projection

LONG_AGO = datetime(2019, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
FAR = datetime(2999, 1, 1, tzinfo=UTC)
KEY: Key = ("kit_name", key_hash("loaded"))
MOMENTARY: Key = ("kit_nonce", key_hash("momentary"))
ONE, TWO, THREE = (Ref("kit", name) for name in ("one", "two", "three"))
BUILDS = (1, 2)


def loading(storage: Storage) -> AbstractAsyncContextManager[Loader]:
    """A loader of a storage that has the ability."""
    assert isinstance(storage, Loading), "this storage cannot be restored to"
    return storage.loader()


def history(count: int, first: int = 1, dated: datetime = LONG_AGO) -> list[StoredEvent]:
    """Events of one stream, a second apart, on the positions from ``first`` on."""
    return [
        StoredEvent(
            position=first + number,
            stream=ONE,
            version=number + 1,
            type="kit.happened",
            revision=3,
            payload=b"%d" % number,
            digest=hashlib.sha256(b"%d" % number).digest(),
            actor="kit",
            correlation_id="",
            client=b"",
            created_at=dated + timedelta(seconds=number),
        )
        for number in range(count)
    ]


# --- what is there ----------------------------------------------------------------------------------------------------


async def inhabit(storage: Storage, instance: str) -> None:
    """Put something into every part of the storage, under names that are the same in every instance.

    Insists that each part takes it for new.
    """
    await _inhabit_logs(storage.events, instance)
    first = seal(instance, 1, 1, 2)
    for one in (first, following(first, 1), replace(first, log=Log.ACTIVITY)):
        assert await storage.seals.add(one)
    await storage.snapshots.put(Snapshot(instance, ONE, 2, "schema-1", b"state"))
    assert await storage.blobs.get(instance, ONE, "blob") is None
    await storage.blobs.put(Blob.of(instance, ONE, "blob", "image/png", b"picture", LONG_AGO))
    await _inhabit_views(storage, instance)
    await storage.expiring.put(instance, "s", b"k", b"value", FAR)
    assert await storage.expiring.claim_once(instance, "s", b"claim", FAR)
    assert await storage.expiring.count(instance, b"bucket", 3600) == 1
    for version in (1, 2):
        key = WrappedKey(instance, "subject/one", version, "master-1", b"wrapped")
        assert await storage.keys.add(key) == key
    gone = WrappedKey(instance, "subject/two", 1, "master-1", b"wrapped")
    assert await storage.keys.add(gone) == gone
    await storage.keys.destroy(instance, gone.name)


async def _inhabit_logs(events: EventStore, instance: str) -> None:
    lasting, momentary = KeyClaim(*KEY, ONE), KeyClaim(*MOMENTARY, THREE)
    units = (
        unit(instance, append(ONE, 0, b"a", b"\x00b"), claims=[lasting], unit_id="unit-1"),
        unit(instance, append(ONE, 2), append(TWO), claims=[KeyClaim("kit_mail", KEY[1], TWO)], unit_id="unit-2"),
        unit(instance, append(THREE), log=Log.ACTIVITY, claims=[momentary], unit_id="unit-3"),
        unit(instance, append(THREE, 1), append(ONE), log=Log.ACTIVITY, unit_id="unit-4"),
    )
    done = [await applied(events, one) for one in units]
    assert [(one.first, one.last) for one in done] == [(1, 2), (3, 4), (1, 1), (2, 3)]
    assert await drop(events, instance, 1) == 1


async def _inhabit_views(storage: Storage, instance: str) -> None:
    for build in BUILDS:
        begun = await storage.views.begin(projection(build), f"kit {build}")
        assert begun.number == build
        key = _key(build, instance)
        parked = Parked(key, "kit", "one", 3, "ValueError", 2, BORN)
        assert await storage.views.apply(Advance(key, 0, 4, 1, (Put(ITEMS, item(f"{build}")),), (parked,)))


def _key(build: int, instance: str) -> CheckpointKey:
    return CheckpointKey(projection().name, build, instance, Log.DURABLE)


async def everything(storage: Storage, instance: str) -> dict[str, object]:
    """All that can be seen of an inhabited instance, by what it is."""
    return {**await _log_side(storage, instance), **await _row_side(storage, instance)}


async def _log_side(storage: Storage, instance: str) -> dict[str, object]:
    seen: dict[str, object] = {}
    events = storage.events
    heads = [head for head in await events.heads() if head.instance == instance]
    seen["heads"] = sorted(heads, key=lambda head: head.log.value)
    for log in Log:
        head = await events.head(instance, log)
        seen[f"{log} head"] = head
        seen[f"{log} events"] = await events.read_log(instance, log, head.horizon, 100)
        seen[f"{log} stream"] = await events.read_stream(instance, log, ONE)
        seen[f"{log} versions"] = await events.versions(instance, [(log, ONE)])
        seen[f"{log} key changes"] = await all_key_changes(events, instance, log)
        seen[f"{log} seals"] = list(await storage.seals.list(instance, log, 0, 100))
    for key in (KEY, MOMENTARY):
        seen[f"owner of {key[0]}"] = await events.key_owner(instance, *key)
    return seen


async def _row_side(storage: Storage, instance: str) -> dict[str, object]:
    seen: dict[str, object] = {}
    views = storage.views
    for build in BUILDS:
        begun = await views.begin(projection(build), f"kit {build}")
        name = begun.projection
        checkpoints = await views.checkpoints(name, build)
        seen[f"rows {build}"] = await views.select(build, instance, Select(ITEMS))
        seen[f"checkpoint {build}"] = await views.checkpoint(_key(build, instance))
        seen[f"checkpoints {build}"] = [one for one in checkpoints if one.key.instance == instance]
        seen[f"parked {build}"] = await views.parked(name, build, instance)
    seen["snapshot"] = await storage.snapshots.get(instance, ONE)
    seen["blob"] = await storage.blobs.get(instance, ONE, "blob")
    seen["short-lived"] = await storage.expiring.get(instance, "s", b"k")
    for name in ("subject/one", "subject/two"):
        seen[name] = await storage.keys.get(instance, name)
    return seen


# --- carrying ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Carried:
    """What a history consists of, without the name of its instance."""

    heads: list[Head]
    events: list[list[StoredEvent]]
    key_changes: list[list[KeyChange]]
    owners: dict[Key, Ref | None]
    seals: list[Seal]


async def carried(storage: Storage, instance: str) -> Carried:
    """The history of an instance as it lies in a storage."""
    heads = [await storage.events.head(instance, log) for log in Log]
    changes = [await all_key_changes(storage.events, instance, log) for log in Log]
    keys = {key for log in changes for key in holders(log)}
    return Carried(
        [replace(head, instance="") for head in heads],
        [await storage.events.read_log(instance, head.log, head.horizon, 10_000) for head in heads],
        changes,
        {key: await storage.events.key_owner(instance, *key) for key in keys},
        [replace(one, instance="") for log in Log for one in await storage.seals.list(instance, log, 0, 10_000)],
    )


async def carry(source: Storage, instance: str, target: Storage, there: str) -> None:
    """Load the history of ``instance`` into the empty instance ``there`` of another storage, in small pieces."""
    async with loading(target) as loader:
        for log in Log:
            head = await source.events.head(instance, log)
            await loader.begin(replace(head, instance=there))
            after = head.horizon
            while page := await source.events.read_log(instance, log, after, 3):
                await loader.load(there, log, page)
                after = page[-1].position
            changes = await all_key_changes(source.events, instance, log)
            for start in range(0, len(changes), 2):
                await loader.load_key_changes(there, log, changes[start : start + 2])
            seals = await source.seals.list(instance, log, 0, 10_000)
            await loader.load_seals([replace(one, instance=there) for one in seals])
