"""Results that follow from one immutable value alone, worked out once for as long as that value is in use."""

from collections import OrderedDict
from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, TypeVar

V = TypeVar("V")
R = TypeVar("R")

REMEMBERED = 512


class OncePerValue(Generic[V, R]):
    """A pure function of one immutable value that remembers results by the *identity* of the value.

    States are replaced, never changed, so the same object has the same result; one that was made anew is worked out
    anew. Nothing is compared, so a value needs no hash. The newest 512 values are held.
    """

    def __init__(self, function: Callable[[V], R]) -> None:
        self._function = function
        self._known: OrderedDict[int, tuple[V, R]] = OrderedDict()
        update_wrapper(self, function)

    def __call__(self, value: V) -> R:
        """The function's result for a value."""
        known = self._known.get(id(value))
        if known is not None and known[0] is value:
            return known[1]
        result = self._function(value)
        self._known[id(value)] = (value, result)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return result


def once_per_value(function: Callable[[V], R]) -> Callable[[V], R]:
    """Decorates a pure function of one immutable value (see ``OncePerValue``)."""
    return OncePerValue(function)
