"""Authorizations: which roles a user has in a project."""

from hexkeep.core.authorization.api import OPERATIONS
from hexkeep.core.authorization.projection import AUTHORIZATIONS, PROJECTION
from hexkeep.core.authorization.state import AUTHORIZATION
from hexkeep.core.kernel.slice import Owned, Slice

SLICE = Slice(
    "authorization",
    (AUTHORIZATION,),
    (PROJECTION,),
    OPERATIONS,
    owned=(Owned(AUTHORIZATIONS, "DeleteAuthorization"),),
)
