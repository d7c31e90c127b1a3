"""What can be done to the roles of a project."""

from typing import Annotated

from pydantic import Field, StringConstraints

from hexkeep.core.authorization.projection import AUTHORIZATIONS
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import AlreadyExists, FailedPrecondition, NotFound
from hexkeep.core.kernel.fields import Id, Line, Name
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import Conditional, UpdateRequest, expect
from hexkeep.core.kernel.view import And, Has, Select, eq
from hexkeep.core.project.access import reached
from hexkeep.core.project.events import ProjectRoleAdded, ProjectRoleChanged, ProjectRoleRemoved
from hexkeep.core.project.state import PROJECT, Project, ProjectRole
from hexkeep.core.projectgrant.projection import PROJECT_GRANTS

MAX_ROLES = 500

RoleKey = Annotated[str, StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$")]
"""What applications know a role by."""


class CreateProjectRole(Message):
    """A new role."""

    project_id: Id
    key: RoleKey = Field(examples=["editor"])
    display_name: Line = Field(default="", examples=["Editor"], description="The key if left out.")
    group: Line = Field(default="", description="Roles of one group are shown together.")


class UpdateProjectRole(UpdateRequest):
    """What to change about a role; what is left out stays as it is."""

    project_id: Id
    key: RoleKey
    display_name: Name | None = None
    group: Line | None = None


class DeleteProjectRole(Conditional):
    """The role to remove."""

    project_id: Id
    key: RoleKey


class ListProjectRoles(Message):
    """The project whose roles to list."""

    project_id: Id


class ProjectRoleView(Message):
    """A role as its readers see it."""

    key: str
    display_name: str
    group: str


class ProjectRoles(Message):
    """All roles of a project, the oldest first."""

    roles: tuple[ProjectRoleView, ...]


def create_project_role(request: CreateProjectRole, ctx: Context) -> Decision[Empty]:
    """Add a role to a project.

    Refused while an authorization or a grant still names one of that key, as one does that was given while the role was
    being removed: it would silently be somebody's.
    """
    project = reached(request.project_id, ctx)
    if project.role(request.key):
        raise AlreadyExists("project_role")
    if len(project.roles) >= MAX_ROLES:
        raise FailedPrecondition(f"A project has {MAX_ROLES} roles at most")
    _insist_on_nobody(request.project_id, request.key, ctx)
    added = ProjectRoleAdded(key=request.key, display_name=request.display_name or request.key, group=request.group)
    return Decision(Empty(), PROJECT.append(request.project_id, added))


def update_project_role(request: UpdateProjectRole, ctx: Context) -> Decision[Empty]:
    """Change how a role is shown. Its key stays, for applications rely on it."""
    role = _role(reached(request.project_id, ctx), request.key)
    expect(ctx, PROJECT, request.project_id, request)
    wanted = request.changes()
    display_name, group = wanted.get("display_name", role.display_name), wanted.get("group", role.group)
    if (display_name, group) == (role.display_name, role.group):
        return Decision(Empty())
    changed = ProjectRoleChanged(key=request.key, display_name=display_name, group=group)
    return Decision(Empty(), PROJECT.append(request.project_id, changed))


def delete_project_role(request: DeleteProjectRole, ctx: Context) -> Decision[Empty]:
    """Remove a role from a project. Refused while an authorization gives it or a grant has it.

    Otherwise a later role of the same key would silently be everybody's who had the old one.
    """
    _role(reached(request.project_id, ctx), request.key)
    expect(ctx, PROJECT, request.project_id, request)
    _insist_on_nobody(request.project_id, request.key, ctx)
    return Decision(Empty(), PROJECT.append(request.project_id, ProjectRoleRemoved(key=request.key)))


def list_project_roles(request: ListProjectRoles, ctx: Context) -> Decision[ProjectRoles]:
    """List the roles of a project."""
    roles = reached(request.project_id, ctx).roles
    views = (ProjectRoleView(key=role.key, display_name=role.display_name, group=role.group) for role in roles)
    return Decision(ProjectRoles(roles=tuple(views)))


def _insist_on_nobody(project_id: str, key: str, ctx: Context) -> None:
    granting = And((eq("project_id", project_id), Has("roles", key)))
    if ctx.ask(RowsOf(Select(AUTHORIZATIONS, granting, limit=1), unscoped=True, current=True)):
        raise FailedPrecondition("The role is still given to a user or a group", has="authorizations")
    if ctx.ask(RowsOf(Select(PROJECT_GRANTS, granting, limit=1), unscoped=True, current=True)):
        raise FailedPrecondition("The role is still granted to an organization", has="project_grants")


def _role(project: Project, key: str) -> ProjectRole:
    role = project.role(key)
    if role is None:
        raise NotFound
    return role
