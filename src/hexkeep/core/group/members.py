"""Who is in a group: users are let in and taken out, a bounded number at a time."""

from typing import Annotated

from pydantic import Field

from hexkeep.core.group.access import insist_on_cover, reached
from hexkeep.core.group.events import GroupMemberAdded, GroupMemberRemoved
from hexkeep.core.group.state import GROUP, USER_GROUPS, Group
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.user.state import USER

AT_ONCE = 50
MAX_GROUPS = 50
"""How many groups a user can be in: each is looked at when a token tells roles."""

Members = Annotated[tuple[Id, ...], Field(min_length=1, max_length=AT_ONCE, description="Ids of users.")]


class AddGroupMembers(Message):
    """The users to let in."""

    group_id: Id
    user_ids: Members


class RemoveGroupMembers(Message):
    """The users to take out."""

    group_id: Id
    user_ids: Members


def add_group_members(request: AddGroupMembers, ctx: Context) -> Decision[Empty]:
    """Let users into a group: they have its roles from the next token on.

    The users are of the group's organization, or ones whom the caller may read elsewhere. The caller must be allowed to
    give all that the group is authorized for. Who is in it already stays so.
    """
    group = reached(request.group_id, ctx)
    insist_on_cover(request.group_id, ctx)
    joined = GroupMemberAdded(group_id=request.group_id, organization_id=group.organization_id)
    users = [user_id for user_id in _each(request) if _is_new(user_id, request.group_id, group, ctx)]
    return Decision(Empty(), *(USER_GROUPS.append(user_id, joined) for user_id in users))


def remove_group_members(request: RemoveGroupMembers, ctx: Context) -> Decision[Empty]:
    """Take users out of a group. Who is not in it is passed over."""
    reached(request.group_id, ctx)
    insist_on_cover(request.group_id, ctx)
    left = GroupMemberRemoved(group_id=request.group_id)
    users = [user_id for user_id in _each(request) if ctx.load(USER_GROUPS, user_id).within(request.group_id)]
    return Decision(Empty(), *(USER_GROUPS.append(user_id, left) for user_id in users))


def _each(request: AddGroupMembers | RemoveGroupMembers) -> tuple[str, ...]:
    return tuple(dict.fromkeys(request.user_ids))


def _is_new(user_id: str, group_id: str, group: Group, ctx: Context) -> bool:
    """Whether a user is not in the group yet; raises for one who is not there or in too many groups."""
    user = ctx.load(USER, user_id, guarded=True)
    known = user.organization_id == group.organization_id or ctx.caller.may(
        "user.read", organization=user.organization_id
    )
    if not (user.exists and known):
        raise NotFound("There is no such user")
    present = ctx.load(USER_GROUPS, user_id)
    if present.within(group_id):
        return False
    if len(present.groups) >= MAX_GROUPS and sum(_exists(one.group_id, ctx) for one in present.groups) >= MAX_GROUPS:
        raise FailedPrecondition(f"A user is in {MAX_GROUPS} groups at most", user_id=user_id)
    return True


def _exists(group_id: str, ctx: Context) -> bool:
    return ctx.load(GROUP, group_id).exists
