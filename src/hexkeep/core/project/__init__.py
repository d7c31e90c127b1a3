"""Projects: applications that belong together, with the roles users can have in them."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.project.api import OPERATIONS
from hexkeep.core.project.projection import PROJECTION
from hexkeep.core.project.state import PROJECT

SLICE = Slice("project", (PROJECT,), (PROJECTION,), OPERATIONS)
