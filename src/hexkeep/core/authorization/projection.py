"""The view of authorizations."""

from collections.abc import Iterable

from hexkeep.core.authorization.events import (
    AuthorizationAdded,
    AuthorizationChanged,
    AuthorizationDeactivated,
    AuthorizationReactivated,
    AuthorizationRemoved,
)
from hexkeep.core.authorization.state import AUTHORIZATION
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

AUTHORIZATIONS = Table(
    "authorizations",
    columns=(
        Column("authorization_id"),
        Column("organization_id"),
        Column("user_id"),
        Column("group_id"),
        Column("project_id"),
        Column("project_grant_id"),
        Column("roles", ColumnType.TEXTS),
        Column("status"),
    ),
    key=("authorization_id",),
    indexes=(
        ("user_id", "project_id"),
        ("group_id", "project_id"),
        ("project_id",),
        ("organization_id",),
        ("project_grant_id",),
    ),
    of=AUTHORIZATION.name,
    visibility=Visibility(
        organization="organization_id", project="project_id", user="user_id", project_grant="project_grant_id"
    ),
)
"""Public for reading by other slices, by user, group or project."""


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event."""
    key = (recorded.aggregate_id,)
    match recorded.event:
        case AuthorizationAdded() as event:
            own = {"authorization_id": recorded.aggregate_id, "status": Status.ACTIVE.value}
            yield Put(AUTHORIZATIONS, {**own, **event.model_dump()})
        case AuthorizationChanged(roles=roles):
            yield Patch(AUTHORIZATIONS, key, {"roles": roles})
        case AuthorizationDeactivated():
            yield Patch(AUTHORIZATIONS, key, {"status": Status.INACTIVE.value})
        case AuthorizationReactivated():
            yield Patch(AUTHORIZATIONS, key, {"status": Status.ACTIVE.value})
        case AuthorizationRemoved():
            yield Delete(AUTHORIZATIONS, key)


PROJECTION = Projection("authorizations", 2, Log.DURABLE, (AUTHORIZATIONS,), AUTHORIZATION.events, project)
