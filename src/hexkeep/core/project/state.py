"""The state of a project: applications that belong together, and the roles users can have in them."""

from dataclasses import dataclass, replace

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.project.events import (
    ProjectAdded,
    ProjectChanged,
    ProjectDeactivated,
    ProjectReactivated,
    ProjectRemoved,
    ProjectRoleAdded,
    ProjectRoleChanged,
    ProjectRoleRemoved,
)


@dataclass(frozen=True, slots=True)
class ProjectRole:
    """A role of a project. ``key`` is what applications see and never changes."""

    key: str
    display_name: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """A project. Whoever serves one of its applications has to see that the project and its organization are active.

    ``role_assertion`` puts a user's roles into tokens unasked. With ``authorization_required`` only users who have an
    active authorization may sign in to its applications.
    """

    status: Status = Status.UNSPECIFIED
    organization_id: str = ""
    name: str = ""
    roles: tuple[ProjectRole, ...] = ()
    role_assertion: bool = False
    authorization_required: bool = False

    @property
    def exists(self) -> bool:
        """Whether there is such a project, switched off or not."""
        return self.status.exists

    @property
    def active(self) -> bool:
        """Whether its applications may be used."""
        return self.status is Status.ACTIVE

    def role(self, key: str) -> ProjectRole | None:
        """The role of that key, or ``None``."""
        return next((role for role in self.roles if role.key == key), None)

    def without(self, key: str) -> tuple[ProjectRole, ...]:
        """Every role but that of ``key``."""
        return tuple(role for role in self.roles if role.key != key)


def evolve(state: Project, event: Event) -> Project:
    """The state after ``event``; an event that says nothing about a project leaves it as it was."""
    match event:
        case ProjectAdded():
            return Project(Status.ACTIVE, **event.model_dump())
        case ProjectChanged():
            return replace(state, **event.model_dump())
        case ProjectDeactivated():
            return replace(state, status=Status.INACTIVE)
        case ProjectReactivated():
            return replace(state, status=Status.ACTIVE)
        case ProjectRemoved():
            return Project(Status.REMOVED)
        case _:
            return replace(state, roles=_roles(state, event))


def _roles(state: Project, event: Event) -> tuple[ProjectRole, ...]:
    match event:
        case ProjectRoleAdded(key=key, display_name=display_name, group=group):
            return (*state.without(key), ProjectRole(key, display_name, group))
        case ProjectRoleChanged(key=key, display_name=display_name, group=group):
            changed = ProjectRole(key, display_name, group)
            return tuple(changed if role.key == key else role for role in state.roles)
        case ProjectRoleRemoved(key=key):
            return state.without(key)
        case _:
            return state.roles


PROJECT: Aggregate[Project] = Aggregate(
    name="project",
    log=Log.DURABLE,
    initial=Project(),
    events=(
        ProjectAdded,
        ProjectChanged,
        ProjectDeactivated,
        ProjectReactivated,
        ProjectRemoved,
        ProjectRoleAdded,
        ProjectRoleChanged,
        ProjectRoleRemoved,
    ),
    evolve=evolve,
)
