"""Places for work beside the event loop that break one promise each."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any, ParamSpec, TypeVar, cast

import pytest

from hexkeep.adapters.offload.threads import Threads
from hexkeep.core.kernel.errors import HexkeepError, Internal
from hexkeep.ports.offload import Offload
from hexkeep.testing.offload import OffloadContract
from tests.contract.broken.defects import DEFECTS

P = ParamSpec("P")
R = TypeVar("R")


def caught_by(*rules: str) -> Callable[[type[Threads]], type[Threads]]:
    """Declare a defect, and the rules of the kit that have to fail."""

    def declare(kind: type[Threads]) -> type[Threads]:
        module = sys.modules[kind.__module__]

        @pytest.fixture
        async def offload(self: object) -> AsyncIterator[Offload]:
            made = kind()
            yield made
            await Threads.close(made)

        title = f"Test{kind.__name__}"
        members = {"offload": offload, "__module__": kind.__module__}
        setattr(module, title, type(title, (OffloadContract,), members))
        DEFECTS[title] = (str(module.__file__), rules)
        return kind

    return declare


@caught_by("test_function_gets_and_gives_what_it_was_called_with")
class GivesListsForTuples(Threads):
    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        found: Any = await super().run(function, *args, **kwargs)
        return cast("R", list(found)) if isinstance(found, tuple) else cast("R", found)


@caught_by("test_error_of_ours_is_told")
class KeepsErrorsToItself(Threads):
    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await super().run(function, *args, **kwargs)
        except HexkeepError as error:
            raise Internal from error


@caught_by(
    "test_other_errors_say_nothing",
    "test_function_of_no_module_is_refused",
    "test_loop_goes_on_and_work_is_done_in_order",
)
class CallsInAnyThread(Threads):
    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await asyncio.to_thread(function, *args, **kwargs)


@caught_by("test_what_waits_is_bounded")
class TakesAllThereIs(Threads):
    def __init__(self) -> None:
        super().__init__()
        self._places = threading.Semaphore(1_000_000)


@caught_by("test_whoever_goes_away_harms_nobody")
class EndsWithACaller(Threads):
    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await super().run(function, *args, **kwargs)
        except asyncio.CancelledError:
            await self.close()
            raise


@caught_by("test_closed_one_takes_nothing")
class NeverEnds(Threads):
    async def close(self) -> None:
        pass
