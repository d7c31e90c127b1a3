"""Registration of clients by themselves (RFC 7591), and of their documents: who may, and how."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.registration.api import OPERATIONS
from hexkeep.core.registration.projection import PROJECTION
from hexkeep.core.registration.state import CLIENT_REGISTRATION, INITIAL_ACCESS_TOKEN

SLICE = Slice("client_registration", (CLIENT_REGISTRATION, INITIAL_ACCESS_TOKEN), (PROJECTION,), OPERATIONS)
