"""Organizations: the owners of users and projects within an instance."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.organization.api import OPERATIONS
from hexkeep.core.organization.projection import PROJECTION
from hexkeep.core.organization.state import ORGANIZATION

SLICE = Slice("organization", (ORGANIZATION,), (PROJECTION,), OPERATIONS)
