"""Who may do what, where: roles are named sets of permissions, held at the instance, an organization or a project."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

PUBLIC = ""
"""The permission of an operation that anybody may call."""
AUTHENTICATED = "authenticated"
"""The permission of an operation that any signed-in caller may call for itself."""


class Level(enum.StrEnum):
    """Where a role can be held."""

    INSTANCE = "instance"
    ORGANIZATION = "organization"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class Scope:
    """A place where a role is held. ``id`` is empty for the instance."""

    level: Level
    id: str = ""


INSTANCE = Scope(Level.INSTANCE)


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of permissions that may be held at ``level``. A permission ending in ``.*`` stands for its family."""

    name: str
    level: Level
    permissions: frozenset[str]

    def allows(self, permission: str) -> bool:
        """Whether this role contains ``permission``."""
        return permission in self.permissions or "*" in self.permissions or _family(permission) in self.permissions


def _family(permission: str) -> str:
    return permission.rpartition(".")[0] + ".*"


@dataclass(frozen=True, slots=True)
class Membership:
    """A role held in a scope."""

    role: Role
    scope: Scope


class CallerKind(enum.StrEnum):
    """What stands behind a call."""

    ANONYMOUS = "anonymous"
    USER = "user"
    SYSTEM = "system"
    """The embedding program, a configured system key, or the engine itself; may do everything."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated caller of an operation."""

    kind: CallerKind = CallerKind.ANONYMOUS
    user_id: str = ""
    organization_id: str = ""
    session_id: str = ""
    client_id: str = ""
    memberships: tuple[Membership, ...] = ()

    @property
    def actor(self) -> str:
        """What an event records as its author: the user id, ``system``, or empty when nobody is known."""
        return "system" if self.kind is CallerKind.SYSTEM else self.user_id

    def scopes(self, permission: str) -> frozenset[Scope]:
        """Every scope in which the caller holds ``permission``; the instance scope covers all others."""
        if self.kind is CallerKind.SYSTEM:
            return frozenset({INSTANCE})
        return frozenset(held.scope for held in self.memberships if held.role.allows(permission))

    def may(self, permission: str, *, organization: str = "", project: str = "") -> bool:
        """Whether the caller holds ``permission`` at the instance or in one of the named scopes."""
        held = self.scopes(permission)
        places = {INSTANCE}
        if organization:
            places.add(Scope(Level.ORGANIZATION, organization))
        if project:
            places.add(Scope(Level.PROJECT, project))
        return not held.isdisjoint(places)


ANONYMOUS = Caller()
SYSTEM = Caller(CallerKind.SYSTEM)

ROLES: Mapping[str, Role] = {
    role.name: role
    for role in (
        Role("INSTANCE_OWNER", Level.INSTANCE, frozenset({"*"})),
        Role(
            "INSTANCE_VIEWER",
            Level.INSTANCE,
            frozenset(
                {
                    "instance.read",
                    "organization.read",
                    "user.read",
                    "project.read",
                    "application.read",
                    "authorization.read",
                    "membership.read",
                    "session.read",
                    "key.read",
                    "event.read",
                    "projection.read",
                    "delivery.read",
                    "policy.read",
                }
            ),
        ),
        Role(
            "ORGANIZATION_OWNER",
            Level.ORGANIZATION,
            frozenset(
                {
                    "organization.*",
                    "user.*",
                    "account.*",
                    "erasure.*",
                    "project.*",
                    "application.*",
                    "authorization.*",
                    "membership.*",
                    "session.*",
                    "policy.*",
                    "event.read",
                }
            ),
        ),
        Role(
            "ORGANIZATION_USER_MANAGER",
            Level.ORGANIZATION,
            frozenset(
                {
                    "organization.read",
                    "user.*",
                    "authorization.*",
                    "session.*",
                    "project.read",
                }
            ),
        ),
        Role(
            "ORGANIZATION_VIEWER",
            Level.ORGANIZATION,
            frozenset(
                {
                    "organization.read",
                    "user.read",
                    "project.read",
                    "application.read",
                    "authorization.read",
                    "membership.read",
                    "session.read",
                    "policy.read",
                    "event.read",
                }
            ),
        ),
        Role("ORGANIZATION_SELF_MANAGER", Level.ORGANIZATION, frozenset({"account.delete"})),
        Role(
            "PROJECT_OWNER",
            Level.PROJECT,
            frozenset(
                {
                    "project.*",
                    "application.*",
                    "authorization.*",
                    "membership.read",
                }
            ),
        ),
        Role("PROJECT_VIEWER", Level.PROJECT, frozenset({"project.read", "application.read", "authorization.read"})),
    )
}
"""The built-in roles. Configuration may add others; a built-in one keeps its meaning."""
