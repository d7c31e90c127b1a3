"""Results that follow from one value: worked out once for it, and anew for another."""

from dataclasses import dataclass

from hexkeep.core.kernel.memo import REMEMBERED, once_per_value


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


def test_only_so_many_values_are_held() -> None:
    """The oldest goes, and is worked out again when it is asked for."""
    asked: list[int] = []

    @once_per_value
    def number(state: State) -> int:
        asked.append(state.number)
        return state.number

    states = [State(number) for number in range(REMEMBERED + 1)]
    assert [number(state) for state in states] == list(range(REMEMBERED + 1))
    assert number(states[-1]) == REMEMBERED
    assert number(states[0]) == 0
    assert asked == [*range(REMEMBERED + 1), 0]
