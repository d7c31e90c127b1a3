"""Codes: short-lived secrets that somebody gets at an address, and proves with that the address is the person's."""

from hexkeep.core.code.api import OPERATIONS
from hexkeep.core.code.outbox import OUTBOX
from hexkeep.core.code.state import CODE, CODE_FORM
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("code", aggregates=(CODE, CODE_FORM), operations=OPERATIONS, outboxes=(OUTBOX,))
