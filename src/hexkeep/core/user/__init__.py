"""Users: people and machines."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.user.api import OPERATIONS
from hexkeep.core.user.projection import PROJECTION
from hexkeep.core.user.state import USER

SLICE = Slice("user", (USER,), (PROJECTION,), OPERATIONS)
