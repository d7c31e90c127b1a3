"""How long an instance keeps its activity log, as its events say."""

from dataclasses import dataclass
from datetime import timedelta

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.policy.events import LONGEST_LIFETIME
from hexkeep.core.retention.events import ActivityRetentionSet

RETENTION_ID = "retention"
"""The id of the only aggregate of this type in an instance."""
DEFAULT_DAYS = 400
"""A year and a month: long enough to compare a month with that of the year before."""
LEAST_DAYS = LONGEST_LIFETIME.days + 1
"""Nothing that may still be in use is dropped, and what is in the activity log lives as long as that at most."""
MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Retention:
    """``days`` is how long the activity log is kept, 0 for ever."""

    days: int = DEFAULT_DAYS

    @property
    def kept(self) -> timedelta | None:
        """How long events are kept at least, ``None`` for ever."""
        return timedelta(days=self.days) if self.days else None


def _evolve(state: Retention, event: Event) -> Retention:
    match event:
        case ActivityRetentionSet(days=days):
            return Retention(days)
        case _:
            return state


RETENTION = Aggregate("retention", Log.DURABLE, Retention(), (ActivityRetentionSet,), _evolve)
