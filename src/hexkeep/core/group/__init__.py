"""Groups: users of an organization that are given roles together."""

from hexkeep.core.group.api import OPERATIONS
from hexkeep.core.group.projection import PROJECTION
from hexkeep.core.group.state import GROUP, USER_GROUPS
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("group", (GROUP, USER_GROUPS), (PROJECTION,), OPERATIONS)
