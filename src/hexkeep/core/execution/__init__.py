"""Executions: which targets are called when. So far records alone: nothing calls them."""

from hexkeep.core.execution.api import OPERATIONS
from hexkeep.core.execution.projection import PROJECTION
from hexkeep.core.execution.state import EXECUTION
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("execution", (EXECUTION,), (PROJECTION,), OPERATIONS)
