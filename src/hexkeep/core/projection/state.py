"""Which events are skipped by which projection: one aggregate per instance, for there are few."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from hexkeep.core.kernel.aggregate import Aggregate, Ref
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.projection.events import ParkedEventSkipped

SKIPS_ID = "skips"
"""The id of the one aggregate of each instance."""


class Skip(NamedTuple):
    """One event that is passed over: whose it is, and where it stands in the log of that aggregate type."""

    ref: Ref
    position: int


@dataclass(frozen=True, slots=True)
class Skips:
    """Every skip of an instance, by the name of the projection or process that passes over the event."""

    by_projection: Mapping[str, frozenset[Skip]] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, projection: str) -> frozenset[Skip]:
        """What one projection passes over."""
        return self.by_projection.get(projection, frozenset())


def _evolve(state: Skips, event: Event) -> Skips:
    match event:
        case ParkedEventSkipped():
            skip = Skip(Ref(event.aggregate_type, event.aggregate_id), event.position)
            skips = {**state.by_projection, event.projection: state.of(event.projection) | {skip}}
            return Skips(MappingProxyType(skips))
        case _:
            return state


SKIPS = Aggregate(
    name="projection_skips", log=Log.DURABLE, initial=Skips(), events=(ParkedEventSkipped,), evolve=_evolve
)
"""One per instance, under ``SKIPS_ID``."""
