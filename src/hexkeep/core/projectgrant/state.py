"""The state of a grant, and the key that allows one grant per project and organization."""

from dataclasses import dataclass, replace

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.unique import UniqueKey
from hexkeep.core.projectgrant.events import (
    ProjectGrantAdded,
    ProjectGrantChanged,
    ProjectGrantDeactivated,
    ProjectGrantReactivated,
    ProjectGrantRemoved,
)


@dataclass(frozen=True, slots=True)
class ProjectGrant:
    """A grant. ``organization_id`` is the project's owner; ``granted_organization_id`` may give ``roles`` to its own.

    Whoever counts what was given under it has to see that the granted organization is active, and which roles the
    project still has.
    """

    status: Status = Status.UNSPECIFIED
    organization_id: str = ""
    project_id: str = ""
    granted_organization_id: str = ""
    roles: tuple[str, ...] = ()

    @property
    def exists(self) -> bool:
        """Whether there is such a grant, switched off or not."""
        return self.status.exists

    @property
    def active(self) -> bool:
        """Whether what was given under it counts, as far as it depends on itself."""
        return self.status is Status.ACTIVE


KEY_KIND = "project_grant"


def project_grant_key(project_id: str, granted_organization_id: str) -> UniqueKey:
    """The key that allows an organization one grant of a project; owned by ``PROJECT_GRANT.ref(id)``."""
    return UniqueKey(KEY_KIND, project_id, granted_organization_id)


def evolve(state: ProjectGrant, event: Event) -> ProjectGrant:
    """The state after ``event``; an event that says nothing about a grant leaves it as it was."""
    match event:
        case ProjectGrantAdded():
            return ProjectGrant(Status.ACTIVE, **event.model_dump())
        case ProjectGrantChanged(roles=roles):
            return replace(state, roles=roles)
        case ProjectGrantDeactivated():
            return replace(state, status=Status.INACTIVE)
        case ProjectGrantReactivated():
            return replace(state, status=Status.ACTIVE)
        case ProjectGrantRemoved():
            return ProjectGrant(Status.REMOVED)
        case _:
            return state


PROJECT_GRANT: Aggregate[ProjectGrant] = Aggregate(
    name="project_grant",
    log=Log.DURABLE,
    initial=ProjectGrant(),
    events=(
        ProjectGrantAdded,
        ProjectGrantChanged,
        ProjectGrantDeactivated,
        ProjectGrantReactivated,
        ProjectGrantRemoved,
    ),
    evolve=evolve,
    keys=(KEY_KIND,),
)
