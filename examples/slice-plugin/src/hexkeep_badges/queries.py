"""What can be read of badges."""

import enum
from datetime import datetime

from pydantic import Field

from hexkeep.core.kernel.access import listed, visible_row
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Id, Line
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, page_of
from hexkeep.core.kernel.view import ALWAYS, eq
from hexkeep_badges.commands import BadgeId
from hexkeep_badges.projection import BADGES


class BadgeView(RowMessage):
    """A badge as its readers see it."""

    badge_id: Id
    organization_id: str
    name: str
    description: str
    retired: bool
    version: int
    created_at: datetime
    changed_at: datetime


class BadgeSort(enum.StrEnum):
    """What badges can be sorted by; unspecified is by id, and so by age."""

    UNSPECIFIED = "unspecified"
    NAME = "name"


class ListBadges(PageRequest):
    """Which badges to list."""

    organization_id: Line = Field(default="", description="Only those of this organization.")
    sort: BadgeSort = BadgeSort.UNSPECIFIED


class BadgePage(Page):
    """Some badges."""

    badges: tuple[BadgeView, ...]


def get_badge(request: BadgeId, ctx: Context) -> Decision[BadgeView]:
    """Read one badge."""
    return Decision(BadgeView.of(visible_row(ctx, BADGES, request.badge_id)))


def list_badges(request: ListBadges, ctx: Context) -> Decision[BadgePage]:
    """List those badges that the caller may read."""
    where = eq("organization_id", request.organization_id) if request.organization_id else ALWAYS
    select = page_of(BADGES, request, where, sort=request.sort)
    found = listed(ctx, request, select)
    return Decision(
        BadgePage(
            badges=tuple(BadgeView.of(row) for row in found.rows), next_cursor=found.next_cursor, total=found.total
        )
    )
