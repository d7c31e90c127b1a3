"""Work on every user of a scope: in bounded units, each once, whoever is interrupted, and in nobody's way."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.slice import Slice, Step
from hexkeep.core.organization.commands import CreateOrganization
from hexkeep.core.slices import SLICES
from hexkeep.core.user.commands import CreateMachineUser
from hexkeep.engine.assembly import Tuning
from hexkeep.engine.committer import Bounds
from hexkeep.engine.processes import Standing
from hexkeep.ports.event_store import StoredEvent
from hexkeep.testing.faults import Fault, FaultyEvents
from tests.unit.engine.departures import PROCESS, REQUEST, SIZE, SLICE, Departure, OrganizationOf, next_step
from tests.unit.engine.rig import FAST, INSTANCE, Rig, memory_storage, ports_of, rig_with
from tests.waiting import until

BOUNDS = Bounds(pause=0.001)
USERS = 2 * SIZE + 1
PORTIONS = USERS // SIZE + 1
LOST, UNHEARD = [Fault.LOST_BEFORE] * BOUNDS.attempts, [Fault.LOST_AFTER] * BOUNDS.attempts


def node(storage: MemoryStorage, slice_: Slice = SLICE) -> tuple[Rig, FaultyEvents]:
    """A node, not started."""
    faults = FaultyEvents(storage.events)
    ports = replace(ports_of(storage), events=faults)
    return rig_with(ports, (*SLICES, slice_), Tuning(rhythm=FAST, bounds=BOUNDS)), faults


@asynccontextmanager
async def running(storage: MemoryStorage, slice_: Slice = SLICE) -> AsyncIterator[tuple[Rig, FaultyEvents]]:
    """A node at work."""
    rig, faults = node(storage, slice_)
    await rig.machinery.start()
    try:
        yield rig, faults
    finally:
        await rig.machinery.stop()


async def organization(rig: Rig, name: str, users: int = USERS) -> str:
    """An organization with users; its id."""
    create = rig.machinery.registry.operations["CreateOrganization"]
    made, _ = await rig.run(create, CreateOrganization(name=name))
    add = rig.machinery.registry.operations["CreateMachineUser"]
    for number in range(users):
        user = CreateMachineUser(organization_id=made.organization_id, user_name=f"{name}-{number}")
        await rig.run(add, user)
    return str(made.organization_id)


async def depart(rig: Rig, organization_id: str) -> None:
    """Ask for the departure of everybody."""
    await rig.run(REQUEST, OrganizationOf(organization_id=organization_id))


async def ended(rig: Rig, organization_id: str) -> bool:
    """Whether the process is through."""
    return (await standing(rig, organization_id)).step == ""


async def standing(rig: Rig, organization_id: str) -> Standing:
    """Where the process is."""
    return await rig.machinery.processes["departure"].standing(INSTANCE, organization_id)


async def history(storage: MemoryStorage) -> list[StoredEvent]:
    """Everything that happened."""
    return list(await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 1000))


async def assert_everybody_left_once(storage: MemoryStorage, users: int = USERS) -> None:
    """Each user was deactivated by exactly one event; the portions and the end are in the log once each."""
    events = await history(storage)
    left = Counter(one.stream.id for one in events if one.type == "user.deactivated")
    assert sorted(left.values()) == [1] * users
    counted = Counter(one.type for one in events)
    assert counted["departure.users_departed"] == users // SIZE + 1
    assert counted["departure.ended"] == 1


async def test_everybody_is_worked_on_in_bounded_units() -> None:
    """No unit holds more than a portion; how far it is can be seen from the state."""
    async with memory_storage() as storage, running(storage) as (rig, _):
        acme = await organization(rig, "acme")
        await organization(rig, "other", users=2)
        await depart(rig, acme)
        await until(lambda: ended(rig, acme))
        await assert_everybody_left_once(storage)
        assert (await standing(rig, acme)).progress.done == USERS
        types = "".join("." if one.type == "user.deactivated" else one.type for one in await history(storage))
        assert "." * SIZE in types
        assert "." * (SIZE + 1) not in types


async def test_an_organization_without_users_is_through_at_once() -> None:
    """The empty portion is the last one."""
    async with memory_storage() as storage, running(storage) as (rig, _):
        acme = await organization(rig, "acme", users=0)
        await depart(rig, acme)
        await until(lambda: ended(rig, acme))
        await assert_everybody_left_once(storage, 0)


@pytest.mark.parametrize("step", range(PORTIONS + 1))
@pytest.mark.parametrize("crash", [LOST, UNHEARD], ids=["before", "behind"])
async def test_an_interruption_at_any_step_changes_nothing(step: int, crash: list[Fault]) -> None:
    """Before the unit of each step or behind it: another node ends it, with the same result."""
    async with memory_storage() as storage:
        async with running(storage) as (rig, _):  # without the process at work nothing else would fill the view
            acme = await organization(rig, "acme")
            late, faults = node(storage)
            await late.machinery.builds.start(late.machinery.registry.projections.values())
            async with _led_elsewhere(rig):
                await depart(rig, acme)
                faults.faults.extend([Fault.NONE] * step + crash)
                with pytest.raises(StorageUnavailable):
                    await late.machinery.processes["departure"].drive(INSTANCE, acme)
            await until(lambda: ended(rig, acme))
        await assert_everybody_left_once(storage)


@asynccontextmanager
async def _led_elsewhere(rig: Rig) -> AsyncIterator[None]:
    """Keep this node from the process for a while."""
    spooler = rig.machinery.spoolers.of("process.departure", 1)
    assert spooler is not None
    lease_name = spooler.lease_name
    locks = rig.machinery.ports.locks
    held = await locks.acquire(lease_name, rig.machinery.node, 60.0)
    assert held is not None
    await locks.release(held)
    lease = await locks.acquire(lease_name, "somebody else", 60.0)
    assert lease is not None
    await until(lambda: _follows(rig))
    yield
    await locks.release(lease)


async def _follows(rig: Rig) -> bool:
    spooler = rig.machinery.spoolers.of("process.departure", 1)
    return spooler is not None and not spooler.leading


async def test_two_that_are_large_do_not_wait_for_each_other() -> None:
    """Behind each portion the process makes way: their portions alternate."""
    async with memory_storage() as storage, running(storage) as (rig, _):
        first, second = await organization(rig, "first"), await organization(rig, "second")
        async with _led_elsewhere(rig):
            await depart(rig, first)
            await depart(rig, second)
        await until(lambda: ended(rig, first))
        await until(lambda: ended(rig, second))
        portions = [one.stream.id for one in await history(storage) if one.type == "departure.users_departed"]
        assert portions == [first, second] * PORTIONS


async def test_a_storage_that_is_away_puts_it_off() -> None:
    """With a back-off, and without parking anybody."""
    async with memory_storage() as storage, running(storage) as (rig, faults):
        acme = await organization(rig, "acme")
        async with _led_elsewhere(rig):
            await depart(rig, acme)
            faults.faults.extend([Fault.NONE, *LOST, *LOST, Fault.NONE, *UNHEARD])
        await until(lambda: ended(rig, acme))
        await assert_everybody_left_once(storage)
        assert await storage.views.parked("process.departure", 1, INSTANCE) == []


def _with(next_: Callable[[str, Departure], Step | None]) -> Slice:
    return replace(SLICE, processes=(replace(PROCESS, next=next_),))


async def test_a_portion_that_fails_for_good_is_parked_and_goes_on_when_retried() -> None:
    """From where it was; the others were not held up, and nobody is worked on twice."""
    ill: list[str] = []

    def stumbles(organization_id: str, state: Departure) -> Step | None:
        if organization_id in ill and state.portions == 1:
            raise ZeroDivisionError
        return next_step(organization_id, state)

    async with memory_storage() as storage, running(storage, _with(stumbles)) as (rig, _):
        acme, other = await organization(rig, "acme"), await organization(rig, "other", users=0)
        ill.append(acme)
        await depart(rig, acme)
        await until(lambda: _parked(storage))
        await depart(rig, other)
        await until(lambda: ended(rig, other))
        [parked] = await storage.views.parked("process.departure", 1, INSTANCE)
        assert (parked.aggregate_id, parked.error) == (acme, "ZeroDivisionError")
        ill.clear()
        assert (await standing(rig, acme)).progress.done == SIZE
        assert await rig.machinery.maintenance.retry(parked)
        await until(lambda: ended(rig, acme))
        left = [one.stream.id for one in await history(storage) if one.type == "user.deactivated"]
        assert len(left) == len(set(left)) == USERS


async def _parked(storage: MemoryStorage) -> bool:
    return bool(await storage.views.parked("process.departure", 1, INSTANCE))


async def test_a_portion_that_moves_nothing_is_parked() -> None:
    """It would be done for ever."""

    def stays(organization_id: str, state: Departure) -> Step | None:
        step = next_step(organization_id, state)
        return replace(step, name="always") if step else None

    async with memory_storage() as storage, running(storage, _with(stays)) as (rig, _):
        acme = await organization(rig, "acme")
        await depart(rig, acme)
        await until(lambda: _parked(storage))
        [parked] = await storage.views.parked("process.departure", 1, INSTANCE)
        assert parked.error == "RuntimeError"


async def test_a_portion_whose_event_is_no_trigger_goes_on_all_the_same() -> None:
    """Only that it does not make way for others then."""
    eager = replace(SLICE, processes=(replace(PROCESS, triggers=PROCESS.triggers[:1]),))
    async with memory_storage() as storage, running(storage, eager) as (rig, _):
        acme = await organization(rig, "acme")
        await depart(rig, acme)
        await until(lambda: ended(rig, acme))
        await assert_everybody_left_once(storage)


async def test_it_can_be_run_again() -> None:
    """The run is in the names of its steps, so none of it counts as done already."""
    async with memory_storage() as storage, running(storage) as (rig, _):
        acme = await organization(rig, "acme", users=1)
        for run in (1, 2):
            await depart(rig, acme)
            await until(lambda: ended(rig, acme))
            assert (await standing(rig, acme)).progress.done == (1 if run == 1 else 0)
        counted = Counter(one.type for one in await history(storage))
        assert (counted["departure.ended"], counted["user.deactivated"]) == (2, 1)
