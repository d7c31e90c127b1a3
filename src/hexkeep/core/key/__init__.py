"""Signing keys: what an instance signs its tokens with, and publishes so that others can verify them."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.key.api import OPERATIONS
from hexkeep.core.key.state import SIGNING_KEYS

SLICE = Slice("key", aggregates=(SIGNING_KEYS,), operations=OPERATIONS)
