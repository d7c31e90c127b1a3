"""Rules of views about builds: the fillings of a projection's tables, one of which serves.

Each rule has a projection of its own, for builds are numbered within a projection and stay after a test.
"""

import asyncio
from datetime import timedelta

import pytest

from hexkeep.core.kernel.errors import FailedPrecondition, StorageUnavailable
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Projection, Put, Row, Select
from hexkeep.ports.views import Advance, Build, BuildState, Checkpoint, CheckpointKey, Parked, Views
from hexkeep.testing.contract import Contract, fresh
from hexkeep.testing.view_samples import BORN, item, sample

BUILDING, SERVING, RETIRED = BuildState.BUILDING, BuildState.SERVING, BuildState.RETIRED


class BuildRules(Contract):
    """What ``begin``, ``switch``, ``discard`` and ``builds`` promise."""

    @pytest.fixture
    def declared(self) -> Projection:
        """A projection of this test alone, in its first version."""
        return sample(fresh("kit").replace("-", "_"))

    # --- begin --------------------------------------------------------------------------------------------------------

    async def test_first_build_is_number_one_and_empty(self, views: Views, declared: Projection) -> None:
        """It is being filled, knows its version and fingerprint, and has its tables, without rows."""
        build = await views.begin(declared, "f")
        assert build == Build(declared.name, 1, 1, "f", BUILDING, build.since)
        assert build.since.utcoffset() == timedelta(0)
        assert await builds_of(views, declared) == [build]
        assert await rows_of(views, build, declared, "i") == []
        assert await views.checkpoints(declared.name, 1) == []

    async def test_begin_again_gives_the_same_build(self, views: Views, declared: Projection) -> None:
        """Whether it is being filled or serves: version and fingerprint name it."""
        build = await views.begin(declared, "f")
        assert await views.begin(declared, "f") == build
        assert await views.switch(build)
        (serving,) = await builds_of(views, declared)
        assert await views.begin(declared, "f") == serving
        assert await builds_of(views, declared) == [serving]

    async def test_callers_who_begin_at_once_get_one_build(self, views: Views, declared: Projection) -> None:
        """The first time, and later for another version: many callers, one build."""
        for version in (1, 2):
            wanted = sample(declared.name, version)
            begun = await asyncio.gather(*(views.begin(wanted, "f") for _ in range(5)))
            assert [build.number for build in begun] == [version] * 5
        assert len(await builds_of(views, declared)) == 2

    async def test_another_version_or_fingerprint_is_another_build(self, views: Views, declared: Projection) -> None:
        """Each is numbered behind those before it, which stay as they are."""
        wanted = ((declared, "f"), (declared, "g"), (sample(declared.name, 2), "g"))
        begun = [await views.begin(*one) for one in wanted]
        assert [(build.number, build.version, build.fingerprint) for build in begun] == [
            (1, 1, "f"),
            (2, 1, "g"),
            (3, 2, "g"),
        ]
        assert await builds_of(views, declared) == begun

    async def test_begin_anew_does_not_count_the_serving_build(self, views: Views, declared: Projection) -> None:
        """A rebuild gets a build beside the one that serves; who begins meanwhile, anew or not, joins it."""
        first = await serving(views, declared)
        second = await views.begin(declared, "f", anew=True)
        assert (second.number, second.state) == (2, BUILDING)
        joined = await asyncio.gather(*(views.begin(declared, "f", anew=bool(n % 2)) for n in range(4)))
        assert joined == [second] * 4
        assert await builds_of(views, declared) == [first, second]

    async def test_retired_build_does_not_count(self, views: Views, declared: Projection) -> None:
        """Whoever goes back to a former version fills anew, for what is retired was not kept up to date."""
        await serving(views, declared)
        await serving(views, sample(declared.name, 2))
        again = await views.begin(declared, "f")
        assert (again.number, again.state) == (3, BUILDING)

    async def test_number_is_never_used_again(self, views: Views, declared: Projection) -> None:
        """Neither a discarded build's number nor that of the only one comes back."""
        for expected in (1, 2, 3):
            build = await views.begin(declared, "f")
            assert build.number == expected
            await views.discard(build)
        assert await builds_of(views, declared) == []

    async def test_builds_come_in_order(self, views: Views, declared: Projection) -> None:
        """Of projection, text by code point, then of number."""
        names = [declared.name + end for end in ("_b", "_a", "_B")]
        for name in names:
            for fingerprint in ("f", "g"):
                await views.begin(sample(name), fingerprint)
        found = [(build.projection, build.number) for build in await views.builds() if build.projection in names]
        assert found == [(name, number) for name in sorted(names) for number in (1, 2)]

    # --- switch -------------------------------------------------------------------------------------------------------

    async def test_switch_lets_a_build_serve_and_retires_the_former(self, views: Views, declared: Projection) -> None:
        """At most one serves; each state is dated from when it was entered."""
        first = await views.begin(declared, "f")
        assert await views.switch(first)
        second = await views.begin(declared, "g")
        assert await states_of(views, declared) == [SERVING, BUILDING]
        assert await views.switch(second)
        former, present = await builds_of(views, declared)
        assert [former.state, present.state] == [RETIRED, SERVING]
        assert first.since <= second.since <= min(former.since, present.since)

    async def test_only_what_is_being_filled_can_be_switched_to(self, views: Views, declared: Projection) -> None:
        """``False``, with nothing changed, for one that serves, is retired, is gone or never was."""
        first = await views.begin(declared, "f")
        await views.switch(first)
        second = await views.begin(declared, "g")
        await views.switch(second)
        third = await views.begin(declared, "h")
        await views.discard(third)
        before = await builds_of(views, declared)
        never = Build(declared.name, 9, 1, "f", BUILDING, BORN)
        for build in (first, second, third, never, *before):
            assert await views.switch(build) is False
        assert await builds_of(views, declared) == before

    async def test_switch_by_many_happens_once(self, views: Views, declared: Projection) -> None:
        """Of many who switch to one build one does; of builds that rivals switch to one serves at last."""
        first = await views.begin(declared, "f")
        assert sum(await asyncio.gather(*(views.switch(first) for _ in range(5)))) == 1
        rivals = [await views.begin(declared, fingerprint) for fingerprint in "ghi"]
        assert all(await asyncio.gather(*(views.switch(build) for build in rivals)))
        assert sorted(await states_of(views, declared)) == sorted([RETIRED] * 3 + [SERVING])

    async def test_retired_build_can_still_be_read(self, views: Views, declared: Projection) -> None:
        """Until it is discarded its rows and checkpoints are there, for nodes that have not heard."""
        former = await serving(views, declared)
        key = await fill(views, former, declared, "a")
        await serving(views, sample(declared.name, 2))
        assert await rows_of(views, former, declared, key.instance) == [item("a")]
        assert (await views.checkpoint(key)).position == 1

    # --- discard ------------------------------------------------------------------------------------------------------

    async def test_serving_build_cannot_be_discarded(self, views: Views, declared: Projection) -> None:
        """``FailedPrecondition``, with nothing changed, also for who knows it from when it was being filled."""
        build = await views.begin(declared, "f")
        key = await fill(views, build, declared, "a")
        assert await views.switch(build)
        before = await builds_of(views, declared)
        for known in (build, *before):
            with pytest.raises(FailedPrecondition):
                await views.discard(known)
        assert await builds_of(views, declared) == before
        assert await rows_of(views, build, declared, key.instance) == [item("a")]

    @pytest.mark.parametrize("retired", [False, True], ids=["building", "retired"])
    async def test_discarded_build_leaves_nothing(self, views: Views, declared: Projection, retired: bool) -> None:  # noqa: FBT001
        """Its tables, checkpoints and parked aggregates are gone, and it is on no list."""
        build = await views.begin(declared, "f")
        key = await fill(views, build, declared, "a")
        if retired:
            await views.switch(build)
            await serving(views, sample(declared.name, 2))
        await views.discard(build)
        assert build.number not in [kept.number for kept in await builds_of(views, declared)]
        assert await views.checkpoint(key) == Checkpoint(key, 0, 1)
        assert await views.checkpoints(declared.name, build.number) == []
        assert await views.parked(declared.name, build.number) == []

    async def test_tables_of_a_build_that_is_gone_are_unavailable(self, views: Views, declared: Projection) -> None:
        """Reads and advances are told ``StorageUnavailable``, and an advance changes nothing."""
        build = await views.begin(declared, "f")
        await views.discard(build)
        table = declared.tables[0]
        for number in (build.number, build.number + 1):
            key = CheckpointKey(declared.name, number, "i", Log.DURABLE)
            for work in (
                views.get(number, "i", table, ("g", "a")),
                views.select(number, "i", Select(table)),
                views.count(number, "i", Select(table)),
                views.apply(Advance(key, 0, 1, 1, (Put(table, item("a")),))),
            ):
                with pytest.raises(StorageUnavailable):
                    await work
            assert await views.checkpoints(declared.name, number) == []

    async def test_discard_may_be_repeated(self, views: Views, declared: Projection) -> None:
        """Nothing happens for what is gone or never was, also when many discard at once."""
        build = await views.begin(declared, "f")
        await views.discard(Build(declared.name, 9, 1, "f", BUILDING, BORN))
        await asyncio.gather(*(views.discard(build) for _ in range(4)))
        await views.discard(build)
        assert await builds_of(views, declared) == []

    async def test_discard_touches_one_build(self, views: Views, declared: Projection) -> None:
        """Other builds of the projection, and builds of that number of others, keep their rows and places."""
        other = sample(fresh("kit").replace("-", "_"))
        gone, stays = await views.begin(declared, "f"), await views.begin(declared, "g")
        elsewhere = await views.begin(other, "f")
        kept = [(declared, stays), (other, elsewhere)]
        await fill(views, gone, declared, "a")
        keys = [await fill(views, build, one, "b") for one, build in kept]
        await views.discard(gone)
        for (one, build), key in zip(kept, keys, strict=True):
            assert await rows_of(views, build, one, key.instance) == [item("b")]
            assert (await views.checkpoint(key)).position == 1
            assert len(await views.parked(one.name, build.number)) == 1
            assert build in await builds_of(views, one)

    # --- rows ---------------------------------------------------------------------------------------------------------

    async def test_rows_of_one_build_are_not_seen_in_another(self, views: Views, declared: Projection) -> None:
        """A rebuild beside the build that serves shows nothing before the switch and all of its own after it."""
        instance = fresh("instance")
        first = await serving(views, declared)
        await fill(views, first, declared, "old", instance)
        second = await views.begin(declared, "f", anew=True)
        assert await rows_of(views, second, declared, instance) == []
        key = await fill(views, second, declared, "new", instance)
        assert await rows_of(views, first, declared, instance) == [item("old")]
        assert await views.switch(second)
        assert await rows_of(views, second, declared, instance) == [item("new")]
        assert await rows_of(views, first, declared, instance) == [item("old")]
        assert (await views.checkpoint(key)).position == 1


