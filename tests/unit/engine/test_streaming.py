"""Streams: batch after batch, at the reader's pace, each decided anew, woken by what is written."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest

from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.errors import DeadlineExceeded, Overloaded, PermissionDenied
from hexkeep.core.kernel.permission import SYSTEM, Caller, CallerKind
from hexkeep.engine import streaming
from hexkeep.engine.streaming import Stream, Streams
from hexkeep.ports.api import Answer
from tests.unit.engine.notes import FOLLOW, POKE, SLICE, WRITE, FollowPokes, NoteId, Pokes, WriteNote
from tests.unit.engine.rig import INSTANCE, Rig, started

NOBODY = Caller(CallerKind.USER, user_id="u1")
SECONDS = 5.0


@dataclass
class Reader:
    """Follows a note's pokes; ``asked`` are the cursors of its batches."""

    rig: Rig
    note_id: str
    caller: Caller = SYSTEM
    asked: list[str] = field(default_factory=list)

    async def batch(self, cursor: str, _timeout: float) -> Answer[Pokes]:
        """One batch of it."""
        self.asked.append(cursor)
        output, _ = await self.rig.run(FOLLOW, FollowPokes(note_id=self.note_id, cursor=cursor), caller=self.caller)
        return Answer(output)

    async def place(self) -> str:
        """The instance it is in."""
        return INSTANCE

    def run(
        self, streams: Streams | None = None, cursor: str = "", longest: float = SECONDS
    ) -> AsyncGenerator[Answer[Pokes], None]:
        """The stream."""
        chosen = streams or self.rig.machinery.streams
        return chosen.run(Stream("pokes", self.batch, self.place), cursor, longest)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A started engine."""
    async with started(SLICE) as rig:
        yield rig


@pytest.fixture
async def reader(rig: Rig) -> Reader:
    """Who follows a new note."""
    note, _ = await rig.run(WRITE, WriteNote(title="poked"))
    return Reader(rig, note.note_id)


async def poke(reader: Reader, times: int = 1) -> None:
    """Poke the note that is followed."""
    for _ in range(times):
        await reader.rig.run(POKE, NoteId(note_id=reader.note_id))


def numbers(answer: Answer[Pokes]) -> list[int]:
    """Which pokes a batch holds."""
    return [one.number for one in answer.output.pokes]


async def soon(answers: AsyncGenerator[Answer[Pokes], None]) -> list[int]:
    """The next batch, which has to come."""
    async with asyncio.timeout(SECONDS):
        return numbers(await anext(answers))


async def test_the_first_batch_comes_at_once_and_later_ones_when_there_is_something(reader: Reader) -> None:
    """Nothing is an answer to the first question, and then a write wakes whoever waits."""
    async with aclosing(reader.run()) as answers:
        assert await soon(answers) == []
        waiting = asyncio.create_task(soon(answers))
        await poke(reader)
        assert await waiting == [1]
        await poke(reader, 3)
        assert await soon(answers) == [2, 3]
        assert await soon(answers) == [4]


async def test_a_stream_goes_on_from_any_cursor(reader: Reader) -> None:
    """Whoever comes again with its last cursor misses nothing and gets nothing twice."""
    await poke(reader, 4)
    async with aclosing(reader.run(cursor="3")) as answers:
        assert await soon(answers) == [4]


async def test_the_first_batch_comes_though_there_is_nothing_new(reader: Reader) -> None:
    """Whoever comes again hears at once that it is heard."""
    async with aclosing(reader.run(cursor="0")) as answers:
        assert await soon(answers) == []


async def test_what_happens_to_instances_concerns_all(reader: Reader) -> None:
    """One that is blocked, or removed, is so in the log of the system."""
    streams = Streams(reader.rig.machinery.heads, look=100.0)
    async with aclosing(reader.run(streams)) as answers:
        await soon(answers)
        waiting = asyncio.create_task(soon(answers))
        while len(reader.asked) < 2:  # noqa: ASYNC110 - the stream tells nobody that it waits
            await asyncio.sleep(0)
        reader.caller = NOBODY
        streams.tell("other")
        streams.tell(SYSTEM_INSTANCE)
        with pytest.raises(PermissionDenied):
            await waiting


async def test_the_next_batch_is_decided_when_the_last_was_taken(reader: Reader) -> None:
    """A slow reader holds a cursor and nothing else."""
    await poke(reader, 100)
    async with aclosing(reader.run()) as answers:
        await soon(answers)
        await poke(reader, 5)
        assert reader.asked == [""]
        await soon(answers)
        assert reader.asked == ["", "2"]


async def test_who_loses_the_permission_gets_the_error(reader: Reader) -> None:
    """Each batch is authorised, and whatever is written makes who waits ask again."""
    async with aclosing(reader.run()) as answers:
        await soon(answers)
        waiting = asyncio.create_task(soon(answers))
        await poke(reader)
        await waiting
        reader.caller = NOBODY
        with pytest.raises(PermissionDenied):
            await soon(answers)


async def test_without_hints_it_looks_by_itself(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hint may be lost; what is in the log is found all the same."""
    monkeypatch.setattr(reader.rig.machinery.streams, "tell", lambda _: None)
    async with aclosing(reader.run()) as answers:
        assert await soon(answers) == []
        waiting = asyncio.create_task(soon(answers))
        await asyncio.sleep(0)
        await poke(reader)
        assert await waiting == [1]


async def test_now_and_then_it_asks_though_nothing_was_written(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that lapses writes nothing."""
    monkeypatch.setattr(streaming, "RECHECK", 0.05)
    async with aclosing(reader.run()) as answers:
        await soon(answers)
        reader.caller = NOBODY
        with pytest.raises(PermissionDenied):
            await soon(answers)


async def test_it_ends_when_its_time_is_over(reader: Reader) -> None:
    """Without an error: it goes on from the last cursor."""
    async with asyncio.timeout(SECONDS):
        found = [numbers(answer) async for answer in reader.run(longest=0.1)]
    assert found == [[]]
    assert reader.rig.machinery.streams.open == 0


async def test_a_batch_that_is_late_is_an_error(reader: Reader) -> None:
    """Unless the whole stream was about to end."""

    async def late(_cursor: str, _timeout: float) -> Answer[Pokes]:
        raise DeadlineExceeded

    run = reader.rig.machinery.streams.run
    with pytest.raises(DeadlineExceeded):
        await anext(run(Stream("pokes", late, reader.place), "", SECONDS))


async def test_all_end_when_the_node_stops(reader: Reader) -> None:
    """Who waits ends at once."""
    answers = reader.run()
    await soon(answers)
    waiting = asyncio.create_task(anext(answers, None))
    await asyncio.sleep(0)
    reader.rig.machinery.streams.close()
    async with asyncio.timeout(SECONDS):
        assert await waiting is None
    assert reader.rig.machinery.streams.open == 0


@pytest.mark.parametrize("bounds", [{"bound": 1}, {"of_instance": 1}])
async def test_there_are_so_many_at_most(reader: Reader, bounds: dict[str, int]) -> None:
    """More are refused until one was closed: of a node, and of one instance, which takes them from no other."""
    streams = Streams(reader.rig.machinery.heads, 0.05, **bounds)
    async with aclosing(reader.run(streams)) as answers:
        await soon(answers)
        with pytest.raises(Overloaded):
            await soon(reader.run(streams))
    async with aclosing(reader.run(streams)) as answers:
        assert await soon(answers) == []
