"""Delivery: how the outside is reached. One deliverer per channel, brought by plugins (hook ``hexkeep_deliverers``).

What a deliverer guarantees
---------------------------
1.  ``deliver`` returns once the receiver has taken the delivery over, and raises otherwise.
2.  It hands ``key`` to the receiver in whatever way the channel has (a header, a message id). Everything is delivered
    at least once, and the key is the same at every attempt: a receiver that honours it sees each delivery once.
3.  It holds nothing back: no queue, no retry of its own. The outbox has both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One attempt to deliver."""

    id: str
    """Its id in the queue, for logs."""
    instance: str
    outbox: str
    channel: str
    key: str = field(repr=False)
    """The idempotency key."""
    payload: Mapping[str, JsonValue] = field(repr=False)
    user_id: str
    """Whom it is about, or empty."""
    attempt: int
    """1 for the first."""
    created_at: datetime
    expires_at: datetime | None


class DeliveryFailed(Exception):
    """Raised by a deliverer. ``permanent`` says that no further attempt can help.

    ``code`` is a short word for operators (``http_503``), without data of the delivery. ``retry_after`` is how long the
    receiver wants to be left alone at least.
    """

    def __init__(self, *, permanent: bool, code: str = "", retry_after: timedelta | None = None) -> None:
        super().__init__(code or ("refused" if permanent else "failed"))
        self.permanent = permanent
        self.code = code
        self.retry_after = retry_after


class Deliverer(Protocol):
    """The port. Called concurrently, up to the channel's bound; a call that takes too long is cancelled."""

    async def deliver(self, outgoing: Outgoing) -> None:
        """Bring it outside. Raises ``DeliveryFailed``; any other exception counts as a failure that may pass."""
