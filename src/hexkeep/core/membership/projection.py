"""The view of memberships: one row per user and scope."""

from collections.abc import Iterable

from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.permission import Level
from hexkeep.core.kernel.view import (
    Column,
    ColumnType,
    Delete,
    DeleteWhere,
    Patch,
    Projection,
    Put,
    RowOperation,
    Table,
    Value,
    Visibility,
)
from hexkeep.core.membership.events import MembershipAdded, MembershipChanged, MembershipRemoved
from hexkeep.core.membership.state import MEMBERSHIPS as MEMBERSHIPS_OF_A_USER
from hexkeep.core.user.events import SubjectErased, UserRemoved

MEMBERSHIPS = Table(
    "memberships",
    columns=(
        Column("user_id"),
        Column("level"),
        Column("scope_id"),
        Column("organization_id"),
        Column("project_id"),
        Column("project_grant_id"),
        Column("roles", ColumnType.TEXTS),
        Column("created_at", ColumnType.TIME),
        Column("changed_at", ColumnType.TIME),
    ),
    key=("user_id", "level", "scope_id"),
    indexes=(("level", "scope_id"), ("organization_id",)),
    visibility=Visibility(
        organization="organization_id", project="project_id", user="user_id", project_grant="project_grant_id"
    ),
)


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event. The rows of a removed or erased user go; the events stay."""
    event, user_id, now = recorded.event, recorded.aggregate_id, recorded.created_at
    match event:
        case MembershipAdded():
            place = {"user_id": user_id, "project_id": "", "project_grant_id": ""}
            if event.level in {Level.PROJECT, Level.PROJECT_GRANT}:
                place[f"{event.level.value}_id"] = event.scope_id
            yield Put(MEMBERSHIPS, {**place, **event.model_dump(), "created_at": now, "changed_at": now})
        case MembershipChanged(roles=roles):
            yield Patch(MEMBERSHIPS, _key(user_id, event), {"roles": roles, "changed_at": now})
        case MembershipRemoved():
            yield Delete(MEMBERSHIPS, _key(user_id, event))
        case UserRemoved() | SubjectErased():
            yield DeleteWhere(MEMBERSHIPS, {"user_id": user_id})


def _key(user_id: str, event: MembershipChanged | MembershipRemoved) -> tuple[Value, ...]:
    return user_id, event.level.value, event.scope_id


PROJECTION = Projection(
    "memberships", 2, Log.DURABLE, (MEMBERSHIPS,), (*MEMBERSHIPS_OF_A_USER.events, UserRemoved, SubjectErased), project
)
