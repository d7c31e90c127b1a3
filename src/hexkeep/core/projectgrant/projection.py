"""The views of grants: one for those who grant, and one for those to whom a project is granted."""

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
from hexkeep.core.projectgrant.events import (
    ProjectGrantAdded,
    ProjectGrantChanged,
    ProjectGrantDeactivated,
    ProjectGrantReactivated,
    ProjectGrantRemoved,
)
from hexkeep.core.projectgrant.state import PROJECT_GRANT

COLUMNS = (
    Column("project_grant_id"),
    Column("organization_id"),
    Column("project_id"),
    Column("granted_organization_id"),
    Column("roles", ColumnType.TEXTS),
    Column("status"),
)
PROJECT_GRANTS = Table(
    "project_grants",
    columns=COLUMNS,
    key=("project_grant_id",),
    indexes=(("project_id",), ("organization_id",)),
    of=PROJECT_GRANT.name,
    visibility=Visibility(organization="organization_id", project="project_id"),
)
GRANTED_PROJECTS = Table(
    "granted_projects",
    columns=COLUMNS,
    key=("project_grant_id",),
    indexes=(("granted_organization_id",),),
    of=PROJECT_GRANT.name,
    visibility=Visibility(organization="granted_organization_id", project_grant="project_grant_id"),
)


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event, on both tables."""
    for table in (PROJECT_GRANTS, GRANTED_PROJECTS):
        yield from _on(table, recorded)


def _on(table: Table, recorded: Recorded[Event]) -> Iterable[RowOperation]:
    key = (recorded.aggregate_id,)
    match recorded.event:
        case ProjectGrantAdded() as event:
            own = {"project_grant_id": recorded.aggregate_id, "status": Status.ACTIVE.value}
            yield Put(table, {**own, **event.model_dump()})
        case ProjectGrantChanged(roles=roles):
            yield Patch(table, key, {"roles": roles})
        case ProjectGrantDeactivated():
            yield Patch(table, key, {"status": Status.INACTIVE.value})
        case ProjectGrantReactivated():
            yield Patch(table, key, {"status": Status.ACTIVE.value})
        case ProjectGrantRemoved():
            yield Delete(table, key)


PROJECTION = Projection(
    "project_grants", 1, Log.DURABLE, (PROJECT_GRANTS, GRANTED_PROJECTS), PROJECT_GRANT.events, project
)
