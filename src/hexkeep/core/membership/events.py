"""What happens to a user's memberships: the roles held at the instance, an organization or a project."""

from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.permission import Level


class MembershipAdded(Event):
    """The user holds these roles in a scope. ``organization_id`` is the scope's organization, empty at the instance."""

    type = "membership.added"

    level: Level
    scope_id: str
    organization_id: str
    roles: tuple[str, ...]


class MembershipChanged(Event):
    """The user holds these roles in the scope instead."""

    type = "membership.changed"

    level: Level
    scope_id: str
    roles: tuple[str, ...]


class MembershipRemoved(Event):
    """The user holds nothing in the scope any more."""

    type = "membership.removed"

    level: Level
    scope_id: str
