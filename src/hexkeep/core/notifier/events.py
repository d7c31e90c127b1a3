"""What happens to the notification providers of an instance."""

from typing import Annotated

from hexkeep.core.kernel.event import Event, Sealed, Unattributed

Secret = Annotated[str, Sealed("notifier")]
"""What a provider is shown to believe that it is us."""


class SmtpProviderAdded(Event):
    """Mails can go out by a mail server, once the provider is active."""

    type = "notifier.smtp.added"

    name: str
    host: str
    port: int
    tls: str
    user_name: str
    password: Secret
    sender_address: str
    sender_name: str
    reply_to: str


class SmtpProviderChanged(Event):
    """The mail server or the sender are now these; the password is the same."""

    type = "notifier.smtp.changed"

    name: str
    host: str
    port: int
    tls: str
    user_name: str
    sender_address: str
    sender_name: str
    reply_to: str


class SmtpPasswordSet(Event):
    """The mail server is shown another password, or none when it is empty."""

    type = "notifier.smtp.password.set"

    password: Secret


class WebhookProviderAdded(Event):
    """The messages of a channel can go out by a web service, once the provider is active."""

    type = "notifier.webhook.added"

    name: str
    channel: str
    url: str
    signing_secret: Secret


class WebhookProviderChanged(Event):
    """The web service is now called so, or is elsewhere."""

    type = "notifier.webhook.changed"

    name: str
    url: str


class WebhookSecretSet(Event):
    """What the web service is sent is signed with another secret."""

    type = "notifier.webhook.secret.set"

    signing_secret: Secret


class NotificationProviderActivated(Event):
    """It sends the messages of its channel from now on."""

    type = "notifier.activated"


class NotificationProviderDeactivated(Event):
    """It sends nothing any more."""

    type = "notifier.deactivated"


class NotificationProviderRemoved(Event):
    """It is gone for good."""

    type = "notifier.removed"


class NotificationProviderChosen(Event):
    """The messages of a channel go out by this provider; by none when it is empty."""

    type = "notifier_choice.set"

    provider_id: str


class NotificationProviderTested(Event):
    """A test message is to go out by a provider, active or not, to an address."""

    type = "notifier_test.requested"

    provider_id: str
    channel: str
    address: Annotated[str, Unattributed()]
    language: str
