"""What can be done to a group, except to its members."""

from pydantic import Field

from hexkeep.core.group.access import reached
from hexkeep.core.group.events import GroupAdded, GroupChanged, GroupRemoved
from hexkeep.core.group.state import GROUP, group_name_key
from hexkeep.core.kernel.decision import Change, Context, Decision
from hexkeep.core.kernel.fields import Id, Line, Name
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.kernel.update import Conditional, UpdateRequest, expect
from hexkeep.core.organization.state import ORGANIZATION


class CreateGroup(Message):
    """A new group."""

    organization_id: Id
    name: Name = Field(description="Unique in the organization, whatever its case.", examples=["Editors"])
    description: Line = ""


class GroupCreated(Message):
    """The group there is now."""

    group_id: str


class UpdateGroup(UpdateRequest):
    """What to change about a group."""

    group_id: Id
    name: Name | None = None
    description: Line | None = None


class DeleteGroup(Conditional):
    """The group to remove."""

    group_id: Id


def create_group(request: CreateGroup, ctx: Context) -> Decision[GroupCreated]:
    """Create a group in an organization."""
    ctx.authorize(organization=request.organization_id)
    ctx.load(ORGANIZATION, request.organization_id, guarded=True).status.insist(Status.ACTIVE, "organization")
    group_id = ctx.new_id()
    return Decision(
        GroupCreated(group_id=group_id),
        GROUP.append(group_id, GroupAdded(**request.model_dump())),
        Claim(group_name_key(request.organization_id, request.name), GROUP.ref(group_id)),
    )


def update_group(request: UpdateGroup, ctx: Context) -> Decision[Empty]:
    """Change a group's name or description."""
    group = reached(request.group_id, ctx)
    expect(ctx, GROUP, request.group_id, request)
    present = GroupChanged(name=group.name, description=group.description)
    after = present.model_copy(update=request.changes())
    if after == present:
        return Decision(Empty())
    before, key = (group_name_key(group.organization_id, name) for name in (present.name, after.name))
    ref = GROUP.ref(request.group_id)
    renamed: tuple[Change, ...] = () if before == key else (Release(before, ref), Claim(key, ref))
    return Decision(Empty(), GROUP.append(request.group_id, after), *renamed)


def delete_group(request: DeleteGroup, ctx: Context) -> Decision[Empty]:
    """Remove a group for good.

    Its members lose at once what they had through it. Its authorizations stay recorded and count for nothing.
    """
    group = reached(request.group_id, ctx)
    expect(ctx, GROUP, request.group_id, request)
    return Decision(
        Empty(),
        GROUP.append(request.group_id, GroupRemoved()),
        Release(group_name_key(group.organization_id, group.name), GROUP.ref(request.group_id)),
    )
