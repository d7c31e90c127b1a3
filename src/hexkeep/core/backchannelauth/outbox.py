"""How a person learns that an application asks, and the application that there is an answer."""

from collections.abc import Iterable

from pydantic import JsonValue

from hexkeep.core.backchannelauth.events import BackchannelApproved, BackchannelDenied, BackchannelRequested
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.outbox import Delivery, Outbox

PING = "backchannel_ping"
"""The channel by which applications are told (CIBA Core 1.0 section 10.2)."""


def deliveries(recorded: Recorded[Event]) -> Iterable[Delivery]:
    """A mail for a request, where there is an address; a ping for an answer. Neither is of use once it has expired.

    What the ping says is not here: it is a secret, and whoever brings it out asks for it (``PlanBackchannelPing``).
    """
    match recorded.event:
        case BackchannelRequested() as event if event.address:
            values: dict[str, JsonValue] = {
                "client_name": event.client_name,
                "binding_message": event.binding_message,
                "link": event.link,
                "display_name": event.display_name,
                "expires_at": event.expires_at.isoformat(),
            }
            kind = "approve_request_with_message" if event.binding_message else "approve_request"
            to: dict[str, JsonValue] = {"to": event.address, "language": event.language}
            payload = {"message": kind, **to, "values": values}
            yield Delivery("mail", payload, subject=event.user_id, expires_at=event.expires_at)
        case BackchannelApproved() | BackchannelDenied() as event if event.pinged:
            told: dict[str, JsonValue] = {"request_id": event.request_id}
            yield Delivery(PING, told, subject=event.user_id, expires_at=event.expires_at)


OUTBOX = Outbox(
    "backchannel_authentication",
    Log.ACTIVITY,
    (BackchannelRequested, BackchannelApproved, BackchannelDenied),
    deliveries,
)
