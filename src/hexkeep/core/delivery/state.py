"""The record of what operators did about one delivery. Its aggregate's id is the delivery's."""

from hexkeep.core.delivery.events import DeliveryDiscarded, DeliveryRetried
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log


def _evolve(state: int, _: Event) -> int:
    return state + 1


DELIVERY = Aggregate(
    name="delivery",
    log=Log.ACTIVITY,
    initial=0,
    events=(DeliveryRetried, DeliveryDiscarded),
    evolve=_evolve,
)
"""Its state is how many times somebody interfered; all else is in the queue."""
