"""What happens to a group, and to the groups of a user."""

from hexkeep.core.kernel.event import Event


class GroupAdded(Event):
    """An organization has a new group, without members."""

    type = "group.added"

    organization_id: str
    name: str
    description: str


class GroupChanged(Event):
    """It is called or described otherwise."""

    type = "group.changed"

    name: str
    description: str


class GroupRemoved(Event):
    """It is gone for good: nobody is its member any more, and what it was authorized for counts for nothing."""

    type = "group.removed"


class GroupMemberAdded(Event):
    """A user is a member of a group of ``organization_id``, and has the roles that the group is given."""

    type = "user_groups.member.added"

    group_id: str
    organization_id: str


class GroupMemberRemoved(Event):
    """A user is a member no more."""

    type = "user_groups.member.removed"

    group_id: str
