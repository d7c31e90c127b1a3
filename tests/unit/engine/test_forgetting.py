"""What goes by itself: the keys of past days, and what a node remembers of people."""

from datetime import timedelta

from hexkeep.core.kernel.decision import Request
from hexkeep.core.kernel.permission import ANONYMOUS
from hexkeep.engine.assembly import Machinery, Tuning
from hexkeep.engine.client_data import Client, ClientData
from hexkeep.engine.day_keys import destroy_day_keys
from hexkeep.engine.keyring import day_key
from tests.unit.engine.notes import NOTE, SLICE, WRITE, WriteNote
from tests.unit.engine.rig import INSTANCE, MASTER, Rig, memory_storage, ports_of, started


async def destroyed(rig: Rig, kept: timedelta) -> int:
    """How many days' keys go when they are kept that long."""
    use = rig.machinery
    return await destroy_day_keys(use.ports.keys, use.keyring, use.ports.events, use.clock, kept)


async def test_the_keys_of_past_days_are_destroyed_when_their_time_is_up() -> None:
    """What was sealed for nobody in particular can be read for so long; other keys stay."""
    async with started(SLICE) as rig:
        await rig.run(WRITE, WriteNote(title="one", text="text"))
        await rig.machinery.keyring.newest(INSTANCE, "subject/ada")
        data, now = ClientData(rig.machinery.keyring), rig.machinery.clock.now()
        calls = {
            days: Request(INSTANCE, ANONYMOUS, now - timedelta(days=days), address="192.0.2.1") for days in (0, 5, 40)
        }
        sealed = {days: await data.sealed(call, "web") for days, call in calls.items()}
        assert await destroyed(rig, timedelta(days=30)) == 1
        assert await destroyed(rig, timedelta(days=30)) == 0
        assert await data.opened(INSTANCE, sealed[40]) == Client()
        assert (await data.opened(INSTANCE, sealed[5])).address == "192.0.2.1"
        names = {key.name for key in await rig.machinery.ports.keys.list(None, 100) if key.wrapped}
        assert {"subject/ada", day_key(now)} <= names


async def test_what_nobody_asks_for_is_not_remembered() -> None:
    """States and keys that are idle leave the memory; asked for again they are read again."""
    async with memory_storage() as storage:
        machinery = Machinery(ports_of(storage), MASTER, (SLICE,), Tuning(cached_keys_seconds=-1.0))
        await machinery.keyring.newest(INSTANCE, "subject/ada")
        await machinery.states.load(INSTANCE, NOTE, "n1")
        machinery.memory.forget()
        assert machinery.states.known == 1
        machinery.states.forget_idle(-1.0)
        assert machinery.states.known == 0
        assert machinery.keyring.known == 0
