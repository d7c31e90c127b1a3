"""Texts that an instance or an organization has put in the place of those of pages and messages."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.text.api import OPERATIONS
from hexkeep.core.text.state import TEXTS

SLICE = Slice("text", (TEXTS,), operations=OPERATIONS)
