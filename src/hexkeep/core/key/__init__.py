"""Keys: what an instance signs its tokens with, and what others encrypt to it by; published for both."""

from hexkeep.core.kernel.slice import Recurring, Slice
from hexkeep.core.key.api import AGE, OPERATIONS
from hexkeep.core.key.rotation import LOOKED_AT_EVERY, AgeSigningKeys
from hexkeep.core.key.state import SIGNING_KEYS

SLICE = Slice(
    "key",
    aggregates=(SIGNING_KEYS,),
    operations=OPERATIONS,
    recurring=(Recurring("rotate-signing-keys", LOOKED_AT_EVERY, AGE, AgeSigningKeys()),),
)
