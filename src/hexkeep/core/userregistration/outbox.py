"""What a stranger who wants an account is told, at the address that was given."""

from collections.abc import Iterable

from pydantic import JsonValue

from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.outbox import Delivery, Outbox
from hexkeep.core.userregistration.events import UserRegistrationRequested


def deliveries(recorded: Recorded[Event]) -> Iterable[Delivery]:
    """One mail. It holds nothing but the code that a stranger could choose: nobody sends words of one's own by us."""
    match recorded.event:
        case UserRegistrationRequested() as event:
            values: dict[str, JsonValue] = {
                "code": event.code,
                "link": event.link,
                "expires_at": event.expires_at.isoformat(),
            }
            to: dict[str, JsonValue] = {"to": event.address, "language": event.language}
            yield Delivery("mail", {"message": event.message, **to, "values": values}, expires_at=event.expires_at)


OUTBOX = Outbox("user_registrations", Log.ACTIVITY, (UserRegistrationRequested,), deliveries)
