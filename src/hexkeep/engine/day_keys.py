"""The keys of days: what was sealed for nobody in particular can be read for so long, and by nobody afterwards."""

from datetime import timedelta

from hexkeep.engine.keyring import Keyring
from hexkeep.ports.clock import Clock
from hexkeep.ports.event_store import EventStore
from hexkeep.ports.keys import Keys

PREFIX = "client/"
PAGE = 500


async def destroy_day_keys(keys: Keys, keyring: Keyring, events: EventStore, clock: Clock, kept: timedelta) -> int:
    """Destroy the keys of days that are over for longer than ``kept``; how many there were.

    Nothing is ever sealed under the key of a past day, so other nodes need not be waited for.
    """
    last, gone = (clock.now() - kept).date(), 0
    for instance in sorted({head.instance for head in await events.heads()}):
        after = (instance, PREFIX, 0)
        while page := await keys.list(after, PAGE):
            for key in page:
                if key.instance == instance and _is_before(key.name, last.isoformat()) and key.wrapped:
                    await keyring.destroy(instance, key.name)
                    gone += 1
            end = page[-1]
            if end.instance != instance or not end.name.startswith(PREFIX):
                break
            after = (end.instance, end.name, end.version)
    return gone


def _is_before(name: str, day: str) -> bool:
    """Dates of ISO 8601 sort as they follow each other."""
    return name.startswith(PREFIX) and name.removeprefix(PREFIX) < day
