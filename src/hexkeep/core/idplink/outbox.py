"""Who is told that an account elsewhere signs somebody in from now on, or does so no more: that person."""

from collections.abc import Iterable
from datetime import timedelta

from pydantic import JsonValue

from hexkeep.core.idplink.events import IdentityProviderLinkAdded, IdentityProviderLinkRemoved
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.outbox import Delivery, Outbox

OF_USE = timedelta(days=7)
"""For how long after a change it is worth telling."""


def deliveries(recorded: Recorded[Event]) -> Iterable[Delivery]:
    """One mail for a link. It names the provider, and not the account there."""
    match recorded.event:
        case IdentityProviderLinkAdded() as event if event.told:
            yield _told("link_added", event, recorded)
        case IdentityProviderLinkRemoved() as event if event.told:
            yield _told("link_removed", event, recorded)


def _told(
    message: str, event: IdentityProviderLinkAdded | IdentityProviderLinkRemoved, recorded: Recorded[Event]
) -> Delivery:
    values: dict[str, JsonValue] = {"changed_at": recorded.created_at.isoformat(), "provider": event.provider_name}
    payload: dict[str, JsonValue] = {"message": message, "to": event.told, "language": "", "values": values}
    return Delivery("mail", payload, subject=event.user_id, expires_at=recorded.created_at + OF_USE)


OUTBOX = Outbox("link_notices", Log.DURABLE, (IdentityProviderLinkAdded, IdentityProviderLinkRemoved), deliveries)