async def builds_of(views: Views, declared: Projection) -> list[Build]:
    """The builds of one projection."""
    return [build for build in await views.builds() if build.projection == declared.name]


async def states_of(views: Views, declared: Projection) -> list[BuildState]:
    """The states of a projection's builds, in order of their numbers."""
    return [build.state for build in await builds_of(views, declared)]


async def serving(views: Views, declared: Projection) -> Build:
    """The build of this projection under the fingerprint ``f``, which serves."""
    assert await views.switch(await views.begin(declared, "f"))
    return next(build for build in await builds_of(views, declared) if build.state is SERVING)


async def fill(
    views: Views, build: Build, declared: Projection, id_: str, instance: str | None = None
) -> CheckpointKey:
    """Put one row, advance to position 1 and park an aggregate in a build."""
    key = CheckpointKey(declared.name, build.number, instance or fresh("instance"), Log.DURABLE)
    parked = Parked(key, "kit", id_, 1, "ValueError", 1, BORN)
    assert await views.apply(Advance(key, 0, 1, 1, (Put(declared.tables[0], item(id_)),), (parked,)))
    return key


async def rows_of(views: Views, build: Build, declared: Projection, instance: str) -> list[Row]:
    """All rows of one instance in a build."""
    return await views.select(build.number, instance, Select(declared.tables[0]))
