"""The scheduler: each job in its rhythm, on one node at a time, whatever fails and whoever restarts."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.core.kernel.slice import Recurring
from hexkeep.engine.leadership import Leadership
from hexkeep.engine.ledger import Ledger
from hexkeep.engine.scheduler import JOBS_LEDGER, LEASE, Job, JobStatus, Scheduler
from hexkeep.ports.locks import Lease
from hexkeep.ports.views import Views
from tests.unit.engine.forgetful import Forgetful
from tests.unit.engine.notes import SLICE, WRITE, WriteNote
from tests.unit.engine.rig import FAST, memory_storage, rig_on, started
from tests.waiting import until

DAY, SOON = timedelta(days=1), timedelta(milliseconds=10)


async def scheduler_on(
    storage: MemoryStorage, jobs: Iterable[Job], node: str = "one", views: Views | None = None
) -> Scheduler:
    """A node's scheduler, not yet started."""
    machinery = rig_on(storage, ()).machinery
    ledger = Ledger(JOBS_LEDGER, views or storage.views, machinery.builds)
    await ledger.start()
    leadership = Leadership(LEASE, storage.locks, node, machinery.ids, FAST)
    return Scheduler(jobs, ledger, leadership, machinery.clock, node)


@asynccontextmanager
async def running(storage: MemoryStorage, *jobs: Job, node: str = "one") -> AsyncIterator[Scheduler]:
    """A node's scheduler at work."""
    scheduler = await scheduler_on(storage, jobs, node)
    scheduler.start()
    try:
        yield scheduler
    finally:
        await scheduler.stop()


class Counted:
    """Work that counts how often it was done, and fails while it is told to."""

    def __init__(self, failing: int = 0, error: Callable[[], Exception] = StorageUnavailable) -> None:
        self.count = 0
        self._failing = failing
        self._error = error

    async def __call__(self) -> None:
        """Do it."""
        self.count += 1
        if self.count <= self._failing:
            raise self._error()


async def _status(scheduler: Scheduler, name: str) -> JobStatus:
    [found] = [one for one in await scheduler.status() if one.name == name]
    return found


async def test_a_job_is_done_at_once_and_then_in_its_rhythm() -> None:
    """A quick one often, a rare one once."""
    often, rare = Counted(), Counted()
    async with memory_storage() as storage:
        async with running(storage, Job("often", SOON, often), Job("rare", DAY, rare)) as scheduler:
            await until(lambda: _holds(often.count > 3))
            status = await _status(scheduler, "rare")
        assert rare.count == 1
        assert status.started_at is not None
        assert status.due_at is not None
        assert DAY <= status.due_at - status.started_at <= DAY * 1.1


@pytest.mark.parametrize("call", ["select", "apply"])
async def test_node_stops_though_a_call_forgets_its_cancellation(call: str) -> None:
    """Else whoever stops it would wait until a job is due again, or for jobs that nobody has told to end."""
    async with memory_storage() as storage:
        views = Forgetful(storage.views, call)
        scheduler = await scheduler_on(storage, [Job("rare", DAY, Counted())], views=views)
        scheduler.start()
        async with asyncio.timeout(10):
            await views.asked.wait()
            await scheduler.stop()


async def test_a_restart_does_not_repeat_a_rare_job() -> None:
    """When it is due is kept in the storage."""
    rare = Counted()
    async with memory_storage() as storage:
        async with running(storage, Job("rare", DAY, rare)) as scheduler:
            await until(lambda: _noted(scheduler, "rare"))
        often = Counted()
        async with running(storage, Job("rare", DAY, rare), Job("often", SOON, often), node="two"):
            await until(lambda: _holds(often.count > 3))
        assert rare.count == 1


async def test_of_two_nodes_one_does_the_jobs() -> None:
    """The other takes over when the first has ended."""
    first, second = Counted(), Counted()
    async with memory_storage() as storage:
        async with running(storage, Job("often", SOON, second), node="two") as waiting:
            await until(lambda: _holds(waiting.leading))
            async with running(storage, Job("often", SOON, first)):
                await until(lambda: _holds(second.count > 5))
                assert first.count == 0
        async with running(storage, Job("often", SOON, first)):
            await until(lambda: _holds(first.count > 0))


