"""Builds: the table of the fillings of projections, every statement over it, and which build a caller gets."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.schema import CreateTable

from hexkeep.adapters.sql.cells import DbValue, time_in, time_out
from hexkeep.adapters.sql.conditions import Slots
from hexkeep.adapters.sql.inserts import insert_into
from hexkeep.adapters.sql.schema import integer_type, new_table, text_type
from hexkeep.adapters.sql.statements import Statement, compile_sql
from hexkeep.core.kernel.view import Projection
from hexkeep.ports.views import Build, BuildState

DISCARDED = "discarded"
"""The state of a build that is gone. Its row stays, so that its number is never used again."""
PREPARING = "preparing"
"""The state of a build whose tables are still being made, where DDL is no part of a transaction. Nobody sees it."""
_UNSEEN = frozenset({DISCARDED, PREPARING})
_INTEGERS = {"number", "version", "since"}
_KEY = ("projection", "number")
Cells = Sequence[DbValue]


class BuildTable:
    """Builds the statements over ``builds`` for one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        columns = ("projection", "number", "version", "fingerprint", "state", "since", "tables")
        self._table = table = new_table(
            dialect,
            "builds",
            [
                sa.Column(
                    name,
                    integer_type(dialect) if name in _INTEGERS else text_type(dialect),
                    primary_key=name in _KEY,
                    autoincrement=False,
                    nullable=False,
                )
                for name in columns
            ],
        )
        order = sa.select(table).order_by(table.c.projection, table.c.number)
        self._all = compile_sql(dialect, order)
        self._of = compile_sql(dialect, order.where(table.c.projection == Slots().like(table.c.projection)[0]))
        self._add = compile_sql(dialect, self._insert())
        self._change = compile_sql(dialect, self._update())

    def ddl(self) -> Iterator[str]:
        """The statement that creates the table where it is missing."""
        yield str(CreateTable(self._table, if_not_exists=True).compile(dialect=self._dialect)).strip()

    def all(self) -> Statement:
        """Every build, discarded ones too."""
        return self._all.fill(())

    def of(self, projection: str) -> Statement:
        """Every build of one projection, discarded ones too."""
        return self._of.fill((projection,))

    def add(self, build: Build, tables: Iterable[str]) -> Statement:
        """A new build."""
        named = (build.projection, build.number, build.version, build.fingerprint, build.state.value)
        return self._add.fill((*named, time_in(build.since), json.dumps([*tables])))

    def change(self, build: Build, state: str, now: datetime) -> Statement:
        """Another state for one build."""
        return self._change.fill((state, time_in(now), build.projection, build.number))

    def _insert(self) -> sa.ClauseElement:
        slots = Slots()
        return insert_into(self._dialect, self._table).values(
            {column.name: slots.like(column)[0] for column in self._table.c}
        )

    def _update(self) -> sa.ClauseElement:
        slots, table = Slots(), self._table
        changed = {name: slots.like(table.c[name])[0] for name in ("state", "since")}
        return sa.update(table).values(changed).where(*(table.c[name] == slots.like(table.c[name])[0] for name in _KEY))


def builds_of(fetched: Iterable[Cells]) -> list[Build]:
    """The builds that exist, of the rows that ``all`` or ``of`` fetched."""
    return [_build(row) for row in fetched if row[4] not in _UNSEEN]


def tables_of(fetched: Iterable[Cells], build: Build) -> list[str]:
    """The names of a build's tables, none when it was discarded."""
    for row in fetched:
        if (row[0], row[1]) == (build.projection, build.number) and row[4] != DISCARDED:
            return [str(name) for name in json.loads(str(row[6]))]
    return []


def chosen(fetched: Sequence[Cells], projection: Projection, fingerprint: str, *, anew: bool) -> Build | None:
    """The build that a caller of ``Views.begin`` gets, or ``None`` when a new one has to be made."""
    alike = [one for one in builds_of(fetched) if (one.version, one.fingerprint) == (projection.version, fingerprint)]
    for state in (BuildState.BUILDING,) if anew else (BuildState.BUILDING, BuildState.SERVING):
        for build in alike:
            if build.state is state:
                return build
    return None


def announced(fetched: Iterable[Cells], projection: Projection, fingerprint: str) -> Build | None:
    """The build, as it is going to be, whose tables somebody is making or was when it was broken off."""
    for row in fetched:
        if (row[2], row[3], row[4]) == (projection.version, fingerprint, PREPARING):
            return _build((*row[:4], BuildState.BUILDING.value, row[5]))
    return None


def abandoned(fetched: Iterable[Cells], before: datetime) -> list[tuple[Build, list[str]]]:
    """Builds whose tables nobody has gone on making since a moment, with the names of the tables."""
    return [
        (_build((*row[:4], BuildState.RETIRED.value, row[5])), [str(name) for name in json.loads(str(row[6]))])
        for row in fetched
        if row[4] == PREPARING and time_out(int(row[5] or 0)) < before
    ]


def new_build(fetched: Sequence[Cells], projection: Projection, fingerprint: str, now: datetime) -> Build:
    """A build with the next number."""
    number = 1 + max((int(row[1] or 0) for row in fetched), default=0)
    return Build(projection.name, number, projection.version, fingerprint, BuildState.BUILDING, now)


def kept(fetched: Sequence[Cells], build: Build) -> Build | None:
    """The build as it is now, or ``None`` when it was discarded."""
    wanted = (build.projection, build.number)
    return next((one for one in builds_of(fetched) if (one.projection, one.number) == wanted), None)


def serving(fetched: Sequence[Cells]) -> Build | None:
    """The build of a projection that serves."""
    return next((one for one in builds_of(fetched) if one.state is BuildState.SERVING), None)


def _build(row: Cells) -> Build:
    projection, number, version, fingerprint, state, since = row[:6]
    named = (str(projection), int(number or 0), int(version or 0), str(fingerprint))
    return Build(*named, BuildState(str(state)), time_out(int(since or 0)))
