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


@dataclass(frozen=True, slots=True)
class Authorization:
    """The roles of one user in one project; ``organization_id`` is the project's owner. Ask ``granted_roles``."""

    status: Status = Status.UNSPECIFIED
    organization_id: str = ""
    user_id: str = ""
    project_id: str = ""
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


def authorization_key(user_id: str, project_id: str) -> UniqueKey:
    """The key that allows a user one authorization per project; owned by ``AUTHORIZATION.ref(id)``."""
    return UniqueKey(KEY_KIND, user_id, project_id)


def granted_roles(authorization: Authorization, project: "Project") -> tuple[str, ...]:
    """The keys of the roles that count: none unless both are active, and none that the project no longer has."""
    if not (authorization.active and project.active):
        return ()
    return tuple(key for key in authorization.roles if project.role(key))


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
