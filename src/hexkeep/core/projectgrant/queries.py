"""What can be read of grants, by those who grant and by those to whom a project is granted."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from pydantic import Field

from hexkeep.core.kernel.access import listed, visible_row
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Id, Line
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, page_of
from hexkeep.core.kernel.view import And, Condition, In, Row, Select, eq
from hexkeep.core.project.projection import PROJECTS
from hexkeep.core.project.state import PROJECT
from hexkeep.core.projectgrant.projection import GRANTED_PROJECTS, PROJECT_GRANTS


class ProjectGrantView(RowMessage):
    """A grant as those see it who manage the project."""

    project_grant_id: str
    organization_id: str
    project_id: str
    granted_organization_id: str
    roles: tuple[str, ...]
    status: Status
    version: int
    created_at: datetime
    changed_at: datetime


class GetProjectGrant(Message):
    """The grant to read."""

    project_grant_id: Id


class ListProjectGrants(PageRequest):
    """Which grants to list, by id and so by age."""

    project_id: Line = Field(default="", description="Only those of this project.")
    organization_id: Line = Field(default="", description="Only those of projects of this organization.")
    granted_organization_id: Line = Field(default="", description="Only those to this organization.")
    status: Status = Field(default=Status.UNSPECIFIED, description="Only those with this status.")


class ProjectGrantPage(Page):
    """Some grants."""

    project_grants: tuple[ProjectGrantView, ...]


class GrantedProjectView(Message):
    """A project of another organization, as those see it to whom it is granted."""

    project_grant_id: str
    project_id: str
    name: str = Field(description="The project's name; empty once the project is gone.")
    organization_id: str = Field(description="Whose project it is.")
    granted_organization_id: str
    roles: tuple[str, ...] = Field(description="The roles that may be given.")
    status: Status
    version: int
    created_at: datetime
    changed_at: datetime


class GetGrantedProject(Message):
    """The grant whose project to read."""

    project_grant_id: Id


class ListGrantedProjects(PageRequest):
    """Which granted projects to list, by the ids of the grants."""

    granted_organization_id: Line = Field(default="", description="Only those granted to this organization.")
    status: Status = Field(default=Status.UNSPECIFIED, description="Only grants with this status.")


class GrantedProjectPage(Page):
    """Some projects that are granted."""

    granted_projects: tuple[GrantedProjectView, ...]


def get_project_grant(request: GetProjectGrant, ctx: Context) -> Decision[ProjectGrantView]:
    """Read one grant of a project."""
    return Decision(ProjectGrantView.of(visible_row(ctx, PROJECT_GRANTS, request.project_grant_id)))


def list_project_grants(request: ListProjectGrants, ctx: Context) -> Decision[ProjectGrantPage]:
    """List the grants of those projects that the caller may read."""
    found = listed(ctx, request, page_of(PROJECT_GRANTS, request, And(tuple(_filters(request)))))
    views = tuple(ProjectGrantView.of(row) for row in found.rows)
    return Decision(ProjectGrantPage(project_grants=views, next_cursor=found.next_cursor, total=found.total))


def get_granted_project(request: GetGrantedProject, ctx: Context) -> Decision[GrantedProjectView]:
    """Read a project that is granted to an organization of the caller's."""
    row = visible_row(ctx, GRANTED_PROJECTS, request.project_grant_id)
    project_id = str(row["project_id"])
    return Decision(_granted(row, {project_id: ctx.load(PROJECT, project_id).name}))


def list_granted_projects(request: ListGrantedProjects, ctx: Context) -> Decision[GrantedProjectPage]:
    """List the projects of others that are granted to organizations in which the caller may read that."""
    found = listed(ctx, request, page_of(GRANTED_PROJECTS, request, And(tuple(_filters(request)))))
    names = _names({str(row["project_id"]) for row in found.rows}, ctx)
    views = tuple(_granted(row, names) for row in found.rows)
    return Decision(GrantedProjectPage(granted_projects=views, next_cursor=found.next_cursor, total=found.total))


def _names(project_ids: set[str], ctx: Context) -> Mapping[str, str]:
    """The names of projects, which whoever has been granted them may know."""
    if not project_ids:
        return {}
    select = Select(PROJECTS, In("project_id", tuple(sorted(project_ids))), limit=len(project_ids))
    return {str(row["project_id"]): str(row["name"]) for row in ctx.ask(RowsOf(select, unscoped=True))}


def _granted(row: Row, names: Mapping[str, str]) -> GrantedProjectView:
    own = {name: row[name] for name in GrantedProjectView.model_fields if name != "name"}
    return GrantedProjectView.model_validate({**own, "name": names.get(str(row["project_id"]), "")})


def _filters(request: ListProjectGrants | ListGrantedProjects) -> Iterator[Condition]:
    for column in ("project_id", "organization_id", "granted_organization_id"):
        value = getattr(request, column, "")
        if value:
            yield eq(column, value)
    if request.status is not Status.UNSPECIFIED:
        yield eq("status", request.status.value)
