"""An outbox over the notes of the engine's tests: each note that is written goes out, about its author."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from hexkeep.core.delivery import SLICE as DELIVERY
from hexkeep.core.instance import SLICE as INSTANCES
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.outbox import Delivery, Outbox
from hexkeep.engine.courier import Pace
from hexkeep.ports.delivery import Outgoing
from tests.unit.engine.notes import SLICE, NotePoked, NoteRetitled, NoteWritten

CHANNEL = "mail"
QUICK = Pace(look=0.05, first_pause=0.02, longest_pause=0.1, timeout=2.0, patience=1.0)


def written(recorded: Recorded[Event]) -> Iterable[Delivery]:
    """A mail for each note; one titled ``late`` is of no use any more, ``twice`` goes to two receivers."""
    match recorded.event:
        case NoteWritten(title=title, author=author, text=text):
            delivery = Delivery(CHANNEL, {"title": title, "text": text}, subject=author, max_attempts=3)
            if title == "late":
                return [replace(delivery, expires_at=recorded.created_at - timedelta(seconds=1))]
            if title == "poison":
                raise RuntimeError("poison")
            return [delivery] * (2 if title == "twice" else 1)
        case NoteRetitled(title=title):
            return [Delivery(CHANNEL, {"title": title}, key=f"title/{title}")]
        case _:
            return [Delivery("nobody", {})]


OUTBOX = Outbox("notes", Log.DURABLE, (NoteWritten, NoteRetitled, NotePoked), written)
MAILING = replace(SLICE, outboxes=(OUTBOX,))
SLICES = (MAILING, DELIVERY, INSTANCES)


class Receiver:
    """A deliverer and who receives: counts attempts by title, sees each key once, fails as it is told."""

    def __init__(self, *failures: Exception) -> None:
        self.attempts: list[Outgoing] = []
        self.seen: dict[str, str] = {}
        self.failures = list(failures)
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_once = 0
        self._present = 0

    @property
    def titles(self) -> Counter[str]:
        """How often each title was seen by a receiver that honours the key."""
        return Counter(self.seen.values())

    async def deliver(self, outgoing: Outgoing) -> None:
        """Take over, when the gate is open."""
        self.attempts.append(outgoing)
        self._present += 1
        self.at_once = max(self.at_once, self._present)
        try:
            await self.gate.wait()
        finally:
            self._present -= 1
        if self.failures:
            raise self.failures.pop(0)
        self.seen[outgoing.key] = str(outgoing.payload.get("title"))
