"""The tables that projections fill, in memory: ``hexkeep.core.kernel.rows`` and nothing else."""

from dataclasses import replace

from hexkeep.adapters.memory.part import Part
from hexkeep.core.kernel import rows as meaning
from hexkeep.core.kernel.errors import FailedPrecondition, StorageUnavailable
from hexkeep.core.kernel.view import Projection, Row, Select, Table, Value
from hexkeep.ports.clock import Clock
from hexkeep.ports.event_store import FIRST_EPOCH
from hexkeep.ports.views import Advance, Build, BuildState, Checkpoint, CheckpointKey, Parked, ParkedPlace, Views

Place = tuple[int, str, str]
"""Build, instance and table name: what holds rows of its own."""
Rows = dict[meaning.Key, Row]


class MemoryViews(Part, Views):
    """The port ``views.Views``. Rows leave as copies, so nobody can change them from outside."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._builds: dict[tuple[str, int], Build] = {}
        self._begun: dict[str, int] = {}
        self._tables: dict[tuple[int, str], str] = {}
        self._rows: dict[Place, Rows] = {}
        self._checkpoints: dict[CheckpointKey, Checkpoint] = {}
        self._parked: dict[tuple[CheckpointKey, str, str], Parked] = {}

    async def builds(self) -> list[Build]:
        """See the port."""
        return [self._builds[place] for place in sorted(self._builds)]

    async def begin(self, projection: Projection, fingerprint: str, *, anew: bool = False) -> Build:
        """See the port."""
        wanted = (projection.name, projection.version, fingerprint)
        alike = [one for one in self._builds.values() if (one.projection, one.version, one.fingerprint) == wanted]
        for state in (BuildState.BUILDING,) if anew else (BuildState.BUILDING, BuildState.SERVING):
            for build in alike:
                if build.state is state:
                    return build
        number = self._begun[projection.name] = self._begun.get(projection.name, 0) + 1
        build = Build(projection.name, number, projection.version, fingerprint, BuildState.BUILDING, self._clock.now())
        self._builds[build.projection, number] = build
        self._tables.update({(number, table.name): projection.name for table in projection.tables})
        return build

    async def switch(self, build: Build) -> bool:
        """See the port."""
        place = (build.projection, build.number)
        kept = self._builds.get(place)
        if kept is None or kept.state is not BuildState.BUILDING:
            return False
        for other, one in self._builds.items():
            if one.projection == build.projection and one.state is BuildState.SERVING:
                self._builds[other] = replace(one, state=BuildState.RETIRED, since=self._clock.now())
        self._builds[place] = replace(kept, state=BuildState.SERVING, since=self._clock.now())
        return True

    async def discard(self, build: Build) -> None:
        """See the port."""
        kept = self._builds.get((build.projection, build.number))
        if kept is None:
            return
        if kept.state is BuildState.SERVING:
            raise FailedPrecondition("This build serves")
        del self._builds[build.projection, build.number]
        gone = {place for place, name in self._tables.items() if (name, place[0]) == (kept.projection, kept.number)}
        self._tables = {place: name for place, name in self._tables.items() if place not in gone}
        self._rows = {place: rows for place, rows in self._rows.items() if (place[0], place[2]) not in gone}
        of_build = (kept.projection, kept.number)
        self._checkpoints = {
            key: one for key, one in self._checkpoints.items() if (key.projection, key.build) != of_build
        }
        self._parked = {key: one for key, one in self._parked.items() if (key[0].projection, key[0].build) != of_build}

    def wipe(self, instance: str) -> None:
        """Remove everything of an instance."""
        self._rows = {place: rows for place, rows in self._rows.items() if place[1] != instance}
        self._checkpoints = {key: one for key, one in self._checkpoints.items() if key.instance != instance}
        self._parked = {key: one for key, one in self._parked.items() if key[0].instance != instance}

    async def apply(self, advance: Advance) -> bool:
        """See the port. Raises ``ValueError`` for a row that does not fit its table."""
        key = advance.key
        if self._checkpoint(key).position != advance.expected:
            return False
        self._rows.update(self._worked(advance))
        for entry in advance.park:
            self._parked[key, entry.aggregate_type, entry.aggregate_id] = entry
        for aggregate in advance.unpark:
            self._parked.pop((key, *aggregate), None)
        self._checkpoints[key] = Checkpoint(key, advance.position, advance.epoch)
        return True

    def _worked(self, advance: Advance) -> dict[Place, Rows]:
        """The tables the operations touch, as they are afterwards; copies, for an operation may fail."""
        worked: dict[Place, Rows] = {}
        for operation in advance.operations:
            place = self._place(advance.key.build, advance.key.instance, operation.table)
            if place not in worked:
                worked[place] = dict(self._rows.get(place, {}))
            meaning.apply(worked[place], operation)
        return worked

    def _place(self, build: int, instance: str, table: Table) -> Place:
        if (build, table.name) not in self._tables:
            raise StorageUnavailable(f"There is no build {build} of the table {table.name}")
        return build, instance, table.name

    async def checkpoint(self, key: CheckpointKey) -> Checkpoint:
        """See the port."""
        return self._checkpoint(key)

    def _checkpoint(self, key: CheckpointKey) -> Checkpoint:
        return self._checkpoints.get(key, Checkpoint(key, 0, FIRST_EPOCH))

    async def checkpoints(self, projection: str, build: int) -> list[Checkpoint]:
        """See the port."""
        wanted = (projection, build)
        return [found for key, found in self._checkpoints.items() if (key.projection, key.build) == wanted]

    async def parked(
        self,
        projection: str,
        build: int,
        instance: str | None = None,
        after: ParkedPlace | None = None,
        limit: int = 1000,
    ) -> list[Parked]:
        """See the port."""
        found = [
            entry
            for (key, *_), entry in self._parked.items()
            if (key.projection, key.build) == (projection, build) and instance in {None, key.instance}
        ]
        return sorted((one for one in found if after is None or one.place > after), key=lambda one: one.place)[:limit]

    async def get(self, build: int, instance: str, table: Table, key: tuple[Value, ...]) -> Row | None:
        """See the port."""
        row = self._rows.get(self._place(build, instance, table), {}).get(key)
        return None if row is None else dict(row)

    async def select(self, build: int, instance: str, query: Select) -> list[Row]:
        """See the port."""
        meaning.insist_on_answerable(query)
        rows = self._rows.get(self._place(build, instance, query.table), {})
        return [dict(row) for row in meaning.select(rows.values(), query)]

    async def count(self, build: int, instance: str, query: Select) -> int:
        """See the port."""
        meaning.insist_on_answerable(query)
        rows = self._rows.get(self._place(build, instance, query.table), {})
        return sum(meaning.matches(row, query.where) for row in rows.values())
