"""What can be done to the grant of a project, by those who manage the project."""

from typing import Annotated

from pydantic import Field

from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, NotFound, Violation
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.project.state import PROJECT, Project
from hexkeep.core.projectgrant.events import (
    ProjectGrantAdded,
    ProjectGrantChanged,
    ProjectGrantDeactivated,
    ProjectGrantReactivated,
    ProjectGrantRemoved,
)
from hexkeep.core.projectgrant.state import PROJECT_GRANT, ProjectGrant, project_grant_key

GrantedRoles = Annotated[
    tuple[Annotated[str, Field(max_length=100)], ...],
    Field(max_length=500, description="Keys of roles of the project that may be given.", examples=[["editor"]]),
]


class CreateProjectGrant(Message):
    """The organization that may give roles of the project to its own users and groups."""

    project_id: Id
    granted_organization_id: Id
    roles: GrantedRoles = ()


class ProjectGrantCreated(Message):
    """The grant there is now."""

    project_grant_id: str


class UpdateProjectGrant(Conditional):
    """Other roles in place of the present ones."""

    project_grant_id: Id
    roles: GrantedRoles


class DeactivateProjectGrant(Conditional):
    """The grant to switch off."""

    project_grant_id: Id


class ReactivateProjectGrant(Conditional):
    """The grant to switch on again."""

    project_grant_id: Id


class DeleteProjectGrant(Conditional):
    """The grant to remove."""

    project_grant_id: Id


def create_project_grant(request: CreateProjectGrant, ctx: Context) -> Decision[ProjectGrantCreated]:
    """Let another organization give roles of a project to its own users and groups.

    Who may not read the other organization is not told whether there is one of that id: the grant is made all the same.
    """
    project = ctx.load(PROJECT, request.project_id, guarded=True)
    organization, granted = project.organization_id, request.granted_organization_id
    reach(ctx, "project.read", exists=project.exists, organization=organization, project=request.project_id)
    if granted == organization:
        raise FailedPrecondition("The project is the organization's own")
    if ctx.caller.may("organization.read", organization=granted) and not ctx.load(ORGANIZATION, granted).exists:
        raise NotFound("There is no such organization")
    grant_id = ctx.new_id()
    added = ProjectGrantAdded(
        organization_id=organization,
        project_id=request.project_id,
        granted_organization_id=granted,
        roles=_known(request.roles, project),
    )
    return Decision(
        ProjectGrantCreated(project_grant_id=grant_id),
        PROJECT_GRANT.append(grant_id, added),
        Claim(project_grant_key(request.project_id, granted), PROJECT_GRANT.ref(grant_id)),
    )


def update_project_grant(request: UpdateProjectGrant, ctx: Context) -> Decision[Empty]:
    """Grant other roles. One that is taken away counts from the next token on for nobody who had it under the grant.

    What was given stays recorded, and counts again if the role is granted again.
    """
    grant = _reached(request.project_grant_id, ctx)
    expect(ctx, PROJECT_GRANT, request.project_grant_id, request)
    roles = _known(request.roles, ctx.load(PROJECT, grant.project_id, guarded=True))
    if roles == grant.roles:
        return Decision(Empty())
    return Decision(Empty(), PROJECT_GRANT.append(request.project_grant_id, ProjectGrantChanged(roles=roles)))


def deactivate_project_grant(request: DeactivateProjectGrant, ctx: Context) -> Decision[Empty]:
    """Switch a grant off: what was given under it does not count."""
    _reached(request.project_grant_id, ctx).status.insist(Status.ACTIVE, "grant")
    expect(ctx, PROJECT_GRANT, request.project_grant_id, request)
    return Decision(Empty(), PROJECT_GRANT.append(request.project_grant_id, ProjectGrantDeactivated()))


def reactivate_project_grant(request: ReactivateProjectGrant, ctx: Context) -> Decision[Empty]:
    """Switch a grant on again."""
    _reached(request.project_grant_id, ctx).status.insist(Status.INACTIVE, "grant")
    expect(ctx, PROJECT_GRANT, request.project_grant_id, request)
    return Decision(Empty(), PROJECT_GRANT.append(request.project_grant_id, ProjectGrantReactivated()))


def delete_project_grant(request: DeleteProjectGrant, ctx: Context) -> Decision[Empty]:
    """Take a project back from an organization, with all that was given under the grant."""
    grant = _reached(request.project_grant_id, ctx)
    expect(ctx, PROJECT_GRANT, request.project_grant_id, request)
    key = project_grant_key(grant.project_id, grant.granted_organization_id)
    return Decision(
        Empty(),
        PROJECT_GRANT.append(request.project_grant_id, ProjectGrantRemoved()),
        Release(key, PROJECT_GRANT.ref(request.project_grant_id)),
    )


def _known(roles: tuple[str, ...], project: Project) -> tuple[str, ...]:
    """Sorted and each once; raises ``InvalidInput`` for a role that the project does not have."""
    unknown = [key for key in roles if project.role(key) is None]
    if unknown:
        raise InvalidInput("The project has no such role", Violation("roles", f"unknown: {', '.join(unknown)}"))
    return tuple(sorted(set(roles)))


def _reached(grant_id: str, ctx: Context) -> ProjectGrant:
    grant = ctx.load(PROJECT_GRANT, grant_id)
    place = {"organization": grant.organization_id, "project": grant.project_id}
    reach(ctx, "project_grant.read", exists=grant.exists, **place)
    return grant
