"""Applications: OIDC clients."""

from hexkeep.core.application.api import OPERATIONS
from hexkeep.core.application.projection import PROJECTION
from hexkeep.core.application.state import APPLICATION
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("application", (APPLICATION,), (PROJECTION,), OPERATIONS)
