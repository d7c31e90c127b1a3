"""What can be read of groups and of who is in them."""

import enum
from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from hexkeep.core.group.projection import GROUP_MEMBERS, GROUPS
from hexkeep.core.group.state import GROUP, USER_GROUPS
from hexkeep.core.kernel.access import listed, reach, visible_row
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import Unauthenticated
from hexkeep.core.kernel.fields import Id, Line
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, page_of
from hexkeep.core.kernel.view import And, Condition, Contains, Row, eq


class GroupView(RowMessage):
    """A group as its readers see it."""

    group_id: str
    organization_id: str
    name: str
    description: str
    version: int
    created_at: datetime
    changed_at: datetime


class GetGroup(Message):
    """The group to read."""

    group_id: Id


class GroupSort(enum.StrEnum):
    """What groups can be sorted by; unspecified is by id, and so by age."""

    UNSPECIFIED = "unspecified"
    NAME = "name"
    CREATED_AT = "created_at"


class ListGroups(PageRequest):
    """Which groups to list."""

    organization_id: Line = Field(default="", description="Only those of this organization.")
    name: Line = Field(default="", description="Only those whose name contains this, whatever its case.")
    sort: GroupSort = GroupSort.UNSPECIFIED


class GroupPage(Page):
    """Some groups."""

    groups: tuple[GroupView, ...]


class GroupMemberView(RowMessage):
    """A user who is in a group."""

    group_id: str
    user_id: str
    added_at: datetime


class ListGroupMembers(PageRequest):
    """The group whose members to list, by their ids."""

    group_id: Id


class GroupMemberPage(Page):
    """Some members."""

    members: tuple[GroupMemberView, ...]


class UserGroupView(Message):
    """A group that a user is in."""

    group_id: str
    organization_id: str
    name: str


class ListUserGroups(PageRequest):
    """The user whose groups to list, by their ids."""

    user_id: Id


class UserGroupPage(Page):
    """Some groups of a user."""

    groups: tuple[UserGroupView, ...]


class MyGroups(Message):
    """All groups that the caller is in."""

    groups: tuple[UserGroupView, ...]


def get_group(request: GetGroup, ctx: Context) -> Decision[GroupView]:
    """Read one group."""
    return Decision(GroupView.of(visible_row(ctx, GROUPS, request.group_id)))


def list_groups(request: ListGroups, ctx: Context) -> Decision[GroupPage]:
    """List those groups that the caller may read."""
    found = listed(ctx, request, page_of(GROUPS, request, And(tuple(_filters(request))), sort=request.sort))
    views = tuple(GroupView.of(row) for row in found.rows)
    return Decision(GroupPage(groups=views, next_cursor=found.next_cursor, total=found.total))


def list_group_members(request: ListGroupMembers, ctx: Context) -> Decision[GroupMemberPage]:
    """List who is in a group."""
    group = ctx.load(GROUP, request.group_id)
    reach(ctx, "group.read", exists=group.exists, organization=group.organization_id)
    found = listed(ctx, request, page_of(GROUP_MEMBERS, request, eq("group_id", request.group_id)))
    views = tuple(GroupMemberView.of(row) for row in found.rows)
    return Decision(GroupMemberPage(members=views, next_cursor=found.next_cursor, total=found.total))


def list_user_groups(request: ListUserGroups, ctx: Context) -> Decision[UserGroupPage]:
    """List those groups of a user that the caller may read."""
    found = listed(ctx, request, page_of(GROUP_MEMBERS, request, eq("user_id", request.user_id)))
    views = tuple(_of_row(row, ctx) for row in found.rows)
    return Decision(UserGroupPage(groups=views, next_cursor=found.next_cursor, total=found.total))


def list_my_groups(_: Empty, ctx: Context) -> Decision[MyGroups]:
    """List the groups that the caller is in."""
    if not ctx.caller.user_id:
        raise Unauthenticated("Only a user is in groups")
    mine = ctx.load(USER_GROUPS, ctx.caller.user_id).groups
    found = ((one, ctx.load(GROUP, one.group_id)) for one in mine)
    views = (
        UserGroupView(group_id=one.group_id, organization_id=one.organization_id, name=group.name)
        for one, group in found
        if group.exists
    )
    return Decision(MyGroups(groups=tuple(views)))


def _of_row(row: Row, ctx: Context) -> UserGroupView:
    group_id = str(row["group_id"])
    return UserGroupView(
        group_id=group_id, organization_id=str(row["organization_id"]), name=ctx.load(GROUP, group_id).name
    )


def _filters(request: ListGroups) -> Iterator[Condition]:
    if request.organization_id:
        yield eq("organization_id", request.organization_id)
    if request.name:
        yield Contains("name", request.name)
