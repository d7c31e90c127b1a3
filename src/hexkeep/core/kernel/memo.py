"""Results that follow from one immutable value alone, worked out once for as long as that value lives."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, TypeVar
from weakref import ref

V = TypeVar("V")
R = TypeVar("R")


class OncePerValue(Generic[V, R]):
    """A pure function of one immutable value that remembers results by the *identity* of the value.

    States are replaced, never changed, so the same object has the same result; one that was made anew is worked out
    anew. Nothing is compared, so a value needs no hash, and nothing is held: a result goes with its value.
    """

    def __init__(self, function: Callable[[V], R]) -> None:
        self._function = function
        self._known: dict[int, tuple[ref[V], R]] = {}
        update_wrapper(self, function)

    def __call__(self, value: V) -> R:
        """The function's result for a value, which weak references have to be possible to."""
        place = id(value)
        known = self._known.get(place)
        if known is not None and known[0]() is value:
            return known[1]
        result = self._function(value)
        self._known[place] = (ref(value, lambda _: self._known.pop(place, None)), result)
        return result

    def __len__(self) -> int:
        """How many results there are."""
        return len(self._known)


def once_per_value(function: Callable[[V], R]) -> OncePerValue[V, R]:
    """Decorates a pure function of one immutable value (see ``OncePerValue``)."""
    return OncePerValue(function)
