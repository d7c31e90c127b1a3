"""How a code gets to its person: as a mail, or as a text message."""

from collections.abc import Iterable

from pydantic import JsonValue

from hexkeep.core.code.events import CodeIssued
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.outbox import Delivery, Outbox

MESSAGES = {"one_time_text": "one_time_code"}
"""The kinds of messages that are not named as what their codes are for."""


def deliveries(recorded: Recorded[Event]) -> Iterable[Delivery]:
    """One message for a code. It is of no use once the code is too old."""
    match recorded.event:
        case CodeIssued() as event:
            values: dict[str, JsonValue] = {
                "code": event.code,
                "link": event.link,
                "display_name": event.display_name,
                "expires_at": event.expires_at.isoformat(),
            }
            to: dict[str, JsonValue] = {"to": event.address, "language": event.language}
            payload = {"message": MESSAGES.get(event.purpose, event.purpose), **to, "values": values}
            yield Delivery(event.channel, payload, subject=event.user_id, expires_at=event.expires_at)


OUTBOX = Outbox("codes", Log.ACTIVITY, (CodeIssued,), deliveries)
