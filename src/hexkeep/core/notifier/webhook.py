"""Web services as notification providers: they are sent signed JSON, and bring the message further."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.fields import Id, Name
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import Conditional, UpdateRequest, expect
from hexkeep.core.notifier.access import reached
from hexkeep.core.notifier.events import WebhookProviderAdded, WebhookProviderChanged, WebhookSecretSet
from hexkeep.core.notifier.state import NOTIFIER, NotificationChannel, NotificationProviderKind


def _https(text: str) -> str:
    """An absolute ``https`` URL without a user and a fragment; raises ``ValueError`` for any other."""
    parts = urlsplit(text)
    fit = text.isascii() and text.isprintable() and " " not in text and parts.scheme == "https" and parts.hostname
    if not fit or parts.username is not None or parts.fragment or parts.port == 0:
        raise ValueError("must be an https URL")
    return text


HttpsUrl = Annotated[
    str, Field(max_length=2000, examples=["https://messages.example.com/send"]), AfterValidator(_https)
]


class CreateWebhookProvider(Message):
    """A web service that the messages of a channel can go out by."""

    name: Name = Field(examples=["Our text messages"])
    channel: NotificationChannel = Field(examples=["sms"])
    url: HttpsUrl


class WebhookProviderCreated(Message):
    """The provider there is now, not active yet, and what its requests are signed with, which is shown this once."""

    provider_id: str
    signing_secret: str = Field(repr=False)


class UpdateWebhookProvider(UpdateRequest):
    """What to change; what is left out stays."""

    provider_id: Id
    name: Name | None = None
    url: HttpsUrl | None = None


class GenerateWebhookSecret(Conditional):
    """The web service whose requests are to be signed with another secret."""

    provider_id: Id


class WebhookSecret(Message):
    """What requests are signed with from now on, which is shown this once."""

    signing_secret: str = Field(repr=False)


def create_webhook_provider(request: CreateWebhookProvider, ctx: Context) -> Decision[WebhookProviderCreated]:
    """Add a web service as a notification provider."""
    ctx.authorize()
    if request.channel is NotificationChannel.UNSPECIFIED:
        raise InvalidInput("", Violation("channel", "must be mail or sms"))
    provider_id, secret = ctx.new_id(), ctx.new_secret()
    added = WebhookProviderAdded(
        name=request.name, channel=request.channel.value, url=request.url, signing_secret=secret
    )
    created = WebhookProviderCreated(provider_id=provider_id, signing_secret=secret)
    return Decision(created, NOTIFIER.append(provider_id, added))


def update_webhook_provider(request: UpdateWebhookProvider, ctx: Context) -> Decision[Empty]:
    """Change what a web service is called, or where it is."""
    provider = reached(request.provider_id, ctx, NotificationProviderKind.WEBHOOK)
    expect(ctx, NOTIFIER, request.provider_id, request)
    present = WebhookProviderChanged(name=provider.name, url=provider.url)
    after = present.model_copy(update=request.changes())
    return Decision(Empty(), *(() if after == present else (NOTIFIER.append(request.provider_id, after),)))


def generate_webhook_secret(request: GenerateWebhookSecret, ctx: Context) -> Decision[WebhookSecret]:
    """Sign what a web service is sent with another secret from now on."""
    reached(request.provider_id, ctx, NotificationProviderKind.WEBHOOK)
    expect(ctx, NOTIFIER, request.provider_id, request)
    secret = ctx.new_secret()
    event = WebhookSecretSet(signing_secret=secret)
    return Decision(WebhookSecret(signing_secret=secret), NOTIFIER.append(request.provider_id, event))
