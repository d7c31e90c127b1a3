"""What is at URLs of strangers, remembered on this node: nobody is made to knock at somebody's door over and over."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Generic, TypeVar

from hexkeep.ports.clock import Clock
from hexkeep.ports.outbound import Outbound, OutboundFailed, WebRequest

REST_SECONDS = 60.0
"""How long nobody is asked again, whatever came of it."""

T = TypeVar("T")
Read = Callable[[bytes], Awaitable[T | None]]
"""Makes of a body what is remembered, or ``None`` of what is no such thing; raises nothing."""


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
    """URLs that are remembered; beyond, those that were not heard of for longest are forgotten."""
    plain: Callable[[str], bool] = lambda _: False
    """For which URLs ``http`` will do."""


@dataclass(slots=True)
class _Known(Generic[T]):
    """What was found at a URL, when, and when it was last looked for; times are seconds of the monotonic clock."""

    found: T | None = None
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
        self._known: OrderedDict[str, _Known[T]] = OrderedDict()

    async def at(self, uri: str, *, fresh: bool = False) -> T | None:
        """What is at ``uri``, if ``fresh`` as it was a minute ago at most; ``None`` where it is not to be had."""
        known = self._known.setdefault(uri, _Known())
        self._known.move_to_end(uri)
        while len(self._known) > self._terms.held:
            self._known.popitem(last=False)
        now = self._clock.monotonic()
        believed_for = REST_SECONDS if fresh else self._terms.kept
        if known.fetching is None and now - known.found_at >= believed_for and now - known.asked_at >= REST_SECONDS:
            known.asked_at = now
            known.fetching = asyncio.create_task(self._fetch(uri, known), name="hexkeep-remembered")
        if known.fetching is not None:
            await asyncio.shield(known.fetching)
        return known.found if self._clock.monotonic() - known.found_at < self._terms.stale else None

    async def _fetch(self, uri: str, known: _Known[T]) -> None:
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
        except OutboundFailed:
            return
        finally:
            known.fetching = None
        if found is not None:
            known.found, known.found_at = found, self._clock.monotonic()
