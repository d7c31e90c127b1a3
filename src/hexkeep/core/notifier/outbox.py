"""How a test message gets out: like every other, but by the provider under test."""

from collections.abc import Iterable
from datetime import timedelta

from pydantic import JsonValue

from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.outbox import Delivery, Outbox
from hexkeep.core.notifier.events import NotificationProviderTested

OF_USE = timedelta(minutes=30)
"""For how long somebody waits for a test message."""
ATTEMPTS = 3


def deliveries(recorded: Recorded[Event]) -> Iterable[Delivery]:
    """One message."""
    match recorded.event:
        case NotificationProviderTested() as event:
            payload: dict[str, JsonValue] = {
                "message": "test",
                "to": event.address,
                "language": event.language,
                "values": {},
                "provider_id": event.provider_id,
            }
            until = recorded.created_at + OF_USE
            yield Delivery(event.channel, payload, expires_at=until, max_attempts=ATTEMPTS)


OUTBOX = Outbox("notifier_tests", Log.ACTIVITY, (NotificationProviderTested,), deliveries)
