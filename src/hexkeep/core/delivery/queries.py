"""What can be read of deliveries. What they carry is never shown."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from hexkeep.core.delivery.projection import DELIVERIES, DeliveryState
from hexkeep.core.kernel.access import listed
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Line
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, page_of
from hexkeep.core.kernel.view import And, Condition, eq


class DeliveryView(RowMessage):
    """A delivery as operators see it. ``error`` is the class of the last failure, without data."""

    delivery_id: str
    outbox: str
    channel: str
    user_id: str
    state: DeliveryState
    created_at: datetime
    due_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None
    attempts: int
    max_attempts: int
    error: str


class ListDeliveries(PageRequest):
    """Which deliveries to list, by the time at which they are due."""

    state: DeliveryState = Field(default=DeliveryState.UNSPECIFIED, description="Only those in this state.")
    channel: Line = Field(default="", description="Only those of this channel.")
    outbox: Line = Field(default="", description="Only those of this outbox.")
    user_id: Line = Field(default="", description="Only those about this user.")


class DeliveryPage(Page):
    """Some deliveries."""

    deliveries: tuple[DeliveryView, ...]


def list_deliveries(request: ListDeliveries, ctx: Context) -> Decision[DeliveryPage]:
    """List what waits to be delivered, was delivered lately, or could not be."""
    select = page_of(DELIVERIES, request, And(tuple(_filters(request))), sort="due_at")
    found = listed(ctx, request, select)
    views = tuple(DeliveryView.of(row) for row in found.rows)
    return Decision(DeliveryPage(deliveries=views, next_cursor=found.next_cursor, total=found.total))


def _filters(request: ListDeliveries) -> Iterator[Condition]:
    for column in ("channel", "outbox", "user_id"):
        if value := getattr(request, column):
            yield eq(column, value)
    if request.state is not DeliveryState.UNSPECIFIED:
        yield eq("state", request.state.value)
