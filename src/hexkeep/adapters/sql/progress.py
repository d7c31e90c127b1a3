"""Progress: the tables of checkpoints and of parked aggregates, and every statement over them."""

from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.schema import CreateTable

from hexkeep.adapters.sql.cells import DbValue, time_in, time_out
from hexkeep.adapters.sql.conditions import Slots
from hexkeep.adapters.sql.inserts import insert_into
from hexkeep.adapters.sql.schema import INSTANCE, integer_type, new_table, text_type
from hexkeep.adapters.sql.statements import Compiled, Statement, compile_sql
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import FIRST_EPOCH
from hexkeep.ports.views import Advance, Checkpoint, CheckpointKey, Parked, ParkedPlace

_PLACE = ("projection", "version", INSTANCE, "log")  # `version` is the number of the build
_AGGREGATE = ("aggregate_type", "aggregate_id")
_ORDER = ("parked_at", "position", INSTANCE, "log", *_AGGREGATE)
_FIRST: tuple[DbValue, ...] = (-(1 << 62), -1, "", "", "", "")
"""In front of every place on the list of the parked."""
_INTEGERS = {"version", "position", "epoch", "attempts", "parked_at"}


class Progress:
    """Builds the statements over ``checkpoints`` and ``parked`` for one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._checkpoints = self._table("checkpoints", _PLACE, ("position", "epoch"))
        self._parked = self._table("parked", (*_PLACE, *_AGGREGATE), ("position", "error", "attempts", "parked_at"))
        self._born = self._compile(self._advance_from_nothing())
        self._moved = self._compile(self._advance_from_somewhere())
        self._park = self._compile(self._upsert(self._parked, Slots()))
        self._unpark = self._compile(self._by(self._parked, sa.delete(self._parked), (*_PLACE, *_AGGREGATE)))
        self._one = self._compile(self._by(self._checkpoints, sa.select(self._checkpoints), _PLACE))
        self._all = self._compile(self._by(self._checkpoints, sa.select(self._checkpoints), _PLACE[:2]))
        self._forget = [
            self._compile(self._by(table, sa.delete(table), _PLACE[:2])) for table in (self._checkpoints, self._parked)
        ]
        self._parked_all = self._compile(self._oldest(_PLACE[:2]))
        self._parked_of = self._compile(self._oldest(_PLACE[:3]))

    def ddl(self) -> Iterator[str]:
        """The statements that create both tables where they are missing."""
        for table in (self._checkpoints, self._parked):
            yield str(CreateTable(table, if_not_exists=True).compile(dialect=self._dialect)).strip()

    def advance(self, advance: Advance) -> Statement:
        """Move the checkpoint. It stood where it was expected if and only if this changes exactly one row."""
        values = (*_place(advance.key), advance.position, advance.epoch)
        if advance.expected == 0:
            return self._born.fill(values)
        return self._moved.fill((*values, advance.expected))

    def park(self, advance: Advance) -> list[Statement]:
        """Put aggregates on the list of the parked, then take others off it."""
        on = [self._park.fill(_parked_values(parked)) for parked in advance.park]
        return on + [self._unpark.fill((*_place(advance.key), *pair)) for pair in advance.unpark]

    def forget(self, projection: str, build: int) -> list[Statement]:
        """Remove the checkpoints and the parked aggregates of one build."""
        return [statement.fill((projection, build)) for statement in self._forget]

    def checkpoint(self, key: CheckpointKey) -> Statement:
        """One checkpoint; read the answer with ``checkpoints_of``, none means ``never_run``."""
        return self._one.fill(_place(key))

    def checkpoints(self, projection: str, build: int) -> Statement:
        """Every checkpoint of one build."""
        return self._all.fill((projection, build))

    def parked(
        self, projection: str, build: int, instance: str | None, after: ParkedPlace | None, limit: int
    ) -> Statement:
        """A page of the parked aggregates of one build, oldest first."""
        behind = _FIRST if after is None else (time_in(after[0]), *after[1:])
        if instance is None:
            return self._parked_all.fill((projection, build, *behind, limit))
        return self._parked_of.fill((projection, build, instance, *behind, limit))

    def _table(self, name: str, key: tuple[str, ...], rest: tuple[str, ...]) -> sa.Table:
        columns = [
            sa.Column(
                column,
                integer_type(self._dialect) if column in _INTEGERS else text_type(self._dialect),
                primary_key=column in key,
                autoincrement=False,
                nullable=False,
            )
            for column in (*key, *rest)
        ]
        return new_table(self._dialect, name, columns)

    def _compile(self, clause: sa.ClauseElement) -> Compiled:
        return compile_sql(self._dialect, clause)

    def _advance_from_nothing(self) -> sa.ClauseElement:
        """The first step makes the checkpoint, unless somebody else's did and has moved on."""
        return self._upsert(self._checkpoints, Slots(), self._checkpoints.c.position == sa.literal_column("0"))

    def _advance_from_somewhere(self) -> sa.ClauseElement:
        table, slots = self._checkpoints, Slots()
        place = [table.c[name] == slots.like(table.c[name])[0] for name in _PLACE]
        moved = {name: slots.like(table.c[name])[0] for name in ("position", "epoch")}
        return sa.update(table).where(*place, table.c.position == slots.like(table.c.position)[0]).values(moved)

    def _upsert(self, table: sa.Table, slots: Slots, where: sa.ColumnElement[bool] | None = None) -> sa.ClauseElement:
        insert = insert_into(self._dialect, table).values({column.name: slots.like(column)[0] for column in table.c})
        changed = {column.name: insert.excluded[column.name] for column in table.c if not column.primary_key}
        return insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed, where=where)

    def _oldest(self, names: Sequence[str]) -> sa.ClauseElement:
        """A page of parked aggregates, of which ``names`` are given, behind a place on the list."""
        table, slots = self._parked, Slots()
        given = [table.c[name] == slots.like(table.c[name])[0] for name in names]
        order = [table.c[name] for name in _ORDER]
        behind = sa.tuple_(*order) > sa.tuple_(*(slots.like(column)[0] for column in order))
        page = sa.select(table).where(*given, behind).order_by(*order).limit(slots.next(sa.Integer()))
        return page.offset(sa.literal_column("0", sa.Integer())) if self._dialect.name == "sqlite" else page

    @staticmethod
    def _by(
        table: sa.Table, statement: sa.Select[tuple[DbValue, ...]] | sa.Delete, names: Sequence[str]
    ) -> sa.ClauseElement:
        slots = Slots()
        return statement.where(*(table.c[name] == slots.like(table.c[name])[0] for name in names))


