"""The view of executions."""

from collections.abc import Iterable

from hexkeep.core.execution.events import ExecutionRemoved, ExecutionSet
from hexkeep.core.execution.state import EXECUTION
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.view import Column, ColumnType, Delete, Projection, Put, RowOperation, Table

EXECUTIONS = Table(
    "executions",
    columns=(
        Column("execution_id"),
        Column("trigger"),
        Column("selector"),
        Column("name", search=True),
        Column("target_ids", ColumnType.TEXTS),
    ),
    key=("execution_id",),
    indexes=(("trigger",), ("name",)),
    of=EXECUTION.name,
)


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event."""
    match recorded.event:
        case ExecutionSet() as event:
            yield Put(EXECUTIONS, {"execution_id": recorded.aggregate_id, **event.model_dump()})
        case ExecutionRemoved():
            yield Delete(EXECUTIONS, (recorded.aggregate_id,))


PROJECTION = Projection("executions", 1, Log.DURABLE, (EXECUTIONS,), EXECUTION.events, project)
