"""Second factors: what people prove who they are with besides a password, or instead of one."""

from hexkeep.core.factor.api import OPERATIONS
from hexkeep.core.factor.state import FACTORS
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("factor", (FACTORS,), (), OPERATIONS)
