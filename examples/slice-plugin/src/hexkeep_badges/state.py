"""The state of a badge."""

from dataclasses import dataclass, replace

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.unique import UniqueKey
from hexkeep_badges.events import BadgeChanged, BadgeCreated, BadgeRetired


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge. Immutable: states are cached and shared."""

    exists: bool = False
    retired: bool = False
    organization_id: str = ""
    name: str = ""
    description: str = ""


def evolve(state: Badge, event: Event) -> Badge:
    """The state after ``event``. Never refuses: what is in the log has happened."""
    match event:
        case BadgeCreated():
            return Badge(exists=True, **event.model_dump())
        case BadgeChanged():
            return replace(state, **event.model_dump())
        case BadgeRetired():
            return replace(state, retired=True)
        case _:
            return state


BADGE = Aggregate("badge", Log.DURABLE, Badge(), (BadgeCreated, BadgeChanged, BadgeRetired), evolve)


def name_key(organization_id: str, name: str) -> UniqueKey:
    """What no two badges of one organization may share, whatever its case."""
    return UniqueKey("badge_name", organization_id, name)
