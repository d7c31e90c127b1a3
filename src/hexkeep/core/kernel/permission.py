"""Who may do what, where: roles are named sets of permissions, held at the instance, an organization or a project."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

PUBLIC = ""
"""The permission of an operation that anybody may call."""
AUTHENTICATED = "authenticated"
"""The permission of an operation that any signed-in caller may call for itself."""
IMPERSONATE = "impersonation.start"
"""The permission to get tokens for users of a place without their doing. It is in no family of another one's, so that
nobody who manages users has it along with that."""


class Level(enum.StrEnum):
    """Where a role can be held."""

    INSTANCE = "instance"
    ORGANIZATION = "organization"
    PROJECT = "project"
    PROJECT_GRANT = "project_grant"
    """A project as far as it is granted to another organization."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A place where a role is held. ``id`` is empty for the instance."""

    level: Level
    id: str = ""


INSTANCE = Scope(Level.INSTANCE)


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of permissions that may be held at ``level``. ``user.*`` stands for all that begin with ``user.``."""

    name: str
    level: Level
    permissions: frozenset[str]

    def allows(self, permission: str) -> bool:
        """Whether this role contains ``permission``."""
        return not self.permissions.isdisjoint(_containing(permission))


@cache
def _containing(permission: str) -> frozenset[str]:
    """All that stands for a permission: itself, its families, and everything. There are as many as operations name."""
    parts = permission.split(".")
    return frozenset({permission, "*", *(".".join(parts[:end]) + ".*" for end in range(1, len(parts)))})


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
    """The embedding program or the engine itself, which may do everything, or a configured caller of the System API."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated caller of an operation. ``name`` is that of a configured caller of the System API.

    Who is ``enrolling`` has to set up a second factor first, and may do nothing else. ``dpop_nonce`` is what the next
    proof of this caller's key has to repeat (RFC 9449 section 8.2), empty for who need repeat nothing.
    """

    kind: CallerKind = CallerKind.ANONYMOUS
    user_id: str = ""
    organization_id: str = ""
    session_id: str = ""
    client_id: str = ""
    memberships: tuple[Membership, ...] = ()
    name: str = ""
    enrolling: bool = False
    dpop_nonce: str = ""

    @property
    def actor(self) -> str:
        """What an event records as its author, empty when nobody is known.

        It is the user id, ``system``, or ``system:`` with the name of a configured caller.
        """
        if self.kind is not CallerKind.SYSTEM:
            return self.user_id
        return f"system:{self.name}" if self.name else "system"

    def scopes(self, permission: str) -> frozenset[Scope]:
        """Every scope in which the caller holds ``permission``; the instance scope covers all others."""
        if self.kind is CallerKind.SYSTEM and not self.name:
            return frozenset({INSTANCE})
        return frozenset(held.scope for held in self.memberships if held.role.allows(permission))

    def may(self, permission: str, *, organization: str = "", project: str = "", project_grant: str = "") -> bool:
        """Whether the caller holds ``permission`` at the instance or in one of the named scopes."""
        held = self.scopes(permission)
        places = {INSTANCE}
        if organization:
            places.add(Scope(Level.ORGANIZATION, organization))
        if project:
            places.add(Scope(Level.PROJECT, project))
        if project_grant:
            places.add(Scope(Level.PROJECT_GRANT, project_grant))
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
                    "group.read",
                    "project_grant.read",
                    "idp.read",
                    "action.read",
                    "notifier.read",
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
                    "group.*",
                    "project_grant.*",
                    "idp.*",
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
                    "group.*",
                    "project_grant.read",
                }
            ),
        ),
        Role(
            "ORGANIZATION_VIEWER",
            Level.ORGANIZATION,
            frozenset(
                {
                    "group.read",
                    "project_grant.read",
                    "idp.read",
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
        Role("INSTANCE_IMPERSONATOR", Level.INSTANCE, frozenset({IMPERSONATE})),
        Role("ORGANIZATION_IMPERSONATOR", Level.ORGANIZATION, frozenset({IMPERSONATE})),
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
                    "project_grant.*",
                }
            ),
        ),
        Role(
            "PROJECT_VIEWER",
            Level.PROJECT,
            frozenset({"project.read", "application.read", "authorization.read", "project_grant.read"}),
        ),
        Role(
            "PROJECT_GRANT_OWNER",
            Level.PROJECT_GRANT,
            frozenset({"project_grant.read", "authorization.*", "membership.read"}),
        ),
        Role("PROJECT_GRANT_VIEWER", Level.PROJECT_GRANT, frozenset({"project_grant.read", "authorization.read"})),
    )
}
"""The built-in roles. Configuration may add others; a built-in one keeps its meaning."""
