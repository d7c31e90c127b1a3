"""The logos that clients have at URLs of theirs, drawn anew and remembered on this node for some hours."""

import asyncio
from collections.abc import Mapping
from typing import Any

from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.kernel.outside import FetchedPicture, FetchPicture
from hexkeep.engine.answers import Answer, Call
from hexkeep.engine.remembered import Remembered, Terms
from hexkeep.engine.share import Share
from hexkeep.ports.clock import Clock
from hexkeep.ports.images import Images
from hexkeep.ports.outbound import Outbound

TERMS = Terms(
    accept="image/png, image/jpeg, image/webp, image/gif",
    max_bytes=262_144,
    timeout=5.0,
    kept=3600.0,
    stale=14_400.0,
    held=16_000_000,
)
MOST = 5
"""How many are fetched at once: a share of their own, so that slow pictures keep no keys waiting."""
LONGEST_EDGE = 256
"""Points, above which a picture is scaled down; so none that is held has more than some hundred thousand bytes."""
PATIENCE = 2.0
"""Seconds that a page waits for a picture. One that comes later is there for the next page."""


class ClientLogos:
    """Answers ``FetchPicture``. One is drawn at a time, so that uploads of people always have room beside it."""

    def __init__(self, outbound: Outbound, clock: Clock, images: Images) -> None:
        self._images = images
        self._drawing = asyncio.Lock()
        self._pictures = Remembered(Share(outbound, MOST), clock, TERMS, self._drawn)

    def answers(self) -> Mapping[type[Ask[Any]], Answer]:
        """What the asks are answered with."""

        async def picture(_call: Call, ask: FetchPicture) -> FetchedPicture | None:
            return await self.picture_at(ask.url)

        return {FetchPicture: picture}

    async def picture_at(self, url: str) -> FetchedPicture | None:
        """The picture at ``url``; ``None`` where there is none by now. Never raises for what is there or is not."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._pictures.at(url)
        except TimeoutError:
            return None

    async def _drawn(self, body: bytes) -> FetchedPicture | None:
        """What it is is told by its bytes alone; what its server calls it counts for nothing."""
        try:
            async with self._drawing:
                picture = await self._images.redraw(body, LONGEST_EDGE)
        except (HexkeepError, MemoryError):
            return None
        return FetchedPicture(picture.content, picture.content_type)
