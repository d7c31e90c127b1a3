"""A pass over all logs, which goes on where it was broken off: that a node ends does not begin it anew.

Logs are verified in their order, so one place says how far everything was found intact. It counts until the pass has
come to its end, and for a day: what was verified longer ago is verified again. Behind a log that is broken, whatever is
said of it later, nothing counts, and in a log that was restored since not what was read before.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hexkeep.core.kernel.event import Log
from hexkeep.engine.keyring import bytes_of, text_of
from hexkeep.engine.verifier import Mark, Place
from hexkeep.ports.event_store import Head

SAVED_EVERY = 20_000
"""Events that are verified before it is written down again how far the pass is."""
LASTING = timedelta(days=1)
NOWHERE: Place = ("", Log.ACTIVITY)
"""In front of every log."""
BEGINNING = Mark()


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a pass is: in which log and epoch, the last good seal there, and how many events it has read in all."""

    place: Place = NOWHERE
    epoch: int = 0
    mark: Mark = BEGINNING
    events: int = 0


class Pass:
    """One run along the logs, from where the last one was broken off."""

    def __init__(self, begun: Reached, save: Callable[[Reached], Awaitable[None]]) -> None:
        self.begun = begun
        self.whole = True
        """Whether nothing was left out up to now, so that it may be written down how far everything was verified."""
        self._unbroken = True
        self._save = save
        self._saved = self._before = begun.events

    def is_behind(self, place: Place) -> bool:
        """Whether the pass had come past a log before it was broken off."""
        return place < self.begun.place

    def mark_in(self, head: Head) -> Mark:
        """Where to go on in a log."""
        here = (head.instance, head.log, head.epoch) == (*self.begun.place, self.begun.epoch)
        return self.begun.mark if here else BEGINNING

    def meet(self, head: Head) -> Callable[[Mark, int], Awaitable[None]]:
        """What is to hear of every good seal of a log that is read from where ``mark_in`` says."""

        async def passed(mark: Mark, events: int) -> None:
            total = self._before + events
            if self.whole and self._unbroken and total - self._saved >= SAVED_EVERY:
                self._saved = total
                await self._save(Reached((head.instance, head.log), head.epoch, mark, total))

        return passed

    def broke(self) -> None:
        """A log is broken, and so was not read to its end."""
        self._unbroken = False

    def ended(self, events: int) -> None:
        """A log was read to its end."""
        self._before += events


def packed(reached: Reached, last: datetime | None, now: datetime) -> bytes:
    """How far a pass is, as it is remembered. ``last`` is when everything was verified last."""
    mark = reached.mark
    place = (*reached.place, reached.epoch, mark.number, mark.last, mark.epoch, text_of(mark.link))
    return json.dumps([_text(last), now.isoformat(), *place, reached.events]).encode()


def unpacked(kept: bytes | None, last: datetime | None, now: datetime) -> Reached:
    """The same, or the beginning, where that was of another pass or too long ago."""
    if kept is None:
        return Reached()
    before, at, instance, log, epoch, number, end, sealed, link, events = json.loads(kept)
    if before != _text(last) or now - datetime.fromisoformat(at) > LASTING:
        return Reached()
    return Reached((instance, Log(log)), epoch, Mark(number, end, sealed, bytes_of(link)), events)


def _text(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
