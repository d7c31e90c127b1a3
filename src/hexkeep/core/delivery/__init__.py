"""Deliveries: what waits to be brought outside, was brought there, or could not be."""

from hexkeep.core.delivery.api import OPERATIONS
from hexkeep.core.delivery.projection import QUEUE
from hexkeep.core.delivery.state import DELIVERY
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("delivery", aggregates=(DELIVERY,), operations=OPERATIONS, ledgers=(QUEUE,))
