"""What operators did about deliveries. What becomes of a delivery by itself is no event: the queue holds it."""

from typing import ClassVar

from hexkeep.core.kernel.event import Event


class DeliveryRetried(Event):
    """Somebody wants it to be tried again, as if it never had been."""

    type: ClassVar[str] = "delivery.retried"


class DeliveryDiscarded(Event):
    """Somebody gave it up."""

    type: ClassVar[str] = "delivery.discarded"
