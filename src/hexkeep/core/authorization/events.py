"""What happens to an authorization: the roles of a user or a group in one project."""

from hexkeep.core.kernel.event import Event, Fields


def _without_groups(fields: Fields) -> Fields:
    return {**fields, "group_id": "", "project_grant_id": ""}


class AuthorizationAdded(Event):
    """A user or a group, one of them, has these roles in a project.

    ``organization_id`` manages the authorization: the project's own, or that to which the project is granted.
    """

    type = "authorization.added"
    revision = 2
    upcasters = {1: _without_groups}  # noqa: RUF012 - declared as a class variable by the base

    organization_id: str
    user_id: str
    group_id: str
    project_id: str
    project_grant_id: str
    roles: tuple[str, ...]


class AuthorizationChanged(Event):
    """The user or the group has these roles instead."""

    type = "authorization.changed"

    roles: tuple[str, ...]


class AuthorizationDeactivated(Event):
    """The roles do not count for the time being."""

    type = "authorization.deactivated"


class AuthorizationReactivated(Event):
    """The roles count again."""

    type = "authorization.reactivated"


class AuthorizationRemoved(Event):
    """There are no such roles any more."""

    type = "authorization.removed"
