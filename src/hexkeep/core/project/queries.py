"""What can be read of projects."""

import enum
from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from hexkeep.core.kernel.access import listed, visible_row
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Id, Line
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, page_of
from hexkeep.core.kernel.view import And, Condition, Contains, eq
from hexkeep.core.project.projection import PROJECTS


class ProjectView(RowMessage):
    """A project as its readers see it."""

    project_id: str
    organization_id: str
    name: str
    status: Status
    role_assertion: bool
    authorization_required: bool
    version: int
    created_at: datetime
    changed_at: datetime


class GetProject(Message):
    """The project to read."""

    project_id: Id


class ProjectSort(enum.StrEnum):
    """What projects can be sorted by; unspecified is by id, and so by age."""

    UNSPECIFIED = "unspecified"
    NAME = "name"
    CREATED_AT = "created_at"


class ListProjects(PageRequest):
    """Which projects to list."""

    organization_id: Line = Field(default="", description="Only those of this organization.")
    name: Line = Field(default="", description="Only those whose name contains this, whatever its case.")
    status: Status = Field(default=Status.UNSPECIFIED, description="Only those with this status.")
    sort: ProjectSort = ProjectSort.UNSPECIFIED


class ProjectPage(Page):
    """Some projects."""

    projects: tuple[ProjectView, ...]


def get_project(request: GetProject, ctx: Context) -> Decision[ProjectView]:
    """Read one project."""
    return Decision(ProjectView.of(visible_row(ctx, PROJECTS, request.project_id)))


def list_projects(request: ListProjects, ctx: Context) -> Decision[ProjectPage]:
    """List those projects that the caller may read."""
    select = page_of(PROJECTS, request, And(tuple(_filters(request))), sort=request.sort)
    found = listed(ctx, request, select)
    views = tuple(ProjectView.of(row) for row in found.rows)
    return Decision(ProjectPage(projects=views, next_cursor=found.next_cursor, total=found.total))


def _filters(request: ListProjects) -> Iterator[Condition]:
    if request.organization_id:
        yield eq("organization_id", request.organization_id)
    if request.name:
        yield Contains("name", request.name)
    if request.status is not Status.UNSPECIFIED:
        yield eq("status", request.status.value)
