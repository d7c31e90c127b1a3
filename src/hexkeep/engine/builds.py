"""Builds: which filling of a projection's tables serves, and which one is being filled beside it."""

import hashlib
from collections.abc import Iterable

from pydantic import JsonValue

from hexkeep.core.kernel.view import Projection, Table
from hexkeep.engine.codec import canonical
from hexkeep.ports.views import BuildState, Views


def fingerprint(projection: Projection) -> str:
    """What changes whenever the tables of a projection are declared otherwise: 16 hexadecimal digits."""
    return hashlib.sha256(canonical([_shape(table) for table in projection.tables])).hexdigest()[:16]


def _shape(table: Table) -> list[JsonValue]:
    columns: list[JsonValue] = [[one.name, one.type.value, one.nullable, one.search] for one in table.all_columns()]
    return [table.name, columns, [*table.key], [[*index] for index in table.indexes], table.of]


class Builds:
    """The builds that this process reads and fills."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._numbers: dict[str, int] = {}

    async def start(self, projections: Iterable[Projection]) -> None:
        """Make the builds that are missing."""
        for projection in projections:
            build = await self._views.begin(projection, fingerprint(projection))
            if build.state is BuildState.BUILDING:
                await self._views.switch(build)
            self._numbers[projection.name] = build.number

    async def keep(self, owner: Projection) -> int:
        """The number of the one build that a ledger has: it follows from no log, so it is never made anew."""
        build = await self._views.begin(owner, fingerprint(owner))
        await self._views.switch(build)
        self._numbers[owner.name] = build.number
        return build.number

    def serving(self, projection: Projection) -> int:
        """The number of the build that queries read."""
        return self._numbers[projection.name]
