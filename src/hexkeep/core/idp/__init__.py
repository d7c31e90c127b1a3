"""Identity providers: where people who have an account elsewhere sign in. These are the records of them."""

from hexkeep.core.idp.api import OPERATIONS
from hexkeep.core.idp.projection import PROJECTION
from hexkeep.core.idp.state import IDENTITY_PROVIDER, LOGIN_PROVIDERS
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("idp", (IDENTITY_PROVIDER, LOGIN_PROVIDERS), (PROJECTION,), OPERATIONS)
