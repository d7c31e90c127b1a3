"""The queue: a table that the engine keeps itself. Its rows begin with events and then go ways of their own."""

import enum

from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Column, ColumnType, Projection, Table


class DeliveryState(enum.StrEnum):
    """Where a delivery is."""

    UNSPECIFIED = "unspecified"
    PENDING = "pending"
    """It waits for its time, or is on its way."""
    DELIVERED = "delivered"
    """The receiver has it. The row stays for a while, so that its key is known."""
    DEAD = "dead"
    """It was refused for good, failed too often, or came too late; it can be retried."""
    DISCARDED = "discarded"
    """Somebody gave it up."""


DELIVERIES = Table(
    "deliveries",
    (
        Column("delivery_id"),
        Column("outbox"),
        Column("channel"),
        Column("user_id"),
        Column("state"),
        Column("created_at", ColumnType.TIME),
        Column("due_at", ColumnType.TIME),
        Column("expires_at", ColumnType.TIME, nullable=True),
        Column("ended_at", ColumnType.TIME, nullable=True),
        Column("attempts", ColumnType.INTEGER),
        Column("max_attempts", ColumnType.INTEGER),
        Column("claim", ColumnType.INTEGER),
        Column("error"),
        Column("sealed"),
    ),
    key=("delivery_id",),
    indexes=(("state", "channel", "due_at"), ("state", "ended_at"), ("user_id",)),
)
"""``claim`` is the fencing token of the leader that has it in hand, 0 for none; ``sealed`` is payload and key."""

STARTS = Table(
    "outbox_starts",
    (
        Column("outbox"),
        Column("of_instance"),
        Column("position", ColumnType.INTEGER),
        Column("epoch", ColumnType.INTEGER),
    ),
    key=("outbox", "of_instance"),
)
"""Where each outbox began in the logs that were there when it was first declared; in the instance ``system``.

The row without an instance says that the others are complete.
"""

QUEUE = Projection("outbox", 1, Log.DURABLE, (DELIVERIES, STARTS), (), lambda _: ())
"""A ledger is never made anew: to fill it again from the log would deliver twice. What is to be added later gets a
table beside these; a test holds their shape."""
