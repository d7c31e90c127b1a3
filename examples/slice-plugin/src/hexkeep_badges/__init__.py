"""Badges: marks of honour that an organization defines. Their names are unique within the organization."""

from hexkeep.core.kernel.slice import Slice
from hexkeep_badges.api import OPERATIONS
from hexkeep_badges.permission import KEEPER, VIEWER
from hexkeep_badges.projection import PROJECTION
from hexkeep_badges.state import BADGE

SLICE = Slice("badge", (BADGE,), (PROJECTION,), OPERATIONS, roles=(KEEPER, VIEWER))
