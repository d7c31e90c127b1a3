"""What judging answers of SAML holds up in the process that asks for it: how late a timer of its event loop is."""

import asyncio
import base64
import multiprocessing
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing.synchronize import Event

from hexkeep.adapters.offload.processes import Processes
from hexkeep.adapters.offload.threads import Threads
from hexkeep.plugins.saml.answer import Answer
from hexkeep.plugins.saml.idp_metadata import read
from hexkeep.plugins.saml.rules import Expected
from hexkeep.plugins.saml.validation import validated
from hexkeep.ports.offload import Offload
from hexkeep.testing.idp import party
from hexkeep.testing.idp_saml import ENTITY_ID, metadata_text, pair
from tests.bench.figures import Figure, delays
from tests.unit.plugins.saml_judge import REQUEST, by_both

SECONDS, CALLERS, TICK = 5.0, 4, 0.001


async def beside_a_timer() -> list[Figure]:
    """A timer's delay while answers are judged beside the loop, against that while a stranger's process judges them."""
    answer = _answer()
    async with stranger():
        apart = await _delays()
    return [
        *delays("a timer beside answers judged in a process of its own", await _while(Processes(1), answer), apart),
        *delays("a timer beside answers judged in a thread", await _while(Threads(), answer), apart),
    ]


@asynccontextmanager
async def stranger(rate: float = 0) -> AsyncIterator[None]:
    """Meanwhile a process that nobody here waits for judges answers: at a rate, or without a pause."""
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_judge, args=(ready, rate))
    process.start()
    try:
        if not await asyncio.to_thread(ready.wait, 60):
            raise RuntimeError("no process judges")
        yield
    finally:
        process.kill()
        process.join()


async def _while(offload: Offload, answer: Answer) -> Sequence[float]:
    await offload.run(validated, answer)

    async def judging() -> None:
        while True:
            await offload.run(validated, answer)

    callers = [asyncio.create_task(judging()) for _ in range(CALLERS)]
    delays = await _delays()
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    await offload.close()
    return delays


async def _delays() -> Sequence[float]:
    """How much later than it should a timer goes off, again and again."""
    found, end = list[float](), time.perf_counter() + SECONDS
    while (begin := time.perf_counter()) < end:
        await asyncio.sleep(TICK)
        found.append(time.perf_counter() - begin - TICK)
    return found


def _judge(ready: Event, rate: float) -> None:
    """What a process does that has nothing to do with this one, until it is ended."""
    answer = _answer()
    validated(answer)
    ready.set()
    begin = time.perf_counter()
    for number in count():
        if rate:
            time.sleep(max(0.0, begin + number / rate - time.perf_counter()))
        validated(answer)


def _answer() -> Answer:
    """One that is signed twice; it can be judged again, for nobody remembers it here."""
    now = datetime.now(UTC)
    provider = read(metadata_text((pair("idp").certificate,)).encode())
    expected = Expected(ENTITY_ID, party().entity_id, party().consumer, REQUEST, now - timedelta(seconds=30), now)
    return Answer(base64.b64encode(by_both().encode()).decode(), provider, party(), expected)
