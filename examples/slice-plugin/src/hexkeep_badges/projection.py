"""The view of badges."""

from collections.abc import Iterable

from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.view import Column, ColumnType, Patch, Projection, Put, RowOperation, Table, Visibility
from hexkeep_badges.events import BadgeChanged, BadgeCreated, BadgeRetired
from hexkeep_badges.state import BADGE

BADGES = Table(
    "badges",
    columns=(
        Column("badge_id"),
        Column("organization_id"),
        Column("name", search=True),
        Column("description"),
        Column("retired", ColumnType.BOOLEAN),
    ),
    key=("badge_id",),
    indexes=(("organization_id", "name"),),
    of=BADGE.name,
    visibility=Visibility(organization="organization_id"),
)


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event."""
    badge_id = recorded.aggregate_id
    match recorded.event:
        case BadgeCreated() as event:
            yield Put(BADGES, {"badge_id": badge_id, "retired": False, **event.model_dump()})
        case BadgeChanged() as event:
            yield Patch(BADGES, (badge_id,), event.model_dump())
        case BadgeRetired():
            yield Patch(BADGES, (badge_id,), {"retired": True})


PROJECTION = Projection("badges", 1, Log.DURABLE, (BADGES,), BADGE.events, project)
