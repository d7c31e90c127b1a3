"""Sessions: a user's proof, kept for some hours, of having signed in."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.session.api import OPERATIONS
from hexkeep.core.session.projection import PROJECTION
from hexkeep.core.session.state import SESSION, SIGN_IN

SLICE = Slice("session", aggregates=(SESSION, SIGN_IN), projections=(PROJECTION,), operations=OPERATIONS)
