"""What goes over the network, as values, and who carries it.

All logic of the client is written once, as coroutines over a ``Wire``. One that blocks never suspends them, so
``at_once`` runs them to their end without an event loop.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request. ``target`` is path and query."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """A response; the names of headers are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def failed(self) -> bool:
        """Whether the status tells of an error (RFC 9110 sections 15.5 and 15.6)."""
        return self.status >= 400  # noqa: PLR2004 - the class of the status


class Lost(Exception):
    """No response came. ``sent`` is false where the server cannot have got the request."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


class Declined(Exception):
    """A stream was answered with an error before it began."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply.status))
        self.reply = reply


class Wire(Protocol):
    """Carries exchanges to one server."""

    async def send(self, exchange: Exchange) -> Reply:
        """The whole response; raises ``Lost``."""

    def chunks(self, exchange: Exchange) -> AsyncGenerator[bytes, None]:
        """The content of a response as it comes; raises ``Lost`` and ``Declined``."""

    async def pause(self, seconds: float) -> None:
        """Wait."""

    async def ask(self, source: "Callable[[], str | Awaitable[str]]") -> str:
        """What a function of the caller's answers, now or later."""


def at_once(coroutine: Coroutine[object, None, T]) -> T:
    """The result of a coroutine that waits for nothing but a wire that blocks."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    coroutine.close()
    raise RuntimeError("This client blocks: what it calls must not have to be awaited; AsyncClient takes that")
