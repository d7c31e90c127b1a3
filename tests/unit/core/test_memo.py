"""Results that follow from one value: worked out once for it, and anew for another."""

import gc
from dataclasses import dataclass

from hexkeep.core.kernel.memo import once_per_value


@dataclass(frozen=True)
class State:
    """Some state; equal ones are not the same one."""

    number: int


def test_the_same_value_is_worked_out_once_and_an_equal_one_anew() -> None:
    """Identity counts: no result of a state that was replaced is ever given for the one in its place."""
    asked: list[State] = []

    @once_per_value
    def doubled(state: State) -> int:
        asked.append(state)
        return 2 * state.number

    one, equal, other = State(1), State(1), State(2)
    assert [doubled(one), doubled(one), doubled(equal), doubled(other), doubled(one)] == [2, 2, 2, 4, 2]
    assert [id(state) for state in asked] == [id(one), id(equal), id(other)]


def test_a_result_goes_with_its_value() -> None:
    """Nothing of a state that was let go stays in memory."""

    @once_per_value
    def number(state: State) -> int:
        return state.number

    kept = State(1)
    assert [number(kept), number(State(2))] == [1, 2]
    gc.collect()
    assert len(number) == 1
    assert number(kept) == 1
