"""User registration: people make accounts for themselves, where the login policy lets them."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.userregistration.api import OPERATIONS
from hexkeep.core.userregistration.outbox import OUTBOX
from hexkeep.core.userregistration.state import USER_REGISTRATION

SLICE = Slice("user_registration", aggregates=(USER_REGISTRATION,), operations=OPERATIONS, outboxes=(OUTBOX,))
