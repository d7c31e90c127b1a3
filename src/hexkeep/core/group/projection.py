"""The views of groups and of who is in them."""

from collections.abc import Iterable

from hexkeep.core.group.events import GroupAdded, GroupChanged, GroupMemberAdded, GroupMemberRemoved, GroupRemoved
from hexkeep.core.group.state import GROUP, USER_GROUPS
from hexkeep.core.kernel.event import Event, Log, Recorded
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
    Visibility,
)
from hexkeep.core.user.events import SubjectErased, UserRemoved

GROUPS = Table(
    "groups",
    columns=(
        Column("group_id"),
        Column("organization_id"),
        Column("name", search=True),
        Column("description"),
    ),
    key=("group_id",),
    indexes=(("organization_id", "name"), ("name",)),
    of=GROUP.name,
    visibility=Visibility(organization="organization_id"),
)
GROUP_MEMBERS = Table(
    "group_members",
    columns=(
        Column("group_id"),
        Column("user_id"),
        Column("organization_id"),
        Column("added_at", ColumnType.TIME),
    ),
    key=("group_id", "user_id"),
    indexes=(("user_id",),),
    visibility=Visibility(organization="organization_id", user="user_id"),
)


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event. The rows of a removed group, and of a removed or erased user, go."""
    own = recorded.aggregate_id
    match recorded.event:
        case GroupAdded() as event:
            yield Put(GROUPS, {"group_id": own, **event.model_dump()})
        case GroupChanged() as event:
            yield Patch(GROUPS, (own,), event.model_dump())
        case GroupRemoved():
            yield Delete(GROUPS, (own,))
            yield DeleteWhere(GROUP_MEMBERS, {"group_id": own})
        case GroupMemberAdded() as event:
            yield Put(GROUP_MEMBERS, {"user_id": own, **event.model_dump(), "added_at": recorded.created_at})
        case GroupMemberRemoved(group_id=group_id):
            yield Delete(GROUP_MEMBERS, (group_id, own))
        case UserRemoved() | SubjectErased():
            yield DeleteWhere(GROUP_MEMBERS, {"user_id": own})


PROJECTION = Projection(
    "groups",
    1,
    Log.DURABLE,
    (GROUPS, GROUP_MEMBERS),
    (*GROUP.events, *USER_GROUPS.events, UserRemoved, SubjectErased),
    project,
)
