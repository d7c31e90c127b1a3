"""What can be done to a project."""

from collections.abc import Iterator

from pydantic import Field

from hexkeep.core.application.projection import APPLICATIONS
from hexkeep.core.application.state import APPLICATION, ApplicationType, given_up
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.fields import Id, Name
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.unique import Release
from hexkeep.core.kernel.update import Conditional, UpdateRequest, expect
from hexkeep.core.kernel.view import And, Select, eq
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.project.access import reached
from hexkeep.core.project.events import (
    ProjectAdded,
    ProjectChanged,
    ProjectDeactivated,
    ProjectReactivated,
    ProjectRemoved,
)
from hexkeep.core.project.state import PROJECT

MOST_APIS = 100
"""How many APIs a project may have that is removed: all they answer for is given back at once."""


class CreateProject(Message):
    """A new project."""

    organization_id: Id
    name: Name = Field(examples=["Shop"])
    role_assertion: bool = Field(default=False, description="Whether tokens carry users' roles unasked.")
    authorization_required: bool = Field(
        default=False, description="Whether only users with an active authorization may sign in to its applications."
    )


class ProjectCreated(Message):
    """The project there is now."""

    project_id: str


class UpdateProject(UpdateRequest):
    """What to change; what is left out stays as it is."""

    project_id: Id
    name: Name | None = None
    role_assertion: bool | None = None
    authorization_required: bool | None = None


class DeactivateProject(Conditional):
    """The project to switch off."""

    project_id: Id


class ReactivateProject(Conditional):
    """The project to switch on again."""

    project_id: Id


class DeleteProject(Conditional):
    """The project to remove."""

    project_id: Id


def create_project(request: CreateProject, ctx: Context) -> Decision[ProjectCreated]:
    """Create a project in an organization."""
    ctx.authorize(organization=request.organization_id)
    ctx.load(ORGANIZATION, request.organization_id).status.insist(Status.ACTIVE, "organization")
    project_id = ctx.new_id()
    added = ProjectAdded(**request.model_dump())
    return Decision(ProjectCreated(project_id=project_id), PROJECT.append(project_id, added))


def update_project(request: UpdateProject, ctx: Context) -> Decision[Empty]:
    """Change a project's name or settings."""
    project = reached(request.project_id, ctx)
    expect(ctx, PROJECT, request.project_id, request)
    present = ProjectChanged(
        name=project.name,
        role_assertion=project.role_assertion,
        authorization_required=project.authorization_required,
    )
    after = present.model_copy(update=request.changes())
    if after == present:
        return Decision(Empty())
    return Decision(Empty(), PROJECT.append(request.project_id, after))


def deactivate_project(request: DeactivateProject, ctx: Context) -> Decision[Empty]:
    """Switch a project off: its applications cannot be used."""
    reached(request.project_id, ctx).status.insist(Status.ACTIVE, "project")
    expect(ctx, PROJECT, request.project_id, request)
    return Decision(Empty(), PROJECT.append(request.project_id, ProjectDeactivated()))


def reactivate_project(request: ReactivateProject, ctx: Context) -> Decision[Empty]:
    """Switch a project on again."""
    reached(request.project_id, ctx).status.insist(Status.INACTIVE, "project")
    expect(ctx, PROJECT, request.project_id, request)
    return Decision(Empty(), PROJECT.append(request.project_id, ProjectReactivated()))


def delete_project(request: DeleteProject, ctx: Context) -> Decision[Empty]:
    """Remove a project for good.

    Its applications, authorizations and memberships stay recorded and count for nothing, for whoever asks for them
    looks at the project first. Others may answer for the resources of its APIs from then on; a project with very many
    of these has to remove some first.
    """
    reached(request.project_id, ctx)
    expect(ctx, PROJECT, request.project_id, request)
    freed = _resources(ctx, request.project_id)
    return Decision(Empty(), PROJECT.append(request.project_id, ProjectRemoved()), *freed)


def _resources(ctx: Context, project_id: str) -> Iterator[Release]:
    """What lets go of the resources that APIs of a project answer for; raises ``FailedPrecondition`` for too many."""
    apis = And((eq("project_id", project_id), eq("application_type", ApplicationType.API.value)))
    rows = ctx.ask(RowsOf(Select(APPLICATIONS, apis, limit=MOST_APIS + 1), unscoped=True, current=True))
    if len(rows) > MOST_APIS:
        raise FailedPrecondition(f"The project has more than {MOST_APIS} APIs: remove some first", has="applications")
    for client_id in (str(row["client_id"]) for row in rows):
        yield from given_up(client_id, ctx.load(APPLICATION, client_id))
