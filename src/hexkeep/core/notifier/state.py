"""A notification provider, and which one a channel's messages go out by."""

import enum
from dataclasses import dataclass, field, replace
from typing import Any

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.notifier.events import (
    NotificationProviderActivated,
    NotificationProviderChosen,
    NotificationProviderDeactivated,
    NotificationProviderRemoved,
    NotificationProviderTested,
    SmtpPasswordSet,
    SmtpProviderAdded,
    SmtpProviderChanged,
    WebhookProviderAdded,
    WebhookProviderChanged,
    WebhookSecretSet,
)


class NotificationChannel(enum.StrEnum):
    """What a message is brought as."""

    UNSPECIFIED = "unspecified"
    MAIL = "mail"
    SMS = "sms"


class NotificationProviderKind(enum.StrEnum):
    """How a provider is reached."""

    UNSPECIFIED = "unspecified"
    SMTP = "smtp"
    """A mail server (RFC 5321)."""
    WEBHOOK = "webhook"
    """A web service that is sent signed JSON."""


class TlsMode(enum.StrEnum):
    """How the connection to a mail server is protected. Certificates are verified in either case."""

    UNSPECIFIED = "unspecified"
    STARTTLS = "starttls"
    """From plain text, before anything else is said (RFC 3207); usually port 587."""
    IMPLICIT = "implicit"
    """From the start (RFC 8314); usually port 465."""
    NONE = "none"
    """Not at all: for a relay beside us, without a password."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server, and who the mails are from."""

    host: str = ""
    port: int = 0
    tls: str = ""
    user_name: str = ""
    sender_address: str = ""
    sender_name: str = ""
    reply_to: str = ""

    def reached_like(self, other: "Smtp") -> bool:
        """Whether a password goes to the same server, for the same user, as well protected."""
        return (self.host, self.port, self.tls, self.user_name) == (other.host, other.port, other.tls, other.user_name)


@dataclass(frozen=True, slots=True)
class Notifier:
    """A notification provider. ``smtp`` or ``url`` says where, as its kind is."""

    status: Status = Status.UNSPECIFIED
    kind: str = ""
    channel: str = ""
    name: str = ""
    smtp: Smtp = Smtp()
    password: str = field(default="", repr=False)
    url: str = ""
    signing_secret: str = field(default="", repr=False)


def _evolve(state: Notifier, event: Event) -> Notifier:
    match event:
        case SmtpProviderAdded(name=name, password=password):
            kind, channel = NotificationProviderKind.SMTP.value, NotificationChannel.MAIL.value
            return Notifier(Status.INACTIVE, kind, channel, name, _smtp(event), password)
        case WebhookProviderAdded():
            return Notifier(Status.INACTIVE, NotificationProviderKind.WEBHOOK.value, **event.model_dump())
        case SmtpProviderChanged(name=name):
            return replace(state, name=name, smtp=_smtp(event))
        case WebhookProviderChanged() | SmtpPasswordSet() | WebhookSecretSet():
            return replace(state, **event.model_dump())
        case NotificationProviderActivated():
            return replace(state, status=Status.ACTIVE)
        case NotificationProviderDeactivated():
            return replace(state, status=Status.INACTIVE)
        case NotificationProviderRemoved():
            return Notifier(Status.REMOVED)
        case _:
            return state


def _smtp(event: SmtpProviderAdded | SmtpProviderChanged) -> Smtp:
    fields: dict[str, Any] = event.model_dump(exclude={"name", "password"})
    return Smtp(**fields)


NOTIFIER = Aggregate(
    name="notifier",
    log=Log.DURABLE,
    initial=Notifier(),
    events=(
        SmtpProviderAdded,
        SmtpProviderChanged,
        SmtpPasswordSet,
        WebhookProviderAdded,
        WebhookProviderChanged,
        WebhookSecretSet,
        NotificationProviderActivated,
        NotificationProviderDeactivated,
        NotificationProviderRemoved,
    ),
    evolve=_evolve,
)


def _chosen(state: str, event: Event) -> str:
    return event.provider_id if isinstance(event, NotificationProviderChosen) else state


NOTIFIER_CHOICE = Aggregate("notifier_choice", Log.DURABLE, "", (NotificationProviderChosen,), _chosen)
"""One for each channel, which is its id: the provider that its messages go out by, or nothing."""


def _tested(state: int, _: Event) -> int:
    return state + 1


NOTIFIER_TEST = Aggregate("notifier_test", Log.ACTIVITY, 0, (NotificationProviderTested,), _tested)
"""One for each test message."""
