"""Parked aggregates, read page by page: there may be as many as there are aggregates."""

from collections.abc import AsyncIterator

from hexkeep.ports.views import Parked, Views

PAGE = 1000


async def parked_in(views: Views, projection: str, build: int, instance: str | None = None) -> AsyncIterator[Parked]:
    """Every parked aggregate of a build, oldest first; in one instance, or in all."""
    after = None
    while page := await views.parked(projection, build, instance, after, PAGE):
        for one in page:
            yield one
        after = page[-1].place
