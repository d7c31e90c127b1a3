"""What operators may do about deliveries."""

from hexkeep.core.delivery.asks import GiveUp, RetryNow
from hexkeep.core.delivery.events import DeliveryDiscarded, DeliveryRetried
from hexkeep.core.delivery.projection import DeliveryState
from hexkeep.core.delivery.state import DELIVERY
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound
from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message


class RetryDelivery(Message):
    """The delivery to try again at once."""

    delivery_id: Id


class DiscardDelivery(Message):
    """The delivery to give up."""

    delivery_id: Id


def retry_delivery(request: RetryDelivery, ctx: Context) -> Decision[Empty]:
    """Try a delivery that waits or is dead again, at once and with all its attempts before it."""
    return _interfere(request.delivery_id, RetryNow(request.delivery_id), DeliveryRetried(), ctx)


def discard_delivery(request: DiscardDelivery, ctx: Context) -> Decision[Empty]:
    """Give up a delivery that waits or is dead; one that is on its way may still arrive."""
    return _interfere(request.delivery_id, GiveUp(request.delivery_id), DeliveryDiscarded(), ctx)


def _interfere(delivery_id: str, ask: Ask[DeliveryState], event: Event, ctx: Context) -> Decision[Empty]:
    ctx.authorize()
    ctx.load(DELIVERY, delivery_id)
    match ctx.ask(ask):
        case DeliveryState.UNSPECIFIED:
            raise NotFound
        case DeliveryState.PENDING | DeliveryState.DEAD:
            return Decision(Empty(), DELIVERY.append(delivery_id, event))
        case state:
            raise FailedPrecondition(f"This delivery is {state.value}")
