"""Users: people and machines."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.user.account_api import ACCOUNT_OPERATIONS
from hexkeep.core.user.api import OPERATIONS
from hexkeep.core.user.outbox import OUTBOX
from hexkeep.core.user.projection import PROJECTION
from hexkeep.core.user.state import USER

SLICE = Slice("user", (USER,), (PROJECTION,), (*OPERATIONS, *ACCOUNT_OPERATIONS), outboxes=(OUTBOX,))
