"""Steps of the model machine: builds, rows, checkpoints and parking."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from hexkeep.core.kernel.view import Select, Table
from hexkeep.ports.storage import Storage
from hexkeep.ports.views import Advance, Build, Checkpoint, CheckpointKey, Parked
from hexkeep.testing import model_steps as steps
from hexkeep.testing.model_logs import Steps
from hexkeep.testing.twins import NEVER, Connect
from hexkeep.testing.view_samples import BORN, sample

_which = st.integers(0, 1000)


class ViewSteps(Steps):
    """Steps of views, on one projection of this history alone."""

    def __init__(self, connect: Connect) -> None:
        super().__init__(connect)
        self._projection = f"kit_{self.mark}"
        self._parkings = 0
        self.begun: list[Build] = []
        """Every build there ever was, as it was when it was begun."""

    # --- builds -------------------------------------------------------------------------------------------------------

    @initialize()
    def begin_first(self) -> None:
        """A history begins with a build."""
        self.begin(1, "f", anew=False)

    @rule(version=st.integers(1, 2), fingerprint=st.sampled_from("fg"), anew=st.booleans())
    def begin(self, version: int, fingerprint: str, anew: bool) -> None:  # noqa: FBT001 - hypothesis names it
        """Begin a build, or join one."""
        declared = sample(self._projection, version)
        build = self.twins.same(lambda storage: storage.views.begin(declared, fingerprint, anew=anew), _timeless)
        if build is not None and build.number not in {one.number for one in self.begun}:
            self.begun.append(build)

    @rule(which=_which)
    def switch(self, which: int) -> None:
        """Let a build serve, which may be gone or serve already."""
        build = self._build(which)
        self.twins.same(lambda storage: storage.views.switch(build))

    @rule(which=_which)
    def discard(self, which: int) -> None:
        """Remove a build, which may be gone or serve."""
        build = self._build(which)
        self.twins.same(lambda storage: storage.views.discard(build))

    def _build(self, which: int) -> Build:
        """One of all builds, mostly of the newest."""
        return self.begun[-1 - which % min(3, len(self.begun))]

    @property
    def _table(self) -> Table:
        return sample(self._projection).tables[0]

    # --- rows ---------------------------------------------------------------------------------------------------------

    @rule(which=_which, place=steps.places, slip=steps.slips, work=steps.work, parking=steps.parkings)
    def advance(self, which: int, place: steps.Place, slip: int, work: steps.Work, parking: steps.Parking) -> None:
        """Run operations, park and unpark, from where the checkpoint stands or from beside it."""
        key = CheckpointKey(self._projection, self._build(which).number, self.name_of(place[0]), place[1])
        expected = max(0, self.twins.run(self.twins.model.views.checkpoint(key)).position + slip)
        advance = Advance(
            key,
            expected,
            expected + 1,
            1,
            work.on(self._table),
            tuple(self._parked(key, name) for name in sorted(parking.park)),
            tuple(("kit", name) for name in sorted(parking.unpark - parking.park)),
        )
        self.twins.same(lambda storage: storage.views.apply(advance))

    @rule(place=steps.places, work=steps.work, parking=steps.parkings)
    def advance_newest(self, place: steps.Place, work: steps.Work, parking: steps.Parking) -> None:
        """The same in the newest build and from the right place, so that it happens more often."""
        self.advance(0, place, 0, work, parking)

    def _parked(self, key: CheckpointKey, name: str) -> Parked:
        self._parkings += 1
        return Parked(key, "kit", name, self._parkings, "ValueError", 1, BORN + timedelta(seconds=self._parkings))

    @rule(which=_which, instance=steps.instances, query=steps.queries)
    def ask(self, which: int, instance: int, query: steps.Query) -> None:
        """A page of rows, and their number."""
        number, name, moved = self._build(which).number, self.name_of(instance), query.on(self._table)
        self.twins.same(lambda storage: storage.views.select(number, name, moved))
        self.twins.same(lambda storage: storage.views.count(number, name, moved))

    def compare_views(self) -> None:
        """Builds, and rows, checkpoints and parked aggregates of each, must be the same."""
        self.twins.same(self._builds)
        for build in self.begun[-3:]:
            self._compare_build(build.number)

    def _compare_build(self, number: int) -> None:
        self.twins.same(lambda storage: self._checkpoints(storage, number))
        self.twins.same(lambda storage: storage.views.parked(self._projection, number))
        for instance in steps.INSTANCES:
            self._compare_rows(number, self.name_of(instance))

    def _compare_rows(self, number: int, instance: str) -> None:
        self.twins.same(lambda storage: storage.views.select(number, instance, Select(self._table)))

    async def _builds(self, storage: Storage) -> list[Build]:
        return [_timeless(build) for build in await storage.views.builds() if build.projection == self._projection]

    async def _checkpoints(self, storage: Storage, number: int) -> list[Checkpoint]:
        found = await storage.views.checkpoints(self._projection, number)
        return sorted(found, key=lambda one: (one.key.instance, one.key.log.value))


def _timeless(build: Build) -> Build:
    return replace(build, since=NEVER)
