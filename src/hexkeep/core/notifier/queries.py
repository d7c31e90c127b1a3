"""Reading notification providers."""

import enum
from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from hexkeep.core.kernel.access import listed, visible_row
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, page_of
from hexkeep.core.kernel.view import And, Condition, eq
from hexkeep.core.notifier.projection import NOTIFICATION_PROVIDERS
from hexkeep.core.notifier.state import NotificationChannel, NotificationProviderKind


class NotificationProviderView(RowMessage):
    """A notification provider. What its kind has no use for is empty; its secret is never shown."""

    provider_id: str
    name: str
    kind: NotificationProviderKind
    channel: NotificationChannel
    active: bool
    host: str
    port: int
    tls: str
    user_name: str
    has_password: bool
    sender_address: str
    sender_name: str
    reply_to: str
    url: str
    version: int
    created_at: datetime
    changed_at: datetime


class GetNotificationProvider(Message):
    """The provider to read."""

    provider_id: Id


class NotificationProviderSort(enum.StrEnum):
    """What providers can be sorted by; unspecified is by id, and so by age."""

    UNSPECIFIED = "unspecified"
    NAME = "name"


class ListNotificationProviders(PageRequest):
    """Which providers to list."""

    channel: NotificationChannel = Field(
        default=NotificationChannel.UNSPECIFIED, description="Only those of this channel."
    )
    kind: NotificationProviderKind = Field(
        default=NotificationProviderKind.UNSPECIFIED, description="Only those of this kind."
    )
    only_active: bool = Field(default=False, description="Only those that send.")
    sort: NotificationProviderSort = NotificationProviderSort.UNSPECIFIED


class NotificationProviderPage(Page):
    """Some notification providers."""

    providers: tuple[NotificationProviderView, ...]


def get_notification_provider(request: GetNotificationProvider, ctx: Context) -> Decision[NotificationProviderView]:
    """Read one notification provider."""
    return Decision(NotificationProviderView.of(visible_row(ctx, NOTIFICATION_PROVIDERS, request.provider_id)))


def list_notification_providers(request: ListNotificationProviders, ctx: Context) -> Decision[NotificationProviderPage]:
    """List the instance's notification providers."""
    select = page_of(NOTIFICATION_PROVIDERS, request, And(tuple(_filters(request))), sort=request.sort)
    found = listed(ctx, request, select)
    views = tuple(NotificationProviderView.of(row) for row in found.rows)
    return Decision(NotificationProviderPage(providers=views, next_cursor=found.next_cursor, total=found.total))


def _filters(request: ListNotificationProviders) -> Iterator[Condition]:
    if request.channel is not NotificationChannel.UNSPECIFIED:
        yield eq("channel", request.channel.value)
    if request.kind is not NotificationProviderKind.UNSPECIFIED:
        yield eq("kind", request.kind.value)
    if request.only_active:
        yield eq("active", value=True)
