"""Tokens: the token endpoint, userinfo, logout, discovery, and the families that refresh tokens belong to."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.token.api import OPERATIONS
from hexkeep.core.token.projection import OF_IMPERSONATIONS, PROJECTION
from hexkeep.core.token.state import IMPERSONATION, TOKEN_FAMILY

SLICE = Slice(
    "token",
    aggregates=(TOKEN_FAMILY, IMPERSONATION),
    projections=(PROJECTION, OF_IMPERSONATIONS),
    operations=OPERATIONS,
)
