"""The activity horizon: what lies behind it is ``Archived``, which is another thing than never having been there."""

import uuid
from datetime import UTC, datetime

from hexkeep.core.kernel.errors import Archived
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import EventStore

TIME_ORDERED = 7
"""The version of UUIDs that begin with the milliseconds since 1970 (RFC 9562 section 5.7)."""


def begun_at(aggregate_id: str) -> datetime | None:
    """When an id was made, if it is one of ours, which tell that."""
    try:
        found = uuid.UUID(aggregate_id)
    except ValueError:
        return None
    if found.version != TIME_ORDERED:
        return None
    return datetime.fromtimestamp((found.int >> 80) / 1000, UTC)


async def insist_on_kept(store: EventStore, instance: str, log: Log, aggregate_id: str) -> None:
    """Raise ``Archived`` for an aggregate without events that would have been dropped if it had had any.

    Of an id that is older than the horizon nobody can say whether something was there.
    """
    if log is not Log.ACTIVITY or (begun := begun_at(aggregate_id)) is None:
        return
    horizon_at = (await store.head(instance, log)).horizon_at
    if horizon_at is not None and begun <= horizon_at:
        raise Archived
