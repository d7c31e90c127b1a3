"""Types of authorization details (RFC 9396): the words in which applications of an instance may ask in detail."""

from hexkeep.core.detailstype.api import OPERATIONS
from hexkeep.core.detailstype.state import DETAILS_TYPES
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("authorization_details_type", aggregates=(DETAILS_TYPES,), operations=OPERATIONS)
