"""What is done about projections on purpose, so that a rebuild does it again and the audit shows who did it."""

from hexkeep.core.kernel.event import Event


class ParkedEventSkipped(Event):
    """A projection passes over one event for good: the one at ``position`` of the log of that aggregate."""

    type = "projection.parked_event_skipped"

    projection: str
    aggregate_type: str
    aggregate_id: str
    position: int
    reason: str
