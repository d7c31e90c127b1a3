"""Who is told of a change in a person's account: the address that was the person's until then, or still is."""

from collections.abc import Iterable
from datetime import timedelta

from pydantic import JsonValue

from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.outbox import Delivery, Outbox
from hexkeep.core.user.events import UserEmailChanged, UserPasswordSet, UserPhoneChanged

OF_USE = timedelta(days=7)
"""For how long after a change it is worth telling."""


def deliveries(recorded: Recorded[Event]) -> Iterable[Delivery]:
    """One message for a change. It does not hold a new address: who reads the old one may be somebody else by now."""
    match recorded.event:
        case UserEmailChanged(previous=previous) if previous:
            yield _told("mail", "email_changed", previous, recorded)
        case UserPhoneChanged(previous=previous) if previous:
            yield _told("sms", "phone_changed", previous, recorded)
        case UserPasswordSet(told=told) if told:
            yield _told("mail", "password_changed", told, recorded)


def _told(channel: str, message: str, to: str, recorded: Recorded[Event]) -> Delivery:
    values: dict[str, JsonValue] = {"changed_at": recorded.created_at.isoformat()}
    payload: dict[str, JsonValue] = {"message": message, "to": to, "language": "", "values": values}
    return Delivery(channel, payload, subject=recorded.aggregate_id, expires_at=recorded.created_at + OF_USE)


OUTBOX = Outbox("user_addresses", Log.DURABLE, (UserEmailChanged, UserPhoneChanged, UserPasswordSet), deliveries)
