"""Instances: the virtual tenants, told apart by the host of a request."""

from hexkeep.core.instance.api import OPERATIONS
from hexkeep.core.instance.projection import PROJECTION
from hexkeep.core.instance.setup import CREATION
from hexkeep.core.instance.state import INSTANCE
from hexkeep.core.kernel.slice import Slice

SLICE = Slice(
    "instance", aggregates=(INSTANCE,), projections=(PROJECTION,), operations=OPERATIONS, processes=(CREATION,)
)
