"""What happens to an authorization: the roles of one user in one project."""

from hexkeep.core.kernel.event import Event


class AuthorizationAdded(Event):
    """A user has these roles in a project of ``organization_id``."""

    type = "authorization.added"

    organization_id: str
    user_id: str
    project_id: str
    roles: tuple[str, ...]


class AuthorizationChanged(Event):
    """The user has these roles instead."""

    type = "authorization.changed"

    roles: tuple[str, ...]


class AuthorizationDeactivated(Event):
    """The roles do not count for the time being."""

    type = "authorization.deactivated"


class AuthorizationReactivated(Event):
    """The roles count again."""

    type = "authorization.reactivated"


class AuthorizationRemoved(Event):
    """The user has no roles in the project any more."""

    type = "authorization.removed"
