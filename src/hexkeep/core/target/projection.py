"""The view of targets."""

from collections.abc import Iterable
from datetime import timedelta

from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.view import Column, ColumnType, Delete, Patch, Projection, Put, Row, RowOperation, Table
from hexkeep.core.target.events import TargetAdded, TargetChanged, TargetRemoved
from hexkeep.core.target.state import TARGET

TARGETS = Table(
    "targets",
    columns=(
        Column("target_id"),
        Column("name", search=True),
        Column("kind"),
        Column("url"),
        Column("timeout_milliseconds", ColumnType.INTEGER),
        Column("interrupt_on_error", ColumnType.BOOLEAN),
    ),
    key=("target_id",),
    indexes=(("name",),),
    of=TARGET.name,
)


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event. Another signing key changes nothing but the version."""
    target_id = recorded.aggregate_id
    match recorded.event:
        case TargetAdded() as event:
            yield Put(TARGETS, {"target_id": target_id, **_changeable(event)})
        case TargetChanged() as event:
            yield Patch(TARGETS, (target_id,), _changeable(event))
        case TargetRemoved():
            yield Delete(TARGETS, (target_id,))


def _changeable(event: TargetAdded | TargetChanged) -> Row:
    return {
        "name": event.name,
        "kind": event.kind,
        "url": event.url,
        "timeout_milliseconds": event.timeout // timedelta(milliseconds=1),
        "interrupt_on_error": event.interrupt_on_error,
    }


PROJECTION = Projection("targets", 1, Log.DURABLE, (TARGETS,), TARGET.events, project)
