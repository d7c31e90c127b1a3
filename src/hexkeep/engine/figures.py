"""Figures: what this node knows of itself and of the projections, for metrics and readiness."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from hexkeep.core.kernel.errors import Unavailable
from hexkeep.core.kernel.view import Projection
from hexkeep.engine.builds import Builds
from hexkeep.engine.committer import Committer
from hexkeep.engine.spoolers import Spoolers
from hexkeep.engine.survey import Status, Survey
from hexkeep.ports.clock import Clock
from hexkeep.ports.telemetry import Figure, Kind
from hexkeep.ports.views import BuildState

KNOWN_SECONDS, LONGEST_KNOWN = 1.0, 30.0
"""How long figures stand for the present: the more there are the longer."""
PER_SECOND = 10_000
"""Places in logs that are asked for in a second, on average."""
Source = Callable[[], Iterable[Figure]]
"""Gives figures that are at hand."""


@dataclass(slots=True)
class Lag:
    """How far one build of a projection, or a process, is behind, over all instances."""

    name: str
    build: int
    state: BuildState | None
    lags: list[int] = field(default_factory=list)
    heads: int = 0
    parked: int = 0

    @property
    def behind(self) -> int:
        """Events that it has yet to read."""
        return sum(self.lags)


class Figures:
    """Implements ``hexkeep.ports.telemetry.Telemetry``. The storage is asked once a second at most."""

    def __init__(self, survey: Survey, spoolers: Spoolers, builds: Builds, committer: Committer, clock: Clock) -> None:
        self._survey = survey
        self._spoolers = spoolers
        self._builds = builds
        self._committer = committer
        self._clock = clock
        self._sources: list[Source] = []
        self._known: tuple[float, list[Lag]] = (float("-inf"), [])
        self._asking: asyncio.Task[list[Lag]] | None = None
        self._near: set[str] = set()
        """Projections that have been near the end of all logs while this node ran."""

    def add(self, source: Source) -> None:
        """Have more figures told."""
        self._sources.append(source)

    async def figures(self) -> Sequence[Figure]:
        """See the port."""
        try:
            lags = await self.lags()
        except Unavailable:
            lags = []
        found = [*self._of_projections(lags), *self._of_spoolers(), *self._of_committer()]
        for source in self._sources:
            found += source()
        return sorted(found, key=lambda one: one.name)

    async def lags(self) -> list[Lag]:
        """How far everything is, as of a second ago at the earliest. Raises what the storage raises."""
        until, lags = self._known
        if self._clock.monotonic() < until:
            return lags
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(), name="hexkeep-figures")
        return await asyncio.shield(self._asking)

    async def _ask(self) -> list[Lag]:
        found: dict[tuple[str, int], Lag] = {}
        statuses = await self._survey.status()
        for one in statuses:
            _add(found.setdefault((one.consumer, one.build), Lag(one.consumer, one.build, one.state)), one)
        lags = list(found.values())
        known = min(max(KNOWN_SECONDS, len(statuses) / PER_SECOND), LONGEST_KNOWN)
        self._known = self._clock.monotonic() + known, lags
        return lags

    async def behind(self, projections: Iterable[Projection], bound: int) -> list[str]:
        """Which projections do not answer lists well now: not built yet, or too far behind.

        ``bound`` is in events, over all instances; 0 sets none.
        """
        return [*(await self._short_of(projections, bound)).values()]

    async def unready(self, projections: Iterable[Projection], bound: int) -> list[str]:
        """Those of ``behind`` that keep traffic from this node.

        A projection that was near enough once while this node ran keeps it ready. All nodes share the views: what they
        fall behind by later, by an import of millions of events say, would take all nodes off at once.
        """
        short = await self._short_of(projections, bound)
        return [told for name, told in short.items() if name not in self._near]

    async def _short_of(self, projections: Iterable[Projection], bound: int) -> dict[str, str]:
        lags = {(one.name, one.build): one.behind for one in await self.lags()}
        told = {}
        for projection in projections:
            name, build = projection.name, self._builds.of(projection).readable
            if build is None:
                self._near.discard(name)
                told[name] = f"{name} is being built"
            elif bound and (lag := lags.get((name, build.number), 0)) > bound:
                told[name] = f"{name} is {lag} events behind"
            else:
                self._near.add(name)
        return told

    def _of_projections(self, lags: Iterable[Lag]) -> Iterator[Figure]:
        for one in lags:
            label = (("projection", one.name),)
            if one.state in {None, BuildState.SERVING}:
                yield _gauge("projection_lag_events_max", "Events to read, most behind instance", max(one.lags), label)
                yield _gauge("projection_lag_events_sum", "Events to read, all instances", one.behind, label)
                yield _gauge("projection_parked_aggregates", "Aggregates that wait for a mend", one.parked, label)
            elif one.state is BuildState.BUILDING:
                done = 1 - one.behind / one.heads if one.heads else 1.0
                yield _gauge(
                    "projection_build_ratio", "How much of a build that is not serving yet is filled", done, label
                )

    def _of_spoolers(self) -> Iterator[Figure]:
        for spooler in self._spoolers.all:
            consumer = spooler.reader.consumer
            label = (("projection", consumer.name), ("build", str(consumer.build)))
            pause = spooler.trouble.pause if spooler.trouble else 0.0
            yield _gauge("projection_leading", "Whether this node does the work", float(spooler.leading), label)
            yield _gauge("projection_back_off_seconds", "How long this node waits after a failure", pause, label)

    def _of_committer(self) -> Iterator[Figure]:
        line = self._committer
        yield _gauge("committer_waiting_units", "Writes in the line for the storage", line.waiting)
        yield Figure("append_rounds", Kind.COUNTER, "Calls to the storage that append", line.rounds)
        yield Figure("append_units", Kind.COUNTER, "Writes in those calls", line.units)


def _gauge(name: str, help_: str, value: float, labels: tuple[tuple[str, str], ...] = ()) -> Figure:
    return Figure(name, Kind.GAUGE, help_, value, labels)


def _add(lag: Lag, status: Status) -> None:
    lag.lags.append(status.lag)
    lag.heads += status.head
    lag.parked += status.parked
