"""Evaluation: a function that asks is answered, runs twice at most, and is over when an answer cannot be had."""

import asyncio
import contextvars
from collections.abc import Callable, Iterator

import pytest

from hexkeep.core.kernel.ask import Kept, NewSecret
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import Unavailable
from hexkeep.engine.answers import Call
from hexkeep.engine.evaluation import evaluate
from tests.unit.engine.notes import SLICE
from tests.unit.engine.rig import Rig, started

NAME: contextvars.ContextVar[str] = contextvars.ContextVar("name", default="nobody")


def waiting(rig: Rig, *, fails: bool = False) -> asyncio.Event:
    """Make every ``Kept`` wait until the event is set; then it answers its key, or fails."""
    gate = asyncio.Event()

    async def slow(_: Call, ask: Kept) -> bytes:
        await gate.wait()
        await asyncio.sleep(0)
        if fails:
            raise Unavailable
        return ask.key.encode()

    rig.machinery.answers.add({Kept: slow})
    return gate


def asking(ran: list[str], count: int) -> Callable[[Context], list[bytes | None]]:
    """A function that says how far it has come, and asks so many times for what has to be waited for."""

    def function(ctx: Context) -> list[bytes | None]:
        ran.append("begin")
        found = []
        for number in range(count):
            found.append(ctx.ask(Kept("place", str(number))))
            ran.append(str(number))
        return found

    return function


async def test_what_need_not_wait_runs_once() -> None:
    """What is at hand is answered on the spot."""
    async with started(SLICE) as rig:
        ran: list[str] = []

        def function(ctx: Context) -> tuple[str, str]:
            ran.append("ran")
            return ctx.new_secret(), ctx.ask(NewSecret(1))

        first, again = await evaluate(function, rig.call(), rig.machinery.answers)
        assert first == again
        assert ran == ["ran"]


async def test_what_waits_starts_over_once_and_then_stands_still() -> None:
    """However often it waits, no line behind the first wait runs a second time."""
    async with started(SLICE) as rig:
        waiting(rig).set()
        ran: list[str] = []
        assert await evaluate(asking(ran, 3), rig.call(), rig.machinery.answers) == [b"0", b"1", b"2"]
        assert ran == ["begin", "begin", "0", "1", "2"]


async def test_answers_that_wait_come_in_between_of_other_tasks() -> None:
    """Two that wait for each other's progress both end: none holds the event loop."""
    async with started(SLICE) as rig:
        gate = waiting(rig)
        both = [asyncio.create_task(evaluate(asking([], 2), rig.call(), rig.machinery.answers)) for _ in range(2)]
        await asyncio.sleep(0)
        gate.set()
        assert await asyncio.gather(*both) == [[b"0", b"1"], [b"0", b"1"]]


async def test_an_answer_that_fails_ends_it_there() -> None:
    """The error is the caller's; the function is left where it stood, and tidies up."""
    async with started(SLICE) as rig:
        rig_gate = waiting(rig, fails=True)
        rig_gate.set()
        seen: list[str] = []

        def function(ctx: Context) -> None:
            try:
                ctx.ask(Kept("place", "x"))
            except Exception:  # noqa: BLE001 - no rule can hide that an answer is missing
                seen.append("caught")
            finally:
                seen.append("tidied")

        with pytest.raises(Unavailable):
            await evaluate(function, rig.call(), rig.machinery.answers)
        assert "caught" not in seen
        assert seen[-1] == "tidied"


async def test_a_second_wait_that_fails_ends_it_where_it_stands() -> None:
    """Within its greenlet, too, it gets no chance to go on."""
    async with started(SLICE) as rig:
        answered: list[str] = []

        async def once(_: Call, ask: Kept) -> bytes:
            await asyncio.sleep(0)
            if answered:
                raise Unavailable
            answered.append(ask.key)
            return b""

        rig.machinery.answers.add({Kept: once})
        ran: list[str] = []
        with pytest.raises(Unavailable):
            await evaluate(asking(ran, 3), rig.call(), rig.machinery.answers)
        assert ran[-1] == "0"


async def test_who_leaves_ends_it() -> None:
    """A cancelled call leaves no function standing."""
    async with started(SLICE) as rig:
        waiting(rig)
        tidied: list[str] = []

        def function(ctx: Context) -> None:
            try:
                ctx.new_id()
                ctx.ask(Kept("place", "x"))
            finally:
                tidied.append("tidied")

        task = asyncio.create_task(evaluate(function, rig.call(), rig.machinery.answers))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert tidied


async def test_an_evaluation_within_an_answer_comes_back_to_its_own() -> None:
    """An answer may be found by another decision that waits: each goes on where it stood."""
    async with started(SLICE) as rig:

        async def nested(call: Call, ask: Kept) -> bytes | None:
            await asyncio.sleep(0)
            if ask.key == "inner":
                return b"inner"
            inner = Call(call.request, call.freshness)
            return await evaluate(lambda ctx: ctx.ask(Kept("place", "inner")), inner, rig.machinery.answers)

        rig.machinery.answers.add({Kept: nested})
        ran: list[str] = []
        assert await evaluate(asking(ran, 3), rig.call(), rig.machinery.answers) == [b"inner"] * 3


async def test_it_sees_the_context_variables_of_its_caller() -> None:
    """Also behind a wait, in its greenlet."""
    async with started(SLICE) as rig:
        waiting(rig).set()
        NAME.set("ada")

        def function(ctx: Context) -> Iterator[str]:
            ctx.ask(Kept("place", "x"))
            first = NAME.get()
            ctx.ask(Kept("place", "y"))
            return iter((first, NAME.get()))

        assert list(await evaluate(function, rig.call(), rig.machinery.answers)) == ["ada", "ada"]
