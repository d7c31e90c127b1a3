"""The types of authorization details of an instance: one aggregate, for discovery tells them all."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hexkeep.core.detailstype.events import DetailsTypeAdded, DetailsTypeChanged, DetailsTypeRemoved
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.oidc.rfc9396 import DetailsType

DETAILS_TYPES_ID = "authorization_details_types"
"""The id of the one aggregate that an instance has."""


@dataclass(frozen=True, slots=True)
class DetailsTypes:
    """The types there are, by id, the oldest first."""

    by_id: Mapping[str, DetailsType] = field(default_factory=dict)

    @property
    def by_type(self) -> dict[str, DetailsType]:
        """The same by the name that requests use."""
        return {one.type: one for one in self.by_id.values()}


def _evolve(state: DetailsTypes, event: Event) -> DetailsTypes:
    match event:
        case DetailsTypeAdded():
            added = DetailsType(event.details_type, event.name, event.description, event.details_fields)
            return DetailsTypes({**state.by_id, event.details_type_id: added})
        case DetailsTypeChanged() if event.details_type_id in state.by_id:
            present = state.by_id[event.details_type_id]
            changed = replace(present, name=event.name, description=event.description, fields=event.details_fields)
            return DetailsTypes({**state.by_id, event.details_type_id: changed})
        case DetailsTypeRemoved(details_type_id=removed):
            return DetailsTypes({one: kept for one, kept in state.by_id.items() if one != removed})
        case _:
            return state


DETAILS_TYPES = Aggregate(
    "authorization_details_type",
    Log.DURABLE,
    DetailsTypes(),
    (DetailsTypeAdded, DetailsTypeChanged, DetailsTypeRemoved),
    _evolve,
)


def details_types(ctx: Context) -> dict[str, DetailsType]:
    """The types that the instance knows, by the name that requests use."""
    return ctx.load(DETAILS_TYPES, DETAILS_TYPES_ID).by_type
