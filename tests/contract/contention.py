"""What several nodes on one storage must make of each other's writes, whichever storage it is."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Appended, KeyClaim, Outcome
from hexkeep.ports.storage import Storage
from hexkeep.testing.contract import fresh
from hexkeep.testing.units import append, key_hash, stream, unit

Opening = Callable[[], AbstractAsyncContextManager[Storage]]

NODES = 3
WRITERS = 6


async def assert_rounds_lose_nothing(opening: Opening, *, instances: int, streams: int, turns: int) -> None:
    """Rounds of units in opposite orders: each unit is applied once or conflicts, and positions have no gaps."""
    refs = [stream() for _ in range(streams)]
    places = [(fresh("instance"), log) for _ in range(instances) for log in Log]

    async def write(storage: Storage, number: int) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for turn in range(turns):
            ordered = refs if turn % 2 else refs[::-1]
            claims = [KeyClaim("kit_name", key_hash(ref.id), ref) for ref in ordered]
            units = [unit(instance, *map(append, ordered), log=log, claims=claims) for instance, log in places]
            outcomes += await storage.events.append(units if (number + turn) % 2 else units[::-1])
        return outcomes

    async with AsyncExitStack() as stack:
        storages = [await stack.enter_async_context(opening()) for _ in range(NODES)]
        done = await asyncio.gather(*(write(storages[number % NODES], number) for number in range(WRITERS)))
        assert sum(isinstance(found, Appended) for outcomes in done for found in outcomes) == len(places)
        for instance, log in places:
            events = await storages[0].events.read_log(instance, log, 0, 100)
            assert [found.position for found in events] == list(range(1, streams + 1))


async def assert_key_goes_to_one(opening: Opening, *, turns: int) -> None:
    """The two logs of an instance have two heads, yet a key that is claimed through both at once has one owner."""
    async with opening() as one, opening() as two:
        for _ in range(turns):
            instance, wanted = fresh("instance"), key_hash("wanted")
            refs = [stream(), stream()]
            claims = [KeyClaim("kit_name", wanted, ref) for ref in refs]
            calls = [
                storage.events.append([unit(instance, append(ref), log=log, claims=[claim])])
                for storage, ref, log, claim in zip((one, two), refs, Log, claims, strict=True)
            ]
            outcomes = [found for (found,) in await asyncio.gather(*calls)]
            assert sum(isinstance(found, Appended) for found in outcomes) == 1
