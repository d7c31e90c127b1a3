"""What can be read of organizations."""

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
from hexkeep.core.organization.projection import ORGANIZATIONS


class OrganizationView(RowMessage):
    """An organization as its readers see it."""

    organization_id: str
    name: str
    status: Status
    version: int
    created_at: datetime
    changed_at: datetime


class GetOrganization(Message):
    """The organization to read."""

    organization_id: Id


class OrganizationSort(enum.StrEnum):
    """What organizations can be sorted by; unspecified is by id, and so by age."""

    UNSPECIFIED = "unspecified"
    NAME = "name"
    CREATED_AT = "created_at"


class ListOrganizations(PageRequest):
    """Which organizations to list."""

    name: Line = Field(default="", description="Only those whose name contains this, whatever its case.")
    status: Status = Field(default=Status.UNSPECIFIED, description="Only those with this status.")
    sort: OrganizationSort = OrganizationSort.UNSPECIFIED


class OrganizationPage(Page):
    """Some organizations."""

    organizations: tuple[OrganizationView, ...]


def get_organization(request: GetOrganization, ctx: Context) -> Decision[OrganizationView]:
    """Read one organization."""
    return Decision(OrganizationView.of(visible_row(ctx, ORGANIZATIONS, request.organization_id)))


def list_organizations(request: ListOrganizations, ctx: Context) -> Decision[OrganizationPage]:
    """List those organizations that the caller may read."""
    select = page_of(ORGANIZATIONS, request, And(tuple(_filters(request))), sort=request.sort)
    found = listed(ctx, request, select)
    views = tuple(OrganizationView.of(row) for row in found.rows)
    return Decision(OrganizationPage(organizations=views, next_cursor=found.next_cursor, total=found.total))


def _filters(request: ListOrganizations) -> Iterator[Condition]:
    if request.name:
        yield Contains("name", request.name)
    if request.status is not Status.UNSPECIFIED:
        yield eq("status", request.status.value)
