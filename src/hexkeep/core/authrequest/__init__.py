"""Authorization requests: an application sends somebody to sign in and gets a code back, or an error."""

from hexkeep.core.authrequest.api import OPERATIONS
from hexkeep.core.authrequest.state import AUTH_REQUEST
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("auth_request", aggregates=(AUTH_REQUEST,), operations=OPERATIONS)
