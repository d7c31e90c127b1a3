"""Application keys: key pairs with which applications authenticate, so that no secret has to be sent."""

from hexkeep.core.applicationkey.api import OPERATIONS
from hexkeep.core.applicationkey.projection import PROJECTION
from hexkeep.core.applicationkey.state import APPLICATION_KEY
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("application_key", (APPLICATION_KEY,), (PROJECTION,), OPERATIONS)
