"""Retention: how long the activity log of an instance is kept."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.retention.api import OPERATIONS
from hexkeep.core.retention.state import RETENTION

SLICE = Slice("retention", (RETENTION,), operations=OPERATIONS)
