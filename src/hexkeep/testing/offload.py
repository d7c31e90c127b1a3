"""The kit of the port ``offload.Offload``: what every adapter of it has to hold.

The functions are at the bottom of a module of their own, ``hexkeep.testing.offload_work``, for they may be called in
another process.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pytest

from hexkeep.core.kernel.errors import Internal, InvalidInput, Overloaded, Unavailable
from hexkeep.ports.offload import Offload
from hexkeep.testing.contract import Contract
from hexkeep.testing.offload_work import Colour, Refused, Thing, after, failing, given, refusing, secret_failure

THING = Thing(
    "a name", b"\x00\xff", datetime(2026, 11, 26, 12, tzinfo=UTC), Colour.RED, {"a": ("b", "c")}, (Thing("inner"),)
)


class OffloadContract(Contract):
    """Every adapter of the port. Override ``offload``."""

    room: ClassVar[int] = 66
    """How much the adapter takes at once, at work and waiting, at least: so much more is refused."""

    @pytest.fixture
    def offload(self) -> AsyncIterator[Offload]:
        """The adapter under test; the fixture closes it."""
        raise NotImplementedError

    @pytest.fixture
    def gate(self, tmp_path: Path) -> Path:
        """A named pipe at which work waits until somebody opens it."""
        os.mkfifo(tmp_path / "gate")
        return tmp_path / "gate"

    async def test_function_gets_and_gives_what_it_was_called_with(self, offload: Offload) -> None:
        """Texts, octets, instants, enumerations, mappings, tuples and dataclasses come and go as they are."""
        assert await offload.run(given, THING, times=2) == (THING, THING)
        assert await offload.run(given, THING, times=0) == ()

    async def test_error_of_ours_is_told(self, offload: Offload) -> None:
        """Its class, and its reason or else its message."""
        with pytest.raises(Refused) as refused:
            await offload.run(refusing, "signature")
        assert refused.value.reason == "signature"
        with pytest.raises(InvalidInput) as invalid:
            await offload.run(failing, "This is no number")
        assert invalid.value.message == "This is no number"

    async def test_other_errors_say_nothing(self, offload: Offload, caplog: pytest.LogCaptureFixture) -> None:
        """What is wrong with the function is told by kind and place, never with what it was given."""
        with pytest.raises(Internal):
            await offload.run(secret_failure, "hunter2")
        assert "secret_failure" in caplog.text
        assert "KeyError" in caplog.text
        assert "hunter2" not in caplog.text

    async def test_function_of_no_module_is_refused(self, offload: Offload) -> None:
        """What cannot be found by its name goes nowhere."""

        def local() -> str:
            return "here"

        with pytest.raises(ValueError, match="is not a function of a module"):
            await offload.run(local)

    async def test_loop_goes_on_and_work_is_done_in_order(self, offload: Offload, gate: Path) -> None:
        """While one function waits nothing else here does, and what was asked for first is done first."""
        done = list[int]()

        async def work(number: int) -> None:
            await offload.run(after, str(gate) if number == 0 else "", number)
            done.append(number)

        working = [asyncio.create_task(work(number)) for number in range(5)]
        await asyncio.wait(working, timeout=0)
        assert done == []
        await opened(gate)
        await asyncio.gather(*working)
        assert done == [0, 1, 2, 3, 4]

    async def test_what_waits_is_bounded(self, offload: Offload, gate: Path) -> None:
        """Beyond its bound work is refused at once; when there is room it is taken again."""
        waiting = [asyncio.create_task(offload.run(after, str(gate), 0))]
        waiting += [asyncio.create_task(offload.run(after, "", number)) for number in range(1, 2 * self.room)]
        for _ in range(3):
            await asyncio.sleep(0)
        refused = [one.exception() for one in waiting if one.done()]
        await opened(gate)
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        taken = [answer for answer in answers if isinstance(answer, int)]
        assert taken == list(range(len(taken)))
        assert 1 < len(taken) <= self.room
        assert [type(one) for one in refused] == [Overloaded] * (len(waiting) - len(taken))
        assert await offload.run(after, "", 7) == 7

    async def test_whoever_goes_away_harms_nobody(self, offload: Offload, gate: Path) -> None:
        """The work of a caller that was cancelled is finished and dropped; others have theirs."""
        gone = asyncio.create_task(offload.run(after, str(gate), 1))
        waits = asyncio.create_task(offload.run(after, "", 2))
        await asyncio.wait([gone], timeout=0)
        gone.cancel()
        await asyncio.wait([gone])
        assert gone.cancelled()
        await opened(gate)
        assert await waits == 2

    async def test_closed_one_takes_nothing(self, offload: Offload) -> None:
        """After the end work is refused, and ending again does no harm."""
        assert await offload.run(after, "", 1) == 1
        await offload.close()
        with pytest.raises(Unavailable):
            await offload.run(after, "", 2)
        await offload.close()


async def opened(gate: Path) -> None:
    """Let through what waits at the gate, as soon as it has come there."""
    await asyncio.to_thread(gate.write_bytes, b"go")
