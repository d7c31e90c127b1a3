"""History: what has happened to a resource, by whom, and what it was at any point of its log."""

from hexkeep.core.history.api import OPERATIONS
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("history", operations=OPERATIONS)
