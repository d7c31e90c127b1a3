"""What can be done to a user's memberships."""

import enum
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Violation,
)
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import Level
from hexkeep.core.membership import owners
from hexkeep.core.membership.events import MembershipAdded, MembershipChanged, MembershipRemoved
from hexkeep.core.membership.state import MEMBERSHIPS, Held, covers
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.project.state import PROJECT
from hexkeep.core.projectgrant.state import PROJECT_GRANT
from hexkeep.core.user.state import USER


class MembershipLevel(enum.StrEnum):
    """Where a membership is held."""

    UNSPECIFIED = "unspecified"
    INSTANCE = Level.INSTANCE.value
    ORGANIZATION = Level.ORGANIZATION.value
    PROJECT = Level.PROJECT.value
    PROJECT_GRANT = Level.PROJECT_GRANT.value


Roles = Annotated[
    tuple[Annotated[str, Field(max_length=100)], ...],
    Field(min_length=1, max_length=50, description="Names of roles of that level.", examples=[["ORGANIZATION_OWNER"]]),
]
ScopeId = Annotated[
    str,
    StringConstraints(max_length=200),
    Field(description="Id of the organization, project or grant; empty for the instance."),
]


class CreateMembership(Message):
    """Roles for a user in a scope."""

    user_id: Id
    level: MembershipLevel
    scope_id: ScopeId = ""
    roles: Roles


class UpdateMembership(Message):
    """Other roles in place of the present ones."""

    user_id: Id
    level: MembershipLevel
    scope_id: ScopeId = ""
    roles: Roles


class DeleteMembership(Message):
    """The membership to remove."""

    user_id: Id
    level: MembershipLevel
    scope_id: ScopeId = ""


class Place(NamedTuple):
    """A scope that exists, and whose it is."""

    level: Level
    scope_id: str
    organization_id: str


def create_membership(request: CreateMembership, ctx: Context) -> Decision[Empty]:
    """Give a user roles at the instance, an organization, a project or a grant.

    The caller must hold at least as much there.
    """
    place = _place(request, ctx)
    added = _granted(place, request.roles, ctx)
    _insist_on_user(request.user_id, place, ctx)
    if ctx.load(MEMBERSHIPS, request.user_id).at(place.level, place.scope_id):
        raise AlreadyExists("membership")
    event = MembershipAdded(
        level=place.level, scope_id=place.scope_id, organization_id=place.organization_id, roles=added.roles
    )
    return Decision(Empty(), MEMBERSHIPS.append(request.user_id, event))


def update_membership(request: UpdateMembership, ctx: Context) -> Decision[Empty]:
    """Give a user other roles in the scope. The caller must hold at least the old ones and the new ones."""
    place = _place(request, ctx)
    present = _present(request.user_id, place, ctx)
    after = _granted(place, request.roles, ctx)
    if after.roles == present.roles:
        return Decision(Empty())
    _insist_covered(present, ctx)
    _keep_an_owner(request.user_id, present, after.roles, ctx)
    event = MembershipChanged(level=place.level, scope_id=place.scope_id, roles=after.roles)
    return Decision(Empty(), MEMBERSHIPS.append(request.user_id, event))


def delete_membership(request: DeleteMembership, ctx: Context) -> Decision[Empty]:
    """Take a user's roles in the scope away. Anybody may give up their own; otherwise as for changing them."""
    place = _place(request, ctx, user=request.user_id)
    present = _present(request.user_id, place, ctx)
    if request.user_id != ctx.caller.user_id:
        _insist_covered(present, ctx)
    _keep_an_owner(request.user_id, present, (), ctx)
    event = MembershipRemoved(level=place.level, scope_id=place.scope_id)
    return Decision(Empty(), MEMBERSHIPS.append(request.user_id, event))


def _granted(place: Place, roles: tuple[str, ...], ctx: Context) -> Held:
    """What ``roles`` amount to.

    Raises ``InvalidInput`` for a role not of that level, ``PermissionDenied`` for more than the caller holds.
    """
    known = ctx.roles()
    unfit = [name for name in roles if name not in known or known[name].level is not place.level]
    if unfit:
        raise InvalidInput("These roles cannot be held there", Violation("roles", f"unfit: {', '.join(unfit)}"))
    held = Held(place.level, place.scope_id, tuple(sorted(set(roles))), place.organization_id)
    _insist_covered(held, ctx)
    return held


def _insist_covered(held: Held, ctx: Context) -> None:
    if not covers(ctx.caller, held, ctx.roles()):
        raise PermissionDenied("Nobody can give or take roles that they do not hold themselves")


def _place(request: CreateMembership | UpdateMembership | DeleteMembership, ctx: Context, user: str = "") -> Place:
    """The scope meant, once the caller may manage memberships there or is ``user``."""
    match request.level:
        case MembershipLevel.ORGANIZATION:
            return _organization(request.scope_id, ctx, user)
        case MembershipLevel.PROJECT:
            return _project(request.scope_id, ctx, user)
        case MembershipLevel.PROJECT_GRANT:
            return _grant(request.scope_id, ctx, user)
        case MembershipLevel.INSTANCE if not request.scope_id:
            ctx.authorize(user=user)
            return Place(Level.INSTANCE, "", "")
    raise InvalidInput("There is no such scope", Violation("level", "must be a level that fits scope_id"))


def _organization(organization_id: str, ctx: Context, user: str) -> Place:
    organization = ctx.load(ORGANIZATION, organization_id)
    reach(ctx, "membership.read", exists=organization.exists, organization=organization_id, user=user)
    return Place(Level.ORGANIZATION, organization_id, organization_id)


def _project(project_id: str, ctx: Context, user: str) -> Place:
    project = ctx.load(PROJECT, project_id)
    owner = project.organization_id
    reach(ctx, "membership.read", exists=project.exists, organization=owner, project=project_id, user=user)
    return Place(Level.PROJECT, project_id, owner)


def _grant(grant_id: str, ctx: Context, user: str) -> Place:
    """Who manages what is given under a grant is the business of the organization to which the project is granted."""
    grant = ctx.load(PROJECT_GRANT, grant_id)
    owner = grant.granted_organization_id
    reach(ctx, "membership.read", exists=grant.exists, organization=owner, project_grant=grant_id, user=user)
    return Place(Level.PROJECT_GRANT, grant_id, owner)


def _present(user_id: str, place: Place, ctx: Context) -> Held:
    present = ctx.load(MEMBERSHIPS, user_id).at(place.level, place.scope_id)
    if present is None:
        raise NotFound
    return present


def _insist_on_user(user_id: str, place: Place, ctx: Context) -> None:
    """Raise ``NotFound`` unless there is such a user, of the scope's organization or known to the caller."""
    user = ctx.load(USER, user_id)
    known = user.organization_id == place.organization_id or ctx.caller.may(
        "user.read", organization=user.organization_id
    )
    if not (user.exists and known):
        raise NotFound("There is no such user")


def _keep_an_owner(user_id: str, present: Held, after: tuple[str, ...], ctx: Context) -> None:
    """Raise ``FailedPrecondition`` rather than leave the instance without an owner."""
    if present.level is not Level.INSTANCE or owners.OWNER not in present.roles or owners.OWNER in after:
        return
    owners.keep_one(ctx, lambda owner_id, _: owner_id == user_id)
