"""Targets: places outside that are called when something happens here. So far records alone: nothing calls them."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.target.api import OPERATIONS
from hexkeep.core.target.projection import PROJECTION
from hexkeep.core.target.state import TARGET

SLICE = Slice("target", (TARGET,), (PROJECTION,), OPERATIONS)
