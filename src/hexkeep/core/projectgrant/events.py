"""What happens to the grant of a project to another organization."""

from hexkeep.core.kernel.event import Event


class ProjectGrantAdded(Event):
    """``organization_id`` lets ``granted_organization_id`` give these roles of its project to users of its own."""

    type = "project_grant.added"

    organization_id: str
    project_id: str
    granted_organization_id: str
    roles: tuple[str, ...]


class ProjectGrantChanged(Event):
    """It is these roles instead. One that is not among them counts for nobody who was given it under the grant."""

    type = "project_grant.changed"

    roles: tuple[str, ...]


class ProjectGrantDeactivated(Event):
    """What was given under the grant does not count for the time being."""

    type = "project_grant.deactivated"


class ProjectGrantReactivated(Event):
    """It counts again."""

    type = "project_grant.reactivated"


class ProjectGrantRemoved(Event):
    """There is no such grant any more, and what was given under it counts for nothing, for good."""

    type = "project_grant.removed"
