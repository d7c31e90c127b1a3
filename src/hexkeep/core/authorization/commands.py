"""What can be done to an authorization."""

from typing import Annotated

from pydantic import Field

from hexkeep.core.authorization.events import (
    AuthorizationAdded,
    AuthorizationChanged,
    AuthorizationDeactivated,
    AuthorizationReactivated,
    AuthorizationRemoved,
)
from hexkeep.core.authorization.places import allowed, in_project, insist_on_subject, key_of, under_grant
from hexkeep.core.authorization.state import AUTHORIZATION, Authorization
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import InvalidInput, NotFound, Violation
from hexkeep.core.kernel.fields import Id, OptionalId
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.project.state import PROJECT
from hexkeep.core.projectgrant.state import PROJECT_GRANT

Roles = Annotated[
    tuple[Annotated[str, Field(max_length=100)], ...],
    Field(min_length=1, max_length=500, description="Keys of roles of the project.", examples=[["editor"]]),
]


class CreateAuthorization(Message):
    """Roles for a user or a group, in a project of one's own or in one that is granted."""

    user_id: OptionalId = Field(default="", description="Whom the roles are for; or a group.")
    group_id: OptionalId = Field(default="", description="The group whose members they are for.")
    project_id: OptionalId = Field(default="", description="The project; may be left out where a grant is given.")
    project_grant_id: OptionalId = Field(default="", description="The grant under which to give them.")
    roles: Roles


class AuthorizationCreated(Message):
    """The authorization there is now."""

    authorization_id: str


class UpdateAuthorization(Conditional):
    """Other roles in place of the present ones."""

    authorization_id: Id
    roles: Roles


class DeactivateAuthorization(Conditional):
    """The authorization to switch off."""

    authorization_id: Id


class ReactivateAuthorization(Conditional):
    """The authorization to switch on again."""

    authorization_id: Id


class DeleteAuthorization(Conditional):
    """The authorization to remove."""

    authorization_id: Id


def create_authorization(request: CreateAuthorization, ctx: Context) -> Decision[AuthorizationCreated]:
    """Give a user, or all members of a group, roles in a project.

    In the project itself the user or group is of its organization, or one that the caller may read elsewhere. Under a
    grant it is of the organization to which the project is granted, and the roles are among those of the grant.
    """
    place = under_grant(request, ctx) if request.project_grant_id else in_project(request, ctx)
    if bool(request.user_id) == bool(request.group_id):
        raise InvalidInput("", Violation("user_id", "must be given, or group_id, and not both"))
    insist_on_subject(request.user_id, request.group_id, place, ctx)
    authorization_id = ctx.new_id()
    added = AuthorizationAdded(
        organization_id=place.organization_id,
        user_id=request.user_id,
        group_id=request.group_id,
        project_id=place.project_id,
        project_grant_id=request.project_grant_id,
        roles=allowed(request.roles, place.project, place.grant),
    )
    return Decision(
        AuthorizationCreated(authorization_id=authorization_id),
        AUTHORIZATION.append(authorization_id, added),
        Claim(key_of(added), AUTHORIZATION.ref(authorization_id)),
    )


def update_authorization(request: UpdateAuthorization, ctx: Context) -> Decision[Empty]:
    """Give other roles in the project."""
    present = _reached(request.authorization_id, ctx)
    expect(ctx, AUTHORIZATION, request.authorization_id, request)
    project, grant_id = ctx.load(PROJECT, present.project_id, guarded=True), present.project_grant_id
    grant = ctx.load(PROJECT_GRANT, grant_id, guarded=True) if grant_id else None
    if not project.exists or not (grant is None or grant.exists):
        raise NotFound
    roles = allowed(request.roles, project, grant)
    if roles == present.roles:
        return Decision(Empty())
    return Decision(Empty(), AUTHORIZATION.append(request.authorization_id, AuthorizationChanged(roles=roles)))


def deactivate_authorization(request: DeactivateAuthorization, ctx: Context) -> Decision[Empty]:
    """Switch an authorization off: its roles do not count."""
    _reached(request.authorization_id, ctx).status.insist(Status.ACTIVE, "authorization")
    expect(ctx, AUTHORIZATION, request.authorization_id, request)
    return Decision(Empty(), AUTHORIZATION.append(request.authorization_id, AuthorizationDeactivated()))


def reactivate_authorization(request: ReactivateAuthorization, ctx: Context) -> Decision[Empty]:
    """Switch an authorization on again."""
    _reached(request.authorization_id, ctx).status.insist(Status.INACTIVE, "authorization")
    expect(ctx, AUTHORIZATION, request.authorization_id, request)
    return Decision(Empty(), AUTHORIZATION.append(request.authorization_id, AuthorizationReactivated()))


def delete_authorization(request: DeleteAuthorization, ctx: Context) -> Decision[Empty]:
    """Take away the roles that somebody was given in a project."""
    present = _reached(request.authorization_id, ctx)
    expect(ctx, AUTHORIZATION, request.authorization_id, request)
    return Decision(
        Empty(),
        AUTHORIZATION.append(request.authorization_id, AuthorizationRemoved()),
        Release(key_of(present), AUTHORIZATION.ref(request.authorization_id)),
    )


def _reached(authorization_id: str, ctx: Context) -> Authorization:
    present = ctx.load(AUTHORIZATION, authorization_id)
    reach(
        ctx,
        "authorization.read",
        exists=present.exists,
        organization=present.organization_id,
        project=present.project_id,
        project_grant=present.project_grant_id,
    )
    return present
