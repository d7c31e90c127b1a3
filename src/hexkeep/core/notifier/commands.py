"""What can be done to any notification provider."""

from collections.abc import Iterator

from pydantic import Field

from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import CountUp
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, ResourceExhausted, Violation
from hexkeep.core.kernel.fields import Id, LanguageTag
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.notifier.access import reached
from hexkeep.core.notifier.addresses import receiver
from hexkeep.core.notifier.events import (
    NotificationProviderActivated,
    NotificationProviderChosen,
    NotificationProviderDeactivated,
    NotificationProviderRemoved,
    NotificationProviderTested,
)
from hexkeep.core.notifier.state import NOTIFIER, NOTIFIER_CHOICE, NOTIFIER_TEST

TESTS, TESTS_WINDOW = 20, 3600
"""How many test messages an instance may send within a window, in seconds."""


class ActivateNotificationProvider(Conditional):
    """The provider that is to send the messages of its channel."""

    provider_id: Id


class DeactivateNotificationProvider(Conditional):
    """The provider that is to send nothing any more."""

    provider_id: Id


class DeleteNotificationProvider(Conditional):
    """The provider to remove."""

    provider_id: Id


class TestNotificationProvider(Message):
    """Which provider is to send a test message, and where to."""

    provider_id: Id
    address: str = Field(max_length=254, description="An e-mail address, or a phone number.", examples=["a@b.example"])
    language: LanguageTag = ""


class NotificationProviderTestSent(Message):
    """The test message is on its way; `ListDeliveries` tells what became of it."""

    test_id: str


def activate_notification_provider(request: ActivateNotificationProvider, ctx: Context) -> Decision[Empty]:
    """Have a provider send the messages of its channel, in place of the one that did so far."""
    provider = reached(request.provider_id, ctx)
    expect(ctx, NOTIFIER, request.provider_id, request)
    if provider.status is Status.ACTIVE:
        return Decision(Empty())
    former = ctx.load(NOTIFIER_CHOICE, provider.channel)
    chosen = NOTIFIER_CHOICE.append(provider.channel, NotificationProviderChosen(provider_id=request.provider_id))
    activated = NOTIFIER.append(request.provider_id, NotificationProviderActivated())
    return Decision(Empty(), *_switched_off(former, ctx), activated, chosen)


def deactivate_notification_provider(request: DeactivateNotificationProvider, ctx: Context) -> Decision[Empty]:
    """Have a provider send nothing any more. What is to go out on its channel waits for another one."""
    provider = reached(request.provider_id, ctx)
    expect(ctx, NOTIFIER, request.provider_id, request)
    if provider.status is not Status.ACTIVE:
        return Decision(Empty())
    ctx.load(NOTIFIER_CHOICE, provider.channel)  # whatever is appended to is loaded: else it were a new one
    nothing = NOTIFIER_CHOICE.append(provider.channel, NotificationProviderChosen(provider_id=""))
    return Decision(Empty(), *_switched_off(request.provider_id, ctx), nothing)


def delete_notification_provider(request: DeleteNotificationProvider, ctx: Context) -> Decision[Empty]:
    """Remove a provider that is not active."""
    provider = reached(request.provider_id, ctx)
    expect(ctx, NOTIFIER, request.provider_id, request)
    if provider.status is Status.ACTIVE:
        raise FailedPrecondition("The provider is active", status=str(provider.status))
    return Decision(Empty(), NOTIFIER.append(request.provider_id, NotificationProviderRemoved()))


def test_notification_provider(
    request: TestNotificationProvider, ctx: Context
) -> Decision[NotificationProviderTestSent]:
    """Send a test message by a provider, active or not."""
    provider = reached(request.provider_id, ctx)
    address = receiver(provider.channel, request.address)
    if not address:
        raise InvalidInput("", Violation("address", "must be an address of the provider's channel"))
    if ctx.ask(CountUp("notifier/tests", TESTS_WINDOW)) > TESTS:
        raise ResourceExhausted("Too many test messages were sent", retry_after=TESTS_WINDOW)
    test_id = ctx.new_id()
    tested = NotificationProviderTested(
        provider_id=request.provider_id, channel=provider.channel, address=address, language=request.language
    )
    return Decision(NotificationProviderTestSent(test_id=test_id), NOTIFIER_TEST.append(test_id, tested))


def _switched_off(provider_id: str, ctx: Context) -> Iterator[Append]:
    if provider_id:
        ctx.load(NOTIFIER, provider_id)
        yield NOTIFIER.append(provider_id, NotificationProviderDeactivated())
