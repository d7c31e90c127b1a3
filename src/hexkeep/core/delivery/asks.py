"""What decisions about deliveries have done by the engine: the queue is not made of events."""

from dataclasses import dataclass
from typing import ClassVar

from hexkeep.core.delivery.projection import DeliveryState
from hexkeep.core.kernel.ask import Ask


@dataclass(frozen=True, slots=True)
class RetryNow(Ask[DeliveryState]):
    """Let a waiting or dead delivery be due at once, with all its attempts before it.

    The answer is the state in which it was found, ``UNSPECIFIED`` if there is none. Nothing is done to one that was
    delivered or discarded, that is on its way, or whose payload is gone with its person.
    """

    lasting: ClassVar[bool] = True

    delivery_id: str


@dataclass(frozen=True, slots=True)
class GiveUp(Ask[DeliveryState]):
    """Discard a waiting or dead delivery; the answer is the state in which it was found, as for ``RetryNow``."""

    lasting: ClassVar[bool] = True

    delivery_id: str
