"""Builds: which filling of a projection's tables this process reads, and which ones it fills.

A projection that was changed (another version, or tables declared otherwise) gets a build of its own, filled beside the
one that serves and switched in when it has come to the end of every log. Nodes of two releases may run at once: each
fills and reads the builds of its own release, so an old node goes on with the build that was retired for it.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pydantic import JsonValue

from hexkeep.core.kernel.errors import Internal
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Projection, Table
from hexkeep.engine.codec import canonical
from hexkeep.ports.event_store import EventStore
from hexkeep.ports.views import Build, BuildState, Views

LEDGER_BUILD = 1
"""The first build of a ledger is its only one."""


def fingerprint(projection: Projection) -> str:
    """What changes whenever the tables of a projection are declared otherwise: 16 hexadecimal digits."""
    return hashlib.sha256(canonical([_shape(table) for table in projection.tables])).hexdigest()[:16]


def _shape(table: Table) -> list[JsonValue]:
    columns: list[JsonValue] = [[one.name, one.type.value, one.nullable, one.search] for one in table.all_columns()]
    return [table.name, columns, [*table.key], [[*index] for index in table.indexes], table.of]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a process makes of the builds of one projection."""

    complete: Build | None = None
    """Of this very version and fingerprint, filled to the end once: it serves, or it did."""
    building: Build | None = None
    """Of this very version and fingerprint, not filled yet."""
    serving: Build | None = None
    """Whichever serves, if its tables are declared as this process declares them."""

    @property
    def filled(self) -> tuple[Build, ...]:
        """What this process fills: with rows that another version has made it does not meddle."""
        return tuple(build for build in (self.complete, self.building) if build is not None)

    @property
    def own(self) -> Build | None:
        """Whose rows are right as far as they go: each folds its aggregate by this version's rules."""
        return self.complete or self.building

    @property
    def readable(self) -> Build | None:
        """What lists are read from, if there is anything that they may be read from."""
        return self.complete or self.serving


def standing(projection: Projection, print_: str, builds: Iterable[Build]) -> Standing:
    """Sort out the builds of a projection, oldest first."""
    by_state: dict[BuildState, Build] = {}
    serving: Build | None = None
    for build in builds:
        if build.projection == projection.name and build.fingerprint == print_:
            if build.version == projection.version:
                by_state[build.state] = build
            if build.state is BuildState.SERVING:
                serving = build
    complete = by_state.get(BuildState.SERVING) or by_state.get(BuildState.RETIRED)
    return Standing(complete, by_state.get(BuildState.BUILDING), serving)


class Builds:
    """The builds that this process reads and fills, as they were when it last looked."""

    def __init__(self, views: Views, store: EventStore) -> None:
        self._views = views
        self._store = store
        self._declared: dict[str, tuple[Projection, str]] = {}
        self._standings: Mapping[str, Standing] = {}
        self._ledgers: set[str] = set()
        self._changed = asyncio.Event()

    async def start(self, projections: Iterable[Projection]) -> None:
        """Declare projections and begin the builds that are missing; those of empty logs serve at once."""
        self._declared |= {one.name: (one, fingerprint(one)) for one in projections}
        await self.refresh()
        if any(one.readable is None for one in self._standings.values()):
            await self._serve_empty({head.log for head in await self._store.heads() if head.position})

    async def _serve_empty(self, written: set[Log]) -> None:
        for name, one in self._standings.items():
            if one.readable is None and one.building is not None and self._declared[name][0].log not in written:
                await self._views.switch(one.building)
        await self.refresh()

    async def refresh(self) -> Sequence[Build]:
        """Look at the storage; another node may have switched. Begins a build where this release has none."""
        builds = await self._views.builds()
        standings = self._sorted(builds)
        missing = [name for name, one in standings.items() if one.own is None]
        for name in missing:
            await self._views.begin(*self._declared[name])
        if missing:
            builds = await self._views.builds()
            standings = self._sorted(builds)
        if standings != self._standings:
            self._standings = standings
            self._changed.set()
            self._changed = asyncio.Event()
        return builds

    def _sorted(self, builds: Sequence[Build]) -> dict[str, Standing]:
        return {name: standing(*declared, builds) for name, declared in self._declared.items()}

    async def anew(self, projection: Projection) -> Build:
        """The build that takes the place of the present one without a change: begun, or the one that is under way."""
        build = await self._views.begin(projection, fingerprint(projection), anew=True)
        await self.refresh()
        return build

    async def switch(self, build: Build) -> None:
        """Let a build serve that has come to the end of every log."""
        await self._views.switch(build)
        await self.refresh()

    @property
    def declared(self) -> frozenset[str]:
        """The names of the projections that this process runs."""
        return frozenset(self._declared)

    def of(self, projection: Projection) -> Standing:
        """What this process makes of the builds of one projection."""
        return self._standings.get(projection.name, Standing())

    def filled(self) -> list[tuple[Projection, Build]]:
        """What this process fills."""
        return [
            (declared, build)
            for name, (declared, _) in self._declared.items()
            for build in self._standings[name].filled
        ]

    async def keep(self, owner: Projection) -> None:
        """Have the one build of a ledger: it follows from no log, so it is never made anew.

        Raises ``Internal`` when the storage has one that was declared otherwise, for what is in there would be lost.
        """
        print_ = fingerprint(owner)
        if any(one.projection == owner.name and one.fingerprint != print_ for one in await self._views.builds()):
            raise Internal(f"the ledger {owner.name} was declared otherwise before")
        await self._views.switch(await self._views.begin(owner, print_))
        self._ledgers.add(owner.name)

    def serving(self, projection: Projection) -> int:
        """The number of the build that lists read; raises ``LookupError`` while there is none."""
        if projection.name in self._ledgers:
            return LEDGER_BUILD
        build = self.of(projection).readable
        if build is None:
            raise LookupError(f"no build of {projection.name} can be read")
        return build.number

    async def changed_within(self, seconds: float) -> None:
        """Return when this process has noticed a change of builds, at the latest after ``seconds``."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()