@pytest.mark.parametrize(
    ("error", "told"), [(StorageUnavailable, "storage_unavailable"), (ZeroDivisionError, "ZeroDivisionError")]
)
async def test_a_failing_job_is_tried_again_sooner_and_holds_up_no_other(error: type[Exception], told: str) -> None:
    """Its status tells the class of the failure and how often it came."""
    ill, well = Counted(1, error), Counted()
    async with memory_storage() as storage:
        async with running(storage, Job("ill", DAY, ill), Job("well", SOON, well)) as scheduler:
            await until(lambda: _noted(scheduler, "ill"))
            status = await _status(scheduler, "ill")
            assert (status.failures, status.error) == (1, told)
            assert [one.value for one in scheduler.figures() if ("job", "ill") in one.labels] == [1]
            await until(lambda: _holds(ill.count == 2))
            await until(lambda: _recovered(scheduler))
        assert well.count > 1


async def test_a_leader_that_slept_notes_nothing_over_its_successor() -> None:
    """The lease's token tells who is newer, whatever the clocks say."""
    async with memory_storage() as storage:
        late = await scheduler_on(storage, [Job("rare", DAY, Counted())], "late")
        async with running(storage, Job("rare", DAY, Counted()), node="new") as successor:
            await until(lambda: _noted(successor, "rare"))
            noted = await _status(successor, "rare")
        await late._note(replace(noted, node="late", error="late"), Lease(LEASE, "late", 0, 1.0))  # noqa: SLF001 - asleep
        assert (await _status(late, "rare")).node == "new"


async def test_a_clock_that_ran_ahead_puts_nothing_off_for_long() -> None:
    """Whatever stands in the storage, a job comes within its rhythm and some minutes."""
    async with memory_storage() as storage:
        scheduler = await scheduler_on(storage, [job := Job("rare", DAY, Counted())])
        status = await scheduler.run("rare")
        assert status.due_at is not None
        wait = scheduler._wait(job, replace(status, due_at=status.due_at + 1000 * DAY))  # noqa: SLF001 - a thousand days
        assert wait <= DAY.total_seconds() * 1.1


async def test_two_jobs_of_one_name_are_refused() -> None:
    """One of them would never be done."""
    async with memory_storage() as storage:
        with pytest.raises(ValueError, match="share a name"):
            await scheduler_on(storage, [Job("same", DAY, Counted()), Job("same", DAY, Counted())])


async def test_a_lease_that_is_lost_ends_the_term() -> None:
    """What runs is broken off, and the next term has a greater token."""
    async with memory_storage() as storage:
        machinery = rig_on(storage, ()).machinery
        leadership = Leadership("lead", storage.locks, "one", machinery.ids, FAST)
        tokens: list[int] = []

        async def lead(lease: Lease) -> None:
            tokens.append(lease.token)
            await storage.locks.release(lease)
            await asyncio.Event().wait()

        task = asyncio.create_task(leadership.run(lead))
        await until(lambda: _holds(len(tokens) == 2))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert tokens == sorted(set(tokens))


async def test_the_engine_has_jobs_of_its_own_and_those_of_slices() -> None:
    """A recurring operation of a slice is called as the system; nothing happens in instances that are not active."""
    note = Recurring("note", DAY, WRITE.name, WriteNote(title="again"))
    async with started(replace(SLICE, recurring=(note,))) as rig:
        scheduler = rig.machinery.scheduler
        assert {"sweep-expiring", "recurring.note"} <= scheduler.jobs.keys()
        await until(lambda: _noted(scheduler, "recurring.note"))
        assert (await _status(scheduler, "recurring.note")).error == ""


async def _holds(condition: object) -> bool:
    return bool(condition)


async def _noted(scheduler: Scheduler, name: str) -> bool:
    return (await _status(scheduler, name)).ended_at is not None


async def _recovered(scheduler: Scheduler) -> bool:
    return not (await _status(scheduler, "ill")).error
