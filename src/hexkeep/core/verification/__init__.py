"""Verification: whether the logs are as they were written, as the engine finds out by itself once in a while."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.verification.api import OPERATIONS

SLICE = Slice("verification", operations=OPERATIONS)
