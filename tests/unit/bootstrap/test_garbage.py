"""The collector of cycles: it looks rarely, and forgets nothing for good."""

import gc
from collections.abc import Iterator
from weakref import WeakSet

import pytest

from hexkeep.bootstrap.garbage import YOUNG, collect_rarely, keep_what_is_there


class Knot:
    """An object that holds itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def looks() -> Iterator[list[int]]:
    """The generations that were looked through, as it happens; the process's collector is as it was afterwards."""
    before, found = gc.get_threshold(), list[int]()

    def told(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            found.append(info["generation"])

    gc.callbacks.append(told)
    yield found
    gc.callbacks.remove(told)
    gc.unfreeze()
    gc.set_threshold(*before)


def test_a_batch_is_not_looked_through(looks: list[int]) -> None:
    """As many objects as a batch of events makes cost no look while they are needed."""
    collect_rarely()
    keep_what_is_there()
    looks.clear()
    batch = [[number] for number in range(YOUNG // 2)]
    assert (len(batch), looks) == (YOUNG // 2, [])


def test_cycles_are_found_in_the_end() -> None:
    """However many there were, those that are left are few."""
    collect_rarely()
    keep_what_is_there()
    knots = WeakSet[Knot]()
    for _ in range(YOUNG * 5):
        knots.add(Knot())
    assert len(knots) < YOUNG * 2


def test_what_was_there_is_not_looked_through_again() -> None:
    """What a process has when it is ready stays out of every later look, also of one through everything."""
    kept = [[number] for number in range(100)]
    keep_what_is_there()
    assert gc.get_freeze_count() > len(kept)
    assert not any(found is kept for found in gc.get_objects())
