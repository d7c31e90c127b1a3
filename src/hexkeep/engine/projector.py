"""Projections as consumers: pure functions from events to rows."""

import asyncio
from collections.abc import Sequence

from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Projection, RowOperation, Table
from hexkeep.engine.consumer import Digest
from hexkeep.engine.tail import Entry, Undecodable

AT_A_STRETCH = 250
"""Entries that are projected before others may go on."""


class Projector:
    """Fills one build of a projection."""

    def __init__(self, projection: Projection, build: int) -> None:
        self.projection = projection
        self._build = build

    @property
    def name(self) -> str:
        """The projection's name."""
        return self.projection.name

    @property
    def build(self) -> int:
        """The build that is filled."""
        return self._build

    @property
    def log(self) -> Log:
        """The log it reads."""
        return self.projection.log

    replays = True

    @property
    def tables(self) -> tuple[Table, ...]:
        """What it fills."""
        return self.projection.tables

    def passed_over(self, entry: Entry) -> tuple[RowOperation, ...]:
        """A skipped event moves the version of its aggregate's rows, so that they do not look outdated for ever."""
        return self.projection.passed_over(entry.ref.type, entry.ref.id, entry.version, entry.created_at)

    async def retried(self, instance: str) -> None:
        """Nobody waits for more."""

    async def digest(self, entries: Sequence[Entry]) -> Digest:
        """The row operations of the entries; an aggregate whose event fails is left out from there on."""
        digest = Digest()
        for count, entry in enumerate(entries, 1):
            if entry.ref not in digest.failed:
                self._project(entry, digest)
            if count % AT_A_STRETCH == 0:
                await asyncio.sleep(0)
        return digest

    def _project(self, entry: Entry, digest: Digest) -> None:
        if isinstance(entry.event, Undecodable):
            digest.fail(entry.ref, entry.position, entry.event.error)
            return
        try:
            digest.operations.extend(self.projection.operations(entry.event))
        except Exception as error:  # noqa: BLE001 - a plugin's projection may raise anything, and must not stop the others
            digest.fail(entry.ref, entry.position, type(error).__name__)
