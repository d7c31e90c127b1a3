"""Views that break one promise each about builds."""

import asyncio
from dataclasses import replace

from hexkeep.adapters.memory.views import MemoryViews
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.view import Projection, Table, Value
from hexkeep.ports.views import Build, BuildState
from tests.contract.broken.defects import caught_by


class _Beginning(MemoryViews):
    """Begins otherwise."""

    async def begin(self, projection: Projection, fingerprint: str, *, anew: bool = False) -> Build:
        return await super().begin(projection, await self.fingerprint(projection, fingerprint), anew=anew)

    async def fingerprint(self, projection: Projection, fingerprint: str) -> str:
        """The one to begin under."""
        return fingerprint


@caught_by("test_first_build_is_number_one_and_empty", "test_number_is_never_used_again")
class CountsFromTwo(MemoryViews):
    async def begin(self, projection: Projection, fingerprint: str, *, anew: bool = False) -> Build:
        if not projection.name.startswith("kit_sample"):
            self._begun.setdefault(projection.name, 1)
        return await super().begin(projection, fingerprint, anew=anew)


@caught_by("test_begin_again_gives_the_same_build", "test_callers_who_begin_at_once_get_one_build")
class AlwaysBeginsAnew(MemoryViews):
    async def begin(self, projection: Projection, fingerprint: str, *, anew: bool = False) -> Build:
        if not projection.name.startswith("kit_sample"):
            self._builds = {place: replace(one, fingerprint="-") for place, one in self._builds.items()}
        return await super().begin(projection, fingerprint, anew=anew)


@caught_by("test_callers_who_begin_at_once_get_one_build")
class LooksBeforeItBegins(MemoryViews):
    async def begin(self, projection: Projection, fingerprint: str, *, anew: bool = False) -> Build:
        known = dict(self._builds)
        await asyncio.sleep(0)
        self._builds, present = known, self._builds
        build = await super().begin(projection, fingerprint, anew=anew)
        self._builds = {**present, **self._builds}
        return build


@caught_by("test_another_version_or_fingerprint_is_another_build")
class KnowsNoFingerprints(_Beginning):
    async def fingerprint(self, projection: Projection, fingerprint: str) -> str:
        return "f"


@caught_by("test_begin_anew_does_not_count_the_serving_build", "test_rows_of_one_build_are_not_seen_in_another")
class TakesTheServingBuildForNew(MemoryViews):
    async def begin(self, projection: Projection, fingerprint: str, *, anew: bool = False) -> Build:
        return await super().begin(projection, fingerprint)


@caught_by("test_retired_build_does_not_count")
class TakesARetiredBuildUpAgain(MemoryViews):
    async def begin(self, projection: Projection, fingerprint: str, *, anew: bool = False) -> Build:
        for one in self._builds.values():
            if (one.projection, one.version, one.state) == (projection.name, projection.version, BuildState.RETIRED):
                return one
        return await super().begin(projection, fingerprint, anew=anew)


@caught_by("test_number_is_never_used_again")
class CountsTheBuildsThereAre(MemoryViews):
    async def begin(self, projection: Projection, fingerprint: str, *, anew: bool = False) -> Build:
        self._begun[projection.name] = max((n for name, n in self._builds if name == projection.name), default=0)
        return await super().begin(projection, fingerprint, anew=anew)


@caught_by("test_builds_come_in_order")
class ListsBuildsAsTheyCame(MemoryViews):
    async def builds(self) -> list[Build]:
        return list(self._builds.values())


@caught_by("test_switch_lets_a_build_serve_and_retires_the_former", "test_switch_by_many_happens_once")
class LetsTwoServe(MemoryViews):
    async def switch(self, build: Build) -> bool:
        serving = {place: one for place, one in self._builds.items() if one.state is BuildState.SERVING}
        switched = await super().switch(build)
        self._builds.update(serving)
        return switched


@caught_by("test_only_what_is_being_filled_can_be_switched_to")
class SwitchesBack(MemoryViews):
    async def switch(self, build: Build) -> bool:
        place = (build.projection, build.number)
        if place in self._builds:
            self._builds[place] = replace(self._builds[place], state=BuildState.BUILDING)
        return await super().switch(build)


@caught_by("test_only_what_is_being_filled_can_be_switched_to", "test_switch_by_many_happens_once")
class SaysYesToEverySwitch(MemoryViews):
    async def switch(self, build: Build) -> bool:
        await super().switch(build)
        return True


@caught_by("test_retired_build_can_still_be_read")
class DiscardsTheFormerAtOnce(MemoryViews):
    async def switch(self, build: Build) -> bool:
        switched = await super().switch(build)
        for one in [one for one in self._builds.values() if one.state is BuildState.RETIRED]:
            await self.discard(one)
        return switched


@caught_by("test_serving_build_cannot_be_discarded")
class DiscardsWhatServes(MemoryViews):
    async def discard(self, build: Build) -> None:
        place = (build.projection, build.number)
        if place in self._builds:
            self._builds[place] = replace(self._builds[place], state=BuildState.RETIRED)
        await super().discard(build)


@caught_by("test_discarded_build_leaves_nothing")
class LeavesCheckpointsBehind(MemoryViews):
    async def discard(self, build: Build) -> None:
        before = dict(self._checkpoints)
        await super().discard(build)
        self._checkpoints = before


@caught_by("test_discarded_build_leaves_nothing")
class LeavesParkedAggregatesBehind(MemoryViews):
    async def discard(self, build: Build) -> None:
        before = dict(self._parked)
        await super().discard(build)
        self._parked = before


@caught_by("test_tables_of_a_build_that_is_gone_are_unavailable")
class LeavesTablesBehind(MemoryViews):
    async def discard(self, build: Build) -> None:
        before = dict(self._tables)
        await super().discard(build)
        self._tables = before


@caught_by("test_tables_of_a_build_that_is_gone_are_unavailable")
class AnswersEmptyForWhatIsGone(MemoryViews):
    async def get(self, build: int, instance: str, table: Table, key: tuple[Value, ...]) -> None:
        return None


@caught_by("test_discard_may_be_repeated")
class InsistsOnDiscardingOnce(MemoryViews):
    async def discard(self, build: Build) -> None:
        if (build.projection, build.number) not in self._builds:
            raise FailedPrecondition
        await super().discard(build)


@caught_by("test_discard_touches_one_build")
class DiscardsTheNumberEverywhere(MemoryViews):
    async def discard(self, build: Build) -> None:
        await super().discard(build)
        self._rows = {place: rows for place, rows in self._rows.items() if place[0] != build.number}


@caught_by("test_discard_touches_one_build")
class DiscardsTheProjection(MemoryViews):
    async def discard(self, build: Build) -> None:
        await super().discard(build)
        self._checkpoints = {key: one for key, one in self._checkpoints.items() if key.projection != build.projection}
