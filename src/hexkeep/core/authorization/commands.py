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
from hexkeep.core.authorization.state import AUTHORIZATION, Authorization, authorization_key
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import InvalidInput, NotFound, Violation
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.project.state import PROJECT, Project
from hexkeep.core.user.state import USER

Roles = Annotated[
    tuple[Annotated[str, Field(max_length=100)], ...],
    Field(min_length=1, max_length=500, description="Keys of roles of the project.", examples=[["editor"]]),
]


class CreateAuthorization(Message):
    """Roles for a user in a project."""

    user_id: Id
    project_id: Id
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
    """Give a user roles in a project.

    The user is of the project's organization, or one whom the caller may read elsewhere.
    """
    project = ctx.load(PROJECT, request.project_id)
    organization = project.organization_id
    reach(ctx, "project.read", exists=project.exists, organization=organization, project=request.project_id)
    _insist_on_user(request.user_id, organization, ctx)
    authorization_id = ctx.new_id()
    added = AuthorizationAdded(
        organization_id=organization,
        user_id=request.user_id,
        project_id=request.project_id,
        roles=_known(request.roles, project),
    )
    return Decision(
        AuthorizationCreated(authorization_id=authorization_id),
        AUTHORIZATION.append(authorization_id, added),
        Claim(authorization_key(request.user_id, request.project_id), AUTHORIZATION.ref(authorization_id)),
    )


def _insist_on_user(user_id: str, organization: str, ctx: Context) -> None:
    """Raise ``NotFound`` unless there is such a user, of that organization or known to the caller."""
    user = ctx.load(USER, user_id)
    known = user.organization_id == organization or ctx.caller.may("user.read", organization=user.organization_id)
    if not (user.exists and known):
        raise NotFound("There is no such user")


def _known(roles: tuple[str, ...], project: Project) -> tuple[str, ...]:
    """Sorted and each once; raises ``InvalidInput`` for a role that the project does not have."""
    unknown = [key for key in roles if project.role(key) is None]
    if unknown:
        raise InvalidInput("The project has no such role", Violation("roles", f"unknown: {', '.join(unknown)}"))
    return tuple(sorted(set(roles)))


def update_authorization(request: UpdateAuthorization, ctx: Context) -> Decision[Empty]:
    """Give a user other roles in the project."""
    present = _reached(request.authorization_id, ctx)
    expect(ctx, AUTHORIZATION, request.authorization_id, request)
    project = ctx.load(PROJECT, present.project_id)
    if not project.exists:
        raise NotFound
    roles = _known(request.roles, project)
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
    """Take a user's roles in a project away."""
    present = _reached(request.authorization_id, ctx)
    expect(ctx, AUTHORIZATION, request.authorization_id, request)
    return Decision(
        Empty(),
        AUTHORIZATION.append(request.authorization_id, AuthorizationRemoved()),
        Release(authorization_key(present.user_id, present.project_id), AUTHORIZATION.ref(request.authorization_id)),
    )


def _reached(authorization_id: str, ctx: Context) -> Authorization:
    present = ctx.load(AUTHORIZATION, authorization_id)
    place = {"organization": present.organization_id, "project": present.project_id}
    reach(ctx, "authorization.read", exists=present.exists, **place)
    return present
