"""Outboxes: what is to be brought outside because something happened, declared as a pure function of events.

Nothing external happens inside a decision. An outbox says what is to follow; the engine puts it into a queue together
with its place in the log, and a deliverer of the channel brings it out, at least once, under one idempotency key.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from hexkeep.core.kernel.event import Event, Log, Recorded

MAX_ATTEMPTS = 12
"""With the usual pauses, about five hours."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something to bring outside. ``channel`` says by whom: ``mail``, ``webhook`` and so on.

    ``payload`` is the deliverer's business; it is sealed while it waits, under the key of the user ``subject`` if there
    is one, so that nothing of an erased person can be read or sent. ``key`` is the idempotency key, handed over with
    every attempt; empty means one that this event's delivery alone has. Under a key that was delivered lately, or that
    waits, nothing more is put into the queue.
    """

    channel: str
    payload: Mapping[str, JsonValue] = field(repr=False)
    subject: str = ""
    key: str = field(default="", repr=False)
    not_before: datetime | None = None
    expires_at: datetime | None = None
    """From then on it is of no use, and given up."""
    max_attempts: int = MAX_ATTEMPTS

    def __post_init__(self) -> None:
        """Refuse what could never be delivered."""
        if not self.channel or self.max_attempts < 1:
            raise ValueError("a delivery has a channel and at least one attempt")


@dataclass(frozen=True, slots=True)
class Posted:
    """A delivery with its ``id`` in the queue and the idempotency key it goes out under."""

    id: str
    key: str = field(repr=False)
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Outbox:
    """A named function from the events of one log to deliveries. ``events`` are the classes it wants.

    ``deliveries`` is pure. It is run once for every event that happens from when the outbox is first declared; what
    happened before is not made up for. It may be run again after a crash, and is then to say the same.
    """

    name: str
    log: Log
    events: tuple[type[Event], ...]
    deliveries: Callable[[Recorded[Event]], Iterable[Delivery]] = field(compare=False)

    def posted(self, recorded: Recorded[Event]) -> tuple[Posted, ...]:
        """What one event brings, in order."""
        if not isinstance(recorded.event, self.events):
            return ()
        return tuple(self._posted(recorded, *numbered) for numbered in enumerate(self.deliveries(recorded)))

    def _posted(self, recorded: Recorded[Event], number: int, delivery: Delivery) -> Posted:
        if delivery.key:
            return Posted(_hash(recorded.instance, self.name, "key", delivery.key), delivery.key, delivery)
        own = _hash(
            recorded.instance,
            self.name,
            recorded.log.value,
            str(recorded.position),
            recorded.created_at.isoformat(),  # after a restore other events get the same positions
            str(number),
        )
        return Posted(own, own, delivery)


def _hash(*parts: str) -> str:
    """160 bits as 32 letters and digits: an id is typed on command lines, where a first ``-`` would begin an option."""
    digest = hashlib.sha256(b"hexkeep-delivery-1\0" + json.dumps(parts).encode()).digest()
    return base64.b32encode(digest[:20]).decode().lower()
