"""Grants: a project, with some of its roles, given to another organization to authorize its own users for."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.projectgrant.api import OPERATIONS
from hexkeep.core.projectgrant.projection import PROJECTION
from hexkeep.core.projectgrant.state import PROJECT_GRANT

SLICE = Slice("projectgrant", (PROJECT_GRANT,), (PROJECTION,), OPERATIONS)
