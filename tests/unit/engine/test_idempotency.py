"""Idempotency keys: one request, one effect, one answer, however often it is sent."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    IdempotencyMismatch,
    InvalidInput,
    Overloaded,
    StorageUnavailable,
    Unauthenticated,
)
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.operation import I, O, Operation
from hexkeep.engine.assembly import Tuning
from hexkeep.engine.committer import Bounds
from hexkeep.engine.iam import Iam
from hexkeep.engine.idempotency import IdempotencyInProgress
from hexkeep.ports.api import Anonymous, Answer, Credentials, Meta, System
from hexkeep.testing.faults import Fault, FaultyEvents
from tests.unit.engine.notes import POKE, RETITLE, SLICE, WRITE, NoteId, RetitleNote, WriteNote
from tests.unit.engine.rig import memory_storage, ports_of, rig_with

BOUNDS = Bounds(waiting=1, pause=0.001)
SYSTEM = System()
LOST = [Fault.LOST_AFTER] * BOUNDS.attempts


@dataclass
class Caller:
    """Calls under an idempotency key."""

    iam: Iam
    faults: FaultyEvents

    async def call(
        self, operation: Operation[I, O], input_: I, key: str = "key", credentials: Credentials = SYSTEM
    ) -> Answer[O]:
        """One call."""
        return await self.iam.call(operation, input_, credentials, Meta(instance=SYSTEM_INSTANCE, idempotency_key=key))

    async def events(self) -> int:
        """How many events there are."""
        return (await self.faults.head(SYSTEM_INSTANCE, Log.DURABLE)).position


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    """The system, as a caller of a small engine with a short line."""
    async with memory_storage() as storage:
        faults = FaultyEvents(storage.events)
        rig = rig_with(replace(ports_of(storage), events=faults), (SLICE,), Tuning(bounds=BOUNDS))
        yield Caller(Iam(rig.machinery), faults)


async def test_a_repeated_request_gets_the_first_answer_without_secrets(caller: Caller) -> None:
    """Same output, same position, one event; what is shown once is not shown twice."""
    first = await caller.call(WRITE, WriteNote(title="once"))
    again = await caller.call(WRITE, WriteNote(title="once"))
    assert first.output.secret
    assert again.output == first.output.model_copy(update={"secret": ""})
    assert again.position == first.position
    assert await caller.events() == 1


async def test_another_request_under_the_same_key_is_refused(caller: Caller) -> None:
    """A key stands for one request; a second one is a mistake of the caller."""
    await caller.call(WRITE, WriteNote(title="once"))
    with pytest.raises(IdempotencyMismatch):
        await caller.call(WRITE, WriteNote(title="another"))
    assert await caller.events() == 1


async def test_a_refused_request_may_be_repeated(caller: Caller) -> None:
    """What was refused was not done: once its reason is gone the same request is a new attempt."""
    taken = await caller.call(WRITE, WriteNote(title="taken"), "first")
    for _ in range(3):
        with pytest.raises(AlreadyExists):
            await caller.call(WRITE, WriteNote(title="taken"))
    await caller.call(RETITLE, RetitleNote(note_id=taken.output.note_id, title="free"), "")
    assert (await caller.call(WRITE, WriteNote(title="taken"))).output.title == "taken"
    assert await caller.events() == 3


async def test_duplicates_at_the_same_time_run_once(caller: Caller) -> None:
    """One does the work; the others get its answer or are told that it is not done yet."""
    results = await asyncio.gather(
        *(caller.call(WRITE, WriteNote(title="once")) for _ in range(10)), return_exceptions=True
    )
    answers = [result for result in results if isinstance(result, Answer)]
    assert len({answer.output.note_id for answer in answers}) == 1
    assert all(isinstance(one, Answer | IdempotencyInProgress) for one in results)
    assert await caller.events() == 1


async def test_an_unknown_outcome_is_never_a_second_try(caller: Caller) -> None:
    """When nobody can say whether the work was done the key says so, and nothing is done again."""
    caller.faults.faults.extend(LOST)
    with pytest.raises(StorageUnavailable):
        await caller.call(WRITE, WriteNote(title="who knows"))
    with pytest.raises(IdempotencyInProgress):
        await caller.call(WRITE, WriteNote(title="who knows"))
    assert await caller.events() == 1


async def test_an_overloaded_request_may_be_repeated(caller: Caller) -> None:
    """It never entered the line, so nothing was done."""
    async with asyncio.TaskGroup() as tasks, caller.faults.writes_held():
        tasks.create_task(caller.call(WRITE, WriteNote(title="on its way"), ""))
        while not caller.faults.rounds:  # noqa: ASYNC110 - one turn of the loop each
            await asyncio.sleep(0)
        tasks.create_task(caller.call(WRITE, WriteNote(title="in line"), ""))
        for _ in range(100):
            await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await caller.call(WRITE, WriteNote(title="too many"))
    assert (await caller.call(WRITE, WriteNote(title="too many"))).output.title == "too many"


async def test_a_key_of_one_operation_says_nothing_about_another(caller: Caller) -> None:
    """The scope is instance, caller and operation; an operation that takes no key refuses one."""
    written = await caller.call(WRITE, WriteNote(title="once"))
    with pytest.raises(InvalidInput):
        await caller.call(POKE, NoteId(note_id=written.output.note_id))


async def test_nobody_has_no_keys(caller: Caller) -> None:
    """Callers without a name would share their outcomes."""
    with pytest.raises(Unauthenticated):
        await caller.call(WRITE, WriteNote(title="once"), credentials=Anonymous())


async def test_a_key_is_bounded(caller: Caller) -> None:
    """255 characters are enough for everybody."""
    with pytest.raises(InvalidInput):
        await caller.call(WRITE, WriteNote(title="once"), "k" * 256)
    assert await caller.events() == 0
