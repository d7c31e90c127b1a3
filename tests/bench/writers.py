"""Writers: tasks that append through the engine as fast as they are answered."""

import asyncio
import hashlib
import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.engine.codec import Origin
from hexkeep.ports.event_store import KeyClaim, NewEvent, StreamAppend, Unit
from tests.unit.engine.notes import NOTE, NoteWritten
from tests.unit.engine.rig import INSTANCE, Rig

PAYLOAD = b'{"text":"' + b"x" * 218 + b'"}'
DIGEST = bytes(32)
MakeUnit = Callable[[Rig, int], Awaitable[Unit]]


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of writers came to: appends per second, and how long each waited, in seconds."""

    rate: float
    waits: list[float]


async def plain(rig: Rig, number: int) -> Unit:
    """A unit of one event on a stream of its own: nothing sealed, nothing digested, no unique key."""
    ref = Ref("note", rig.machinery.ids.new())
    append = StreamAppend(ref, 0, (NewEvent("note.written", 2, PAYLOAD, DIGEST),))
    return Unit(rig.machinery.ids.new(), INSTANCE, Log.DURABLE, (append,))


async def of_a_hundred(rig: Rig, number: int) -> Unit:
    """A plain unit of one of a hundred instances, each in its turn."""
    return replace(await plain(rig, number), instance=f"instance-{number % 100:02}")


async def everything(rig: Rig, number: int) -> Unit:
    """The same with a sealed field, a digest, and a unique key in one of ten."""
    note_id = rig.machinery.ids.new()
    ref = NOTE.ref(note_id)
    event = NoteWritten(title=f"note {number}", text="x" * 100, author="ada")
    events = await rig.machinery.codec.encode(INSTANCE, Log.DURABLE, ref, 0, [event], Origin("ada", note_id))
    claims = (KeyClaim("title", hashlib.sha256(note_id.encode()).digest(), ref),) if number % 10 == 0 else ()
    appends = (StreamAppend(ref, 0, events),)
    return Unit(note_id, INSTANCE, Log.DURABLE, appends, claims, actor="ada", correlation_id=note_id)


async def append(rig: Rig, writers: int, seconds: float, make: MakeUnit) -> Run:
    """Let ``writers`` tasks append for a while."""
    numbers = itertools.count()

    async def once() -> None:
        await rig.machinery.committer.append(await make(rig, next(numbers)))

    return await repeat(once, writers, seconds)


async def repeat(once: Callable[[], Awaitable[None]], tasks: int, seconds: float) -> Run:
    """Let ``tasks`` tasks do the same thing again and again."""
    waits: list[float] = []
    end = time.perf_counter() + seconds

    async def work() -> None:
        while (begin := time.perf_counter()) < end:
            await once()
            waits.append(time.perf_counter() - begin)

    begin = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(tasks)))
    return Run(len(waits) / (time.perf_counter() - begin), waits)
