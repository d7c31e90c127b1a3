"""The state of an authorization, and what of it counts."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hexkeep.core.authorization.events import (
    AuthorizationAdded,
    AuthorizationChanged,
    AuthorizationDeactivated,
    AuthorizationReactivated,
    AuthorizationRemoved,
)
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.unique import UniqueKey

if TYPE_CHECKING:  # a state module loads no other slice: that slice's operations may need this module
    from hexkeep.core.project.state import Project
    from hexkeep.core.projectgrant.state import ProjectGrant


@dataclass(frozen=True, slots=True)
class Authorization:
    """The roles of a user or of a group in one project; what of them counts tells ``granted_roles``.

    ``organization_id`` manages it: the project's own, or that to which the project was granted by ``project_grant_id``.
    """

    status: Status = Status.UNSPECIFIED
    organization_id: str = ""
    user_id: str = ""
    group_id: str = ""
    project_id: str = ""
    project_grant_id: str = ""
    roles: tuple[str, ...] = ()

    @property
    def exists(self) -> bool:
        """Whether there is such an authorization, switched off or not."""
        return self.status.exists

    @property
    def active(self) -> bool:
        """Whether it counts, as far as it depends on itself."""
        return self.status is Status.ACTIVE


KEY_KIND = "authorization"


def authorization_key(user_id: str, project_id: str, *, group_id: str = "", project_grant_id: str = "") -> UniqueKey:
    """The key that allows a user, or a group, one authorization per project and one per grant of it.

    Owned by ``AUTHORIZATION.ref(id)``. No id has a slash in it.
    """
    subject = f"group/{group_id}" if group_id else user_id
    return UniqueKey(KEY_KIND, subject, f"{project_id}/{project_grant_id}" if project_grant_id else project_id)


def granted_roles(
    authorization: Authorization, project: "Project", grant: "ProjectGrant | None" = None
) -> tuple[str, ...]:
    """The keys of the roles that count: none unless all are active, and none that project or grant no longer have.

    ``grant`` is that of an authorization under one.
    """
    if not (authorization.active and project.active) or (grant is None) != (not authorization.project_grant_id):
        return ()
    if grant is not None and not grant.active:
        return ()
    return tuple(key for key in authorization.roles if project.role(key) and (grant is None or key in grant.roles))


def evolve(state: Authorization, event: Event) -> Authorization:
    """The state after ``event``; an event that says nothing about an authorization leaves it as it was."""
    match event:
        case AuthorizationAdded():
            return Authorization(Status.ACTIVE, **event.model_dump())
        case AuthorizationChanged(roles=roles):
            return replace(state, roles=roles)
        case AuthorizationDeactivated():
            return replace(state, status=Status.INACTIVE)
        case AuthorizationReactivated():
            return replace(state, status=Status.ACTIVE)
        case AuthorizationRemoved():
            return Authorization(Status.REMOVED)
        case _:
            return state


AUTHORIZATION: Aggregate[Authorization] = Aggregate(
    name="authorization",
    log=Log.DURABLE,
    initial=Authorization(),
    events=(
        AuthorizationAdded,
        AuthorizationChanged,
        AuthorizationDeactivated,
        AuthorizationReactivated,
        AuthorizationRemoved,
    ),
    evolve=evolve,
    keys=(KEY_KIND,),
)
