"""Figures: lag, parked, leading and rebuilds as numbers, and what they mean for readiness."""

from hexkeep.adapters.system.clock import SystemClock
from hexkeep.engine.figures import Figures
from hexkeep.ports.clock import Clock
from hexkeep.ports.telemetry import Figure
from tests.unit.engine.notes import NOTES, NOTES_PROJECTION, SLICE
from tests.unit.engine.releases import WIDE, release, running, serves, titles, written
from tests.unit.engine.rig import Rig, memory_storage, started
from tests.unit.engine.test_skips import sick


class Hasty(SystemClock):
    """A clock on which a minute goes by between any two looks at it."""

    minutes = 0

    def monotonic(self) -> float:
        """Seconds."""
        self.minutes += 1
        return super().monotonic() + 60 * self.minutes


def figures_of(rig: Rig, clock: Clock | None = None) -> Figures:
    """Those of a node, without what it remembers."""
    use = rig.machinery
    return Figures(use.survey, use.spoolers, use.builds, use.committer, clock or use.clock)


async def numbers(rig: Rig) -> dict[str, float]:
    """Every figure of the notes, or without a projection, by name."""
    found: list[Figure] = [*await figures_of(rig).figures()]
    return {one.name: one.value for one in found if dict(one.labels).get("projection", "notes") == "notes"}


async def test_a_node_tells_lag_parked_and_leading() -> None:
    """As numbers, of which none names an instance or an aggregate."""
    async with started(SLICE) as rig:
        _, position = await written(rig, 3)
        await titles(rig, NOTES, position)
        await sick(rig, retitled="")
        found = await numbers(rig)
        assert (found["projection_lag_events_max"], found["projection_lag_events_sum"]) == (0, 0)
        assert (found["projection_parked_aggregates"], found["projection_leading"]) == (1, 1)
        assert (found["append_units"], found["committer_waiting_units"]) == (5, 0)
        assert found["append_rounds"] >= 1


async def test_the_storage_is_asked_once_a_second_at_most() -> None:
    """However often somebody scrapes."""
    async with started(SLICE) as rig:
        await written(rig, 1)
        figures = figures_of(rig)
        assert await figures.lags() is await figures.lags()


async def test_a_node_is_not_ready_before_its_views_are_built() -> None:
    """It says which; a rebuild under way is shown as the share that is filled."""
    async with memory_storage() as storage:
        old, _ = release(storage, NOTES_PROJECTION, "old")
        async with running(old):
            _, position = await written(old, 4)
            await titles(old, NOTES, position)
            assert await figures_of(old).unready([NOTES_PROJECTION], 1) == []
        new, faults = release(storage, WIDE, "new")
        async with faults.answers_held("read_log", 0), running(new):
            await faults.arrived.wait()
            assert await figures_of(new).unready([WIDE], 1) == ["notes is being built"]
            assert (await numbers(new))["projection_build_ratio"] == 0
            faults.release()
            await serves(storage, 2)
            await titles(new, WIDE.tables[0], position)
            assert await figures_of(new).unready([WIDE], 1) == []


async def test_a_node_that_is_far_behind_is_not_ready() -> None:
    """Beyond the bound, which may be none."""
    async with memory_storage() as storage:
        rig, _ = release(storage, NOTES_PROJECTION, "one")
        await rig.machinery.builds.start([NOTES_PROJECTION])
        await written(rig, 4)
        assert await figures_of(rig).unready([NOTES_PROJECTION], 3) == ["notes is 4 events behind"]
        assert await figures_of(rig).unready([NOTES_PROJECTION], 4) == []
        assert await figures_of(rig).unready([NOTES_PROJECTION], 0) == []


async def test_a_node_that_was_near_once_stays_ready_and_says_that_it_is_behind() -> None:
    """What an import brings puts no node out of service, for all nodes share the views."""
    async with memory_storage() as storage:
        rig, _ = release(storage, NOTES_PROJECTION, "one")
        await rig.machinery.builds.start([NOTES_PROJECTION])
        figures, fresh = figures_of(rig, Hasty()), figures_of(rig)
        assert await figures.unready([NOTES_PROJECTION], 3) == []
        await written(rig, 4)
        assert await figures.behind([NOTES_PROJECTION], 3) == ["notes is 4 events behind"]
        assert await figures.unready([NOTES_PROJECTION], 3) == []
        assert await fresh.unready([NOTES_PROJECTION], 3) == ["notes is 4 events behind"]