def never_run(key: CheckpointKey) -> Checkpoint:
    """The checkpoint of a build that has not run on a log yet."""
    return Checkpoint(key, 0, FIRST_EPOCH)


def checkpoints_of(fetched: Iterable[Sequence[DbValue]]) -> list[Checkpoint]:
    """What ``checkpoint`` and ``checkpoints`` fetched."""
    return [Checkpoint(_key(row), _int(row[4]), _int(row[5])) for row in fetched]


def parked_of(fetched: Iterable[Sequence[DbValue]]) -> list[Parked]:
    """What ``parked`` fetched."""
    return [
        Parked(_key(row), str(row[4]), str(row[5]), _int(row[6]), str(row[7]), _int(row[8]), time_out(_int(row[9])))
        for row in fetched
    ]


def _int(cell: DbValue) -> int:
    return int(cell or 0)


def _place(key: CheckpointKey) -> tuple[DbValue, ...]:
    return (key.projection, key.build, key.instance, key.log.value)


def _key(row: Sequence[DbValue]) -> CheckpointKey:
    return CheckpointKey(str(row[0]), _int(row[1]), str(row[2]), Log(str(row[3])))


def _parked_values(parked: Parked) -> tuple[DbValue, ...]:
    named = (parked.aggregate_type, parked.aggregate_id, parked.position, parked.error, parked.attempts)
    return (*_place(parked.key), *named, time_in(parked.parked_at))
