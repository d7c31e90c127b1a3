"""Projections as consumers: pure functions from events to rows."""

from collections.abc import Sequence

from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Projection
from hexkeep.engine.builds import Builds
from hexkeep.engine.consumer import Digest
from hexkeep.engine.tail import Entry, Undecodable


class Projector:
    """Drives one projection version."""

    def __init__(self, projection: Projection, builds: Builds) -> None:
        self.projection = projection
        self._builds = builds

    @property
    def name(self) -> str:
        """The projection's name."""
        return self.projection.name

    @property
    def build(self) -> int:
        """The build that is filled."""
        return self._builds.serving(self.projection)

    @property
    def log(self) -> Log:
        """The log it reads."""
        return self.projection.log

    async def digest(self, entries: Sequence[Entry]) -> Digest:
        """The row operations of the entries; an aggregate whose event fails is left out from there on."""
        digest = Digest()
        for entry in entries:
            if entry.ref not in digest.failed:
                self._project(entry, digest)
        return digest

    def _project(self, entry: Entry, digest: Digest) -> None:
        if isinstance(entry.event, Undecodable):
            digest.fail(entry.ref, entry.position, entry.event.error)
            return
        try:
            digest.operations.extend(self.projection.operations(entry.event))
        except Exception as error:  # noqa: BLE001 - a plugin's projection may raise anything, and must not stop the others
            digest.fail(entry.ref, entry.position, type(error).__name__)
