"""Personal access tokens: what a program presents to act as a user, without signing in."""

from hexkeep.core.accesstoken.api import OPERATIONS
from hexkeep.core.accesstoken.projection import PERSONAL_ACCESS_TOKENS, PROJECTION
from hexkeep.core.accesstoken.state import PERSONAL_ACCESS_TOKEN
from hexkeep.core.kernel.slice import Owned, Slice

SLICE = Slice(
    "access_token",
    (PERSONAL_ACCESS_TOKEN,),
    (PROJECTION,),
    OPERATIONS,
    owned=(Owned(PERSONAL_ACCESS_TOKENS, "DeletePersonalAccessToken"),),
)
