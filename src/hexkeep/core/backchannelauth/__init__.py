"""Applications that ask a person elsewhere, without a browser of theirs: CIBA Core 1.0, by poll and ping."""

from hexkeep.core.backchannelauth.api import OPERATIONS
from hexkeep.core.backchannelauth.outbox import OUTBOX
from hexkeep.core.backchannelauth.state import BACKCHANNEL
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("backchannel_authentication", aggregates=(BACKCHANNEL,), operations=OPERATIONS, outboxes=(OUTBOX,))
