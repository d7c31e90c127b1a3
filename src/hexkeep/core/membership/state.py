"""The state of a user's memberships (the aggregate's id is the user's), and what they allow."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.permission import Caller, Level, Membership, Role, Scope
from hexkeep.core.membership.events import MembershipAdded, MembershipChanged, MembershipRemoved


@dataclass(frozen=True, slots=True)
class Held:
    """The names of the roles held in one scope. ``organization_id`` is the scope's organization, if it has one."""

    level: Level
    scope_id: str
    roles: tuple[str, ...]
    organization_id: str = ""

    @property
    def scope(self) -> Scope:
        """Where the roles are held."""
        return Scope(self.level, self.scope_id)


@dataclass(frozen=True, slots=True)
class Memberships:
    """What one user holds, at most one entry per scope. They count as long as the user is active."""

    held: tuple[Held, ...] = ()

    def at(self, level: Level, scope_id: str) -> Held | None:
        """What is held in a scope, or ``None``."""
        return next((held for held in self.held if held.scope == Scope(level, scope_id)), None)


def memberships_of(state: Memberships, roles: Mapping[str, Role]) -> tuple[Membership, ...]:
    """What a caller with this state holds. Names that ``roles`` does not know at their level count for nothing."""
    return tuple(
        Membership(role, held.scope)
        for held in state.held
        for role in (roles.get(name) for name in held.roles)
        if role is not None and role.level is held.level
    )


def covers(caller: Caller, held: Held, roles: Mapping[str, Role]) -> bool:
    """Whether ``caller`` may do all that ``held`` allows, and so may give it, take it, or act on who holds it.

    ``roles`` are all that are registered; a name that is not among them allows nothing.
    """
    place = {held.level.value: held.scope_id} if held.level in {Level.PROJECT, Level.PROJECT_GRANT} else {}
    permissions = {permission for name in held.roles if name in roles for permission in roles[name].permissions}
    return all(caller.may(one, organization=held.organization_id, **place) for one in permissions)


def evolve(state: Memberships, event: Event) -> Memberships:
    """The state after ``event``; an event that says nothing about memberships leaves it as it was."""
    match event:
        case MembershipAdded(level=level, scope_id=scope_id):
            added = Held(level, scope_id, event.roles, event.organization_id)
            return Memberships((*_others(state, level, scope_id), added))
        case MembershipChanged(level=level, scope_id=scope_id, roles=roles):
            place = Scope(level, scope_id)
            return Memberships(tuple(replace(one, roles=roles) if one.scope == place else one for one in state.held))
        case MembershipRemoved(level=level, scope_id=scope_id):
            return Memberships(_others(state, level, scope_id))
        case _:
            return state


def _others(state: Memberships, level: Level, scope_id: str) -> tuple[Held, ...]:
    return tuple(held for held in state.held if held.scope != Scope(level, scope_id))


MEMBERSHIPS: Aggregate[Memberships] = Aggregate(
    name="membership",
    log=Log.DURABLE,
    initial=Memberships(),
    events=(MembershipAdded, MembershipChanged, MembershipRemoved),
    evolve=evolve,
)
