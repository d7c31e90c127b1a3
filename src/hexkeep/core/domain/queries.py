"""What can be read of the domains of organizations."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from hexkeep.core.domain.projection import ORGANIZATION_DOMAINS
from hexkeep.core.domain.state import DomainValidationMethod
from hexkeep.core.kernel.access import listed
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Id, Line
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, page_of
from hexkeep.core.kernel.view import And, Condition, Contains, eq


class OrganizationDomainView(RowMessage):
    """A domain of an organization as its readers see it. At most one is primary, and that one is verified."""

    organization_id: str
    domain: str
    is_verified: bool
    is_primary: bool
    validation_method: DomainValidationMethod
    created_at: datetime
    changed_at: datetime


class ListOrganizationDomains(PageRequest):
    """Which domains to list, by name."""

    organization_id: Id
    domain: Line = Field(default="", description="Only those whose name contains this.")
    is_verified: bool | None = Field(default=None, description="Only those that are verified, or that are not.")


class OrganizationDomainPage(Page):
    """Some domains."""

    domains: tuple[OrganizationDomainView, ...]


def list_organization_domains(request: ListOrganizationDomains, ctx: Context) -> Decision[OrganizationDomainPage]:
    """List the domains of an organization."""
    found = listed(ctx, request, page_of(ORGANIZATION_DOMAINS, request, And(tuple(_filters(request)))))
    views = tuple(OrganizationDomainView.of(row) for row in found.rows)
    return Decision(OrganizationDomainPage(domains=views, next_cursor=found.next_cursor, total=found.total))


def _filters(request: ListOrganizationDomains) -> Iterator[Condition]:
    yield eq("organization_id", request.organization_id)
    if request.domain:
        yield Contains("domain", request.domain)
    if request.is_verified is not None:
        yield eq("is_verified", request.is_verified)
