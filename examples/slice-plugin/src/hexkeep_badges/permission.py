"""Who may do what with badges: a role of this slice's own, held in an organization.

The owner of an instance has it in any case, and gives it to others.
"""

from hexkeep.core.kernel.permission import Level, Role

KEEPER = Role("BADGE_KEEPER", Level.ORGANIZATION, frozenset({"badge.*"}))
VIEWER = Role("BADGE_VIEWER", Level.ORGANIZATION, frozenset({"badge.read"}))
