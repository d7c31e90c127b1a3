"""What can be read of targets: everything but the keys that their calls are signed with."""

import enum
from collections.abc import Iterator
from datetime import datetime, timedelta

from pydantic import Field

from hexkeep.core.kernel.access import listed, visible_row
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Id, Line
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.paging import Page, PageRequest, page_of
from hexkeep.core.kernel.view import And, Condition, Contains, Row, eq
from hexkeep.core.target.events import TargetKind
from hexkeep.core.target.projection import TARGETS


class TargetView(Message):
    """A target as its readers see it."""

    target_id: str
    name: str
    kind: TargetKind
    url: str
    timeout: timedelta
    interrupt_on_error: bool
    version: int
    created_at: datetime
    changed_at: datetime


class GetTarget(Message):
    """The target to read."""

    target_id: Id


class TargetSort(enum.StrEnum):
    """What targets can be sorted by; unspecified is by id, and so by age."""

    UNSPECIFIED = "unspecified"
    NAME = "name"
    CREATED_AT = "created_at"


class ListTargets(PageRequest):
    """Which targets to list."""

    name: Line = Field(default="", description="Only those whose name contains this, whatever its case.")
    kind: TargetKind = Field(default=TargetKind.UNSPECIFIED, description="Only those that are called so.")
    sort: TargetSort = TargetSort.UNSPECIFIED


class TargetPage(Page):
    """Some targets."""

    targets: tuple[TargetView, ...]


def get_target(request: GetTarget, ctx: Context) -> Decision[TargetView]:
    """Read one target."""
    return Decision(_view(visible_row(ctx, TARGETS, request.target_id)))


def list_targets(request: ListTargets, ctx: Context) -> Decision[TargetPage]:
    """List the targets of the instance."""
    found = listed(ctx, request, page_of(TARGETS, request, And(tuple(_filters(request))), sort=request.sort))
    views = tuple(_view(row) for row in found.rows)
    return Decision(TargetPage(targets=views, next_cursor=found.next_cursor, total=found.total))


def _filters(request: ListTargets) -> Iterator[Condition]:
    if request.name:
        yield Contains("name", request.name)
    if request.kind is not TargetKind.UNSPECIFIED:
        yield eq("kind", request.kind)


def _view(row: Row) -> TargetView:
    cells = {name: row[name] for name in TargetView.model_fields if name != "timeout"}
    timeout = timedelta(milliseconds=int(str(row["timeout_milliseconds"])))
    return TargetView.model_validate({**cells, "timeout": timeout})
