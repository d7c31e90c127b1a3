"""What is at URLs of strangers, remembered on this node: nobody is made to knock at somebody's door over and over."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields, is_dataclass
from http import HTTPStatus
from sys import getsizeof
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from hexkeep.ports.clock import Clock
from hexkeep.ports.outbound import Outbound, OutboundFailed, WebRequest

logger = logging.getLogger(__name__)

REST_SECONDS = 60.0
"""How long nobody is asked again, whatever came of it."""
PLACE_BYTES = 1000
"""About what is taken by a URL at which nothing was found, beside the URL itself."""

T = TypeVar("T")
Read = Callable[[bytes], Awaitable[T | None]]
"""Makes of a body what is remembered, or ``None`` of what is no such thing; raises nothing."""
Judge = Callable[[T], Awaitable[str]]
"""Why what was found does not count, in one word; empty where it does. Raises nothing; equal ones judge alike."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked for, and for how long it counts; times are in seconds."""

    accept: str
    """The media types that are wanted (RFC 9110 section 12.5.1)."""
    max_bytes: int
    timeout: float
    kept: float
    """How long what was found is believed."""
    stale: float
    """How long it is still believed while nothing is found any more."""
    held: int
    """Bytes of memory; beyond, what was not heard of for longest is forgotten. More than anything takes by itself."""
    plain: Callable[[str], bool] = lambda _: False
    """For which URLs ``http`` will do."""


@dataclass(slots=True)
class _Known(Generic[T]):
    """What was found at a URL, when, and when it was last looked for; times are seconds of the monotonic clock."""

    found: T | None = None
    size: int = 0
    found_at: float = float("-inf")
    asked_at: float = float("-inf")
    fetching: asyncio.Task[None] | None = None


class Remembered(Generic[T]):
    """Whoever comes while something is being fetched waits for the same answer."""

    def __init__(self, outbound: Outbound, clock: Clock, terms: Terms, read: Read[T]) -> None:
        self._outbound = outbound
        self._clock = clock
        self._terms = terms
        self._read = read
        self._known: OrderedDict[tuple[str, Judge[T] | None], _Known[T]] = OrderedDict()
        self._size = 0

    async def at(self, uri: str, *, fresh: bool = False, judge: Judge[T] | None = None) -> T | None:
        """What is at ``uri``, if ``fresh`` as it was a minute ago at most; ``None`` where it is not to be had.

        What the ``judge`` does not let count is not found: what was found before is believed on.
        """
        known = self._place(uri, judge)
        now = self._clock.monotonic()
        believed_for = REST_SECONDS if fresh else self._terms.kept
        if known.fetching is None and now - known.found_at >= believed_for and now - known.asked_at >= REST_SECONDS:
            known.asked_at = now
            known.fetching = asyncio.create_task(self._fetch(uri, judge, known), name="hexkeep-remembered")
        if known.fetching is not None:
            await asyncio.shield(known.fetching)
        return known.found if self._clock.monotonic() - known.found_at < self._terms.stale else None

    def _place(self, uri: str, judge: Judge[T] | None) -> _Known[T]:
        """What is known of a URL, which is the last that was heard of from now on."""
        known = self._known.get((uri, judge))
        if known is None:
            known = self._known[uri, judge] = _Known()
            self._resize(known, _place_bytes(uri, judge))
        self._known.move_to_end((uri, judge))
        return known

    def _resize(self, known: _Known[T], size: int) -> None:
        """Count what it takes by now, and forget others where that is too much."""
        self._size += size - known.size
        known.size = size
        while self._size > self._terms.held and len(self._known) > 1:
            _, oldest = self._known.popitem(last=False)
            self._size -= oldest.size

    async def _fetch(self, uri: str, judge: Judge[T] | None, known: _Known[T]) -> None:
        terms = self._terms
        request = WebRequest(
            uri,
            headers={"Accept": terms.accept},
            timeout=terms.timeout,
            max_bytes=terms.max_bytes,
            plain=terms.plain(uri),
        )
        try:
            response = await self._outbound.send(request)
            found = await self._read(response.body) if response.status == HTTPStatus.OK else None
            if found is not None and judge is not None and (reason := await judge(found)):
                logger.warning("what is at %s does not count: %s", urlsplit(uri).hostname, reason)
                return
        except OutboundFailed:
            return
        finally:
            known.fetching = None
        if found is not None:
            known.found, known.found_at = found, self._clock.monotonic()
            if self._known.get((uri, judge)) is known:
                self._resize(known, _place_bytes(uri, judge) + _memory(found))


def _place_bytes(uri: str, judge: object) -> int:
    return PLACE_BYTES + getsizeof(uri) + (_memory(judge) if judge is not None else 0)


def _memory(found: object) -> int:
    """About how many bytes something takes that was read: JSON takes many times its text."""
    size, rest = 0, [found]
    while rest:
        one = rest.pop()
        size += getsizeof(one)
        if isinstance(one, dict):
            rest += (*one, *one.values())
        elif isinstance(one, list | tuple):
            rest += one
        elif is_dataclass(one):
            rest += (getattr(one, field.name) for field in fields(one))
    return size
