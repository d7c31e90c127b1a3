"""Work beside the event loop: pure functions that take long, or that read what strangers have made.

What an adapter guarantees
--------------------------
1.  A function gets what it was called with, and its caller gets what it returned or raised. It keeps nothing but
    caches, for it may run anywhere: here, or in a process that ends when it likes, and may read files and compute.
2.  The event loop goes on meanwhile. Work is done in the order in which it was asked for; so much of it may wait that
    there is an answer in time, and what is beyond is refused at once.
3.  Whoever no longer waits for an answer does no harm to others: the work is done, and dropped.
"""

from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Offload(Protocol):
    """The port."""

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What ``function`` returns, or raises.

        It is one of a module, by its name there, and the types of what it takes and returns are annotated: texts,
        octets, numbers, instants, enumerations, tuples, mappings, and dataclasses of such. Raises ``Overloaded`` when
        too much waits, ``Unavailable`` when the work takes too long or brings down what it is done by; of what the
        function raises only a ``HexkeepError`` is told as it is, with its ``reason``, or else its message.
        """

    async def close(self) -> None:
        """End: who waits for work is told ``Unavailable``, as is who asks later; what is at work may still be done."""
