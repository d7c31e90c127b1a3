"""Policies: what holds for the users of an instance, and what an organization has otherwise."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.policy.api import OPERATIONS
from hexkeep.core.policy.state import POLICIES

SLICE = Slice("policy", (POLICIES,), operations=OPERATIONS)
