"""Data keys: which master key wraps them, and their renewal."""

from hexkeep.core.datakey.api import OPERATIONS
from hexkeep.core.datakey.state import DATA_KEYS
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("data_key", aggregates=(DATA_KEYS,), operations=OPERATIONS)
