"""Eager coroutines: begun where nothing can be awaited, finished there if they never wait, else gone on with later.

A decision is synchronous, and most of what it asks is at hand: a cached state, a fresh identifier, a quick signature.
Such an answer costs no second run of the decision; only what really waits does.
"""

from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Eager(Generic[T_co]):
    """A coroutine that has run up to its first real wait.

    To be awaited at most once, in the task that began it. A failure, too, is only raised when it is awaited.
    """

    __slots__ = ("_coroutine", "_error", "_result", "_waits_for", "done")

    def __init__(self, coroutine: Coroutine[Any, Any, T_co]) -> None:
        self._coroutine = coroutine
        self._error: BaseException | None = None
        self._result: T_co
        self._waits_for: object = None
        self.done = False
        try:
            self._waits_for = coroutine.send(None)
        except StopIteration as stop:
            self._result = stop.value
            self.done = True
        except Exception as error:  # noqa: BLE001 - it belongs to whoever awaits
            self._error = error

    @property
    def result(self) -> T_co:
        """The result of a coroutine that is ``done``."""
        return self._result

    def __await__(self) -> Generator[Any, Any, T_co]:
        """Go on from where it waits."""
        if self.done:
            return self._result
        if self._error is not None:
            # It goes without a trace here: held by what it was raised past, nothing of the call could be let go of.
            error, self._error = self._error, None
            try:
                raise error
            finally:
                del error
        try:
            while True:
                try:
                    sent = yield self._waits_for
                except BaseException as thrown:  # noqa: BLE001 - a cancellation goes where the coroutine waits
                    self._waits_for = self._coroutine.throw(thrown)
                else:
                    self._waits_for = self._coroutine.send(sent)
        except StopIteration as stop:
            result: T_co = stop.value
            return result
