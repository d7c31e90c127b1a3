"""The view of notification providers. It holds no secret, only whether there is one."""

from collections.abc import Iterable

from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.view import Column, ColumnType, Delete, Patch, Projection, Put, RowOperation, Table, Value
from hexkeep.core.notifier.events import (
    NotificationProviderActivated,
    NotificationProviderDeactivated,
    NotificationProviderRemoved,
    SmtpPasswordSet,
    SmtpProviderAdded,
    SmtpProviderChanged,
    WebhookProviderAdded,
    WebhookProviderChanged,
)
from hexkeep.core.notifier.state import NOTIFIER, NotificationChannel, NotificationProviderKind

NOTIFICATION_PROVIDERS = Table(
    "notification_providers",
    columns=(
        Column("provider_id"),
        Column("name", search=True),
        Column("kind"),
        Column("channel"),
        Column("active", ColumnType.BOOLEAN),
        Column("host"),
        Column("port", ColumnType.INTEGER),
        Column("tls"),
        Column("user_name"),
        Column("has_password", ColumnType.BOOLEAN),
        Column("sender_address"),
        Column("sender_name"),
        Column("reply_to"),
        Column("url"),
    ),
    key=("provider_id",),
    indexes=(("name",),),
    of=NOTIFIER.name,
)
NOWHERE: dict[str, Value] = {
    "host": "",
    "port": 0,
    "tls": "",
    "user_name": "",
    "has_password": False,
    "sender_address": "",
    "sender_name": "",
    "reply_to": "",
    "url": "",
}


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event."""
    key = (recorded.aggregate_id,)
    match recorded.event:
        case SmtpProviderAdded() | WebhookProviderAdded() as event:
            yield Put(NOTIFICATION_PROVIDERS, {"provider_id": recorded.aggregate_id, **_row(event)})
        case SmtpProviderChanged() | WebhookProviderChanged() as event:
            yield Patch(NOTIFICATION_PROVIDERS, key, event.model_dump())
        case SmtpPasswordSet(password=password):
            yield Patch(NOTIFICATION_PROVIDERS, key, {"has_password": bool(password)})
        case NotificationProviderActivated():
            yield Patch(NOTIFICATION_PROVIDERS, key, {"active": True})
        case NotificationProviderDeactivated():
            yield Patch(NOTIFICATION_PROVIDERS, key, {"active": False})
        case NotificationProviderRemoved():
            yield Delete(NOTIFICATION_PROVIDERS, key)


def _row(event: SmtpProviderAdded | WebhookProviderAdded) -> dict[str, Value]:
    shown = event.model_dump(exclude={"password", "signing_secret"})
    if isinstance(event, SmtpProviderAdded):
        kind, channel = NotificationProviderKind.SMTP.value, NotificationChannel.MAIL.value
        own: dict[str, Value] = {"kind": kind, "channel": channel, "has_password": bool(event.password)}
    else:
        own = {"kind": NotificationProviderKind.WEBHOOK.value}
    return {**NOWHERE, "active": False, **shown, **own}


PROJECTION = Projection("notification_providers", 1, Log.DURABLE, (NOTIFICATION_PROVIDERS,), NOTIFIER.events, project)
"""What can be read of notification providers."""
