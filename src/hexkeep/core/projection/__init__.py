"""Projections as operators see them: where they are, what is parked, what is skipped on purpose, and rebuilds."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.projection.api import OPERATIONS
from hexkeep.core.projection.state import SKIPS

SLICE = Slice("projection", aggregates=(SKIPS,), operations=OPERATIONS)
