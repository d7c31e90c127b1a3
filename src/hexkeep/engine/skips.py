"""Skips: the events that a projection passes over because somebody said so (``SkipParked``)."""

from hexkeep.core.projection.state import SKIPS, SKIPS_ID, Skip, Skips
from hexkeep.engine.states import States
from hexkeep.ports.clock import Clock

KNOWN_SECONDS = 1.0


class SkippedEvents:
    """Looks skips up in the instance's log, and remembers each answer for a second: skips are few, events are many."""

    def __init__(self, states: States, clock: Clock) -> None:
        self._states = states
        self._clock = clock
        self._known: dict[str, tuple[float, Skips]] = {}

    async def of(self, consumer: str, instance: str, *, fresh: bool = False) -> frozenset[Skip]:
        """What ``consumer`` passes over in one instance; ``fresh`` where an event has failed or history is read."""
        now = self._clock.monotonic()
        known = self._known.get(instance)
        if known is not None and not fresh and now < known[0]:
            return known[1].of(consumer)
        _, skips = await self._states.load(instance, SKIPS, SKIPS_ID)
        self._known[instance] = now + KNOWN_SECONDS, skips
        return skips.of(consumer)
