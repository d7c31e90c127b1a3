"""Sign-in elsewhere: the way to an identity provider and back, and who that is here."""

from hexkeep.core.idpintent.api import OPERATIONS
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("idp_intent", operations=OPERATIONS)
