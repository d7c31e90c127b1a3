"""An instance is loaded beside nodes that serve others: they leave it alone until all of it is there."""

from dataclasses import replace

import pytest

from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.adapters.system.ids import SystemIds
from hexkeep.core.instance.state import SYSTEM_INSTANCE, Instance
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.view import Select
from hexkeep.core.user.projection import USERS
from hexkeep.engine.archive.loading import Loading
from hexkeep.engine.archive.records import Adoption, Header, Keys, Outboxes, Record
from hexkeep.engine.archive.wrapping import Wrapping
from hexkeep.engine.archive.writing import Writing
from hexkeep.engine.survey import Survey
from tests.fakes.tombstones import ListedTombstones
from tests.unit.engine.rig import INSTANCE, Rig, memory_storage
from tests.unit.engine.test_erasure import completed, engine, erase, person_in, running
from tests.waiting import until


async def archived() -> list[Record]:
    """An instance with somebody in it, and somebody who was erased."""
    async with memory_storage() as storage, running(engine(storage, ListedTombstones())) as rig:
        await person_in(rig, "ada")
        bob = await person_in(rig, "bob")
        await erase(rig, bob)
        await until(lambda: completed(rig, bob))
        writing = Writing(storage, SystemClock(), SystemIds(), "test")
        state = Instance(name="test", default_organization_id="first")
        return [one async for one in writing.instance(await writing.cut(INSTANCE), INSTANCE, state)]


async def load(storage: MemoryStorage, rig: Rig, records: list[Record]) -> None:
    """Load what there is of an archive."""
    async with storage.loader() as loader:
        loading = Loading(
            loader, storage.events, storage.keys, Wrapping(rig.machinery.masters, rig.machinery.keyring.wrapping)
        )
        loaded = await loading.run(records, adopting=True, replace_present=True)
    await rig.machinery.post.loaded(loaded.heads)


async def at_rest(rig: Rig, instance: str) -> bool:
    """Whether everything that reads logs has read those of an instance."""
    return not any(one.lag for one in await rig.machinery.survey.status(instance))


async def test_nobody_follows_a_log_before_all_of_it_is_there() -> None:
    """Its keys come last: who read it earlier would take everybody for erased, and write behind a log that grows."""
    records = await archived()
    end = next(place for place, one in enumerate(records) if isinstance(one, Outboxes | Keys))
    async with memory_storage() as storage:
        rig = engine(storage, ListedTombstones())
        await rig.machinery.prepare()
        await rig.adopt("other")
        await load(storage, rig, records[:end])
        outboxes = {one.name for one in rig.machinery.post.consumers}
        async with running(rig):
            await until(lambda: at_rest(rig, SYSTEM_INSTANCE))
            assert await rig.machinery.survey.status(INSTANCE) == []  # nobody waits for it either
            everything = Survey(rig.machinery.registry, storage.events, storage.views, storage.locks)
            followed = [one for one in await everything.status(INSTANCE) if one.consumer not in outboxes]
            assert followed
            assert not [one.consumer for one in followed if one.position or one.parked]
            await load(storage, rig, records)
            await rig.adopt()
            await until(lambda: at_rest(rig, INSTANCE))
            assert await rig.machinery.survey.parked(INSTANCE) == []
            rows = await storage.views.select(1, INSTANCE, Select(USERS))
        assert [(row["user_name"], row["given_name"]) for row in rows] == [("ada", "Ada")]


async def test_a_key_that_is_there_already_is_not_passed_over() -> None:
    """What the archive has sealed could never be read: the import fails instead."""
    records = await archived()
    async with memory_storage() as storage:
        rig = engine(storage, ListedTombstones())
        before = [one for one in records if isinstance(one, Header | Adoption)]
        [keys] = [one for one in records if isinstance(one, Keys)]
        others = Keys(tuple(replace(key, wrapped=bytes(60)) for key in keys.keys))
        with pytest.raises(FailedPrecondition):
            await load(storage, rig, [*before, keys, others])
