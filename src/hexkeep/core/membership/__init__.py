"""Memberships: which management roles a user holds, and where."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.membership.api import OPERATIONS
from hexkeep.core.membership.projection import PROJECTION
from hexkeep.core.membership.state import MEMBERSHIPS

SLICE = Slice("membership", (MEMBERSHIPS,), (PROJECTION,), OPERATIONS)
