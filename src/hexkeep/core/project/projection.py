"""The view of projects. Their roles are few and read from the state."""

from collections.abc import Iterable

from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.view import (
    Column,
    ColumnType,
    Delete,
    Patch,
    Projection,
    Put,
    RowOperation,
    Table,
    Visibility,
)
from hexkeep.core.project.events import (
    ProjectAdded,
    ProjectChanged,
    ProjectDeactivated,
    ProjectReactivated,
    ProjectRemoved,
)
from hexkeep.core.project.state import PROJECT

PROJECTS = Table(
    "projects",
    columns=(
        Column("project_id"),
        Column("organization_id"),
        Column("name", search=True),
        Column("status"),
        Column("role_assertion", ColumnType.BOOLEAN),
        Column("authorization_required", ColumnType.BOOLEAN),
    ),
    key=("project_id",),
    indexes=(("organization_id", "name"), ("name",)),
    of=PROJECT.name,
    visibility=Visibility(organization="organization_id", project="project_id"),
)


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event."""
    key = (recorded.aggregate_id,)
    match recorded.event:
        case ProjectAdded() as event:
            own = {"project_id": recorded.aggregate_id, "status": Status.ACTIVE.value}
            yield Put(PROJECTS, {**own, **event.model_dump()})
        case ProjectChanged() as event:
            yield Patch(PROJECTS, key, event.model_dump())
        case ProjectDeactivated():
            yield Patch(PROJECTS, key, {"status": Status.INACTIVE.value})
        case ProjectReactivated():
            yield Patch(PROJECTS, key, {"status": Status.ACTIVE.value})
        case ProjectRemoved():
            yield Delete(PROJECTS, key)


PROJECTION = Projection("projects", 1, Log.DURABLE, (PROJECTS,), PROJECT.events, project)
