"""What happens to a project and its roles."""

from hexkeep.core.kernel.event import Event


class ProjectAdded(Event):
    """An organization has a new project, active from the start and without roles."""

    type = "project.added"

    organization_id: str
    name: str
    role_assertion: bool
    authorization_required: bool


class ProjectChanged(Event):
    """The project's name or settings are now these."""

    type = "project.changed"

    name: str
    role_assertion: bool
    authorization_required: bool


class ProjectDeactivated(Event):
    """None of its applications may be used."""

    type = "project.deactivated"


class ProjectReactivated(Event):
    """It is as it was before it was deactivated."""

    type = "project.reactivated"


class ProjectRemoved(Event):
    """It is gone for good, and its applications and authorizations are worth nothing."""

    type = "project.removed"


class ProjectRoleAdded(Event):
    """Users can be given a new role in the project."""

    type = "project.role.added"

    key: str
    display_name: str
    group: str


class ProjectRoleChanged(Event):
    """A role is shown otherwise."""

    type = "project.role.changed"

    key: str
    display_name: str
    group: str


class ProjectRoleRemoved(Event):
    """Nobody has this role any more, nor can be given it."""

    type = "project.role.removed"

    key: str
