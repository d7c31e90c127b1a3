"""Looking after projections: where they are, what is parked, a rebuild, whether a view equals a replay of its log."""

from collections.abc import AsyncIterator, Callable, Mapping

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Projection
from hexkeep.engine.builds import Builds, fingerprint, standing
from hexkeep.engine.codec import Codec
from hexkeep.engine.comparison import ROWS_AT_ONCE, Comparison, Difference, Watch, unwatched
from hexkeep.engine.skips import SkippedEvents
from hexkeep.engine.spooler import Spooler, Trouble
from hexkeep.engine.survey import Status, Survey
from hexkeep.engine.tail import Entry, entry_of
from hexkeep.ports.event_store import EventStore
from hexkeep.ports.views import Build, CheckpointKey, Parked, Views

PAGE = 1000
SpoolerOf = Callable[[str, int], Spooler | None]


class Maintenance:
    """Status, retry, rebuild and comparison for all consumers of one node."""

    def __init__(
        self,
        survey: Survey,
        spooler_of: SpoolerOf,
        store: EventStore,
        views: Views,
        *,
        codec: Codec,
        builds: Builds,
        skips: SkippedEvents,
    ) -> None:
        self._survey = survey
        self._spooler_of = spooler_of
        self._store = store
        self._views = views
        self._codec = codec
        self._builds = builds
        self._skips = skips

    async def status(self, instance: str | None = None) -> list[Status]:
        """Where all consumers are, on this node or on others (see ``Survey.status``)."""
        return await self._survey.status(instance)

    async def parked(self, instance: str | None = None) -> list[Parked]:
        """Which aggregates are parked (see ``Survey.parked``)."""
        return await self._survey.parked(instance)

    def trouble(self, consumer: str, build: int) -> Trouble | None:
        """Why this node waits before it tries again to lead a consumer; other nodes may fare better."""
        spooler = self._spooler_of(consumer, build)
        return spooler.trouble if spooler is not None else None

    def fills(self, key: CheckpointKey) -> bool:
        """Whether this node works on that build of a projection, or on that process."""
        return self._spooler_of(key.projection, key.build) is not None

    async def retry(self, parked: Parked) -> bool:
        """Digest a parked aggregate's events anew; ``False`` when it fails again.

        Raises ``NotFound`` for a consumer, or a build, of another release: it has to be asked of one of its nodes.
        """
        spooler = self._spooler_of(parked.key.projection, parked.key.build)
        if spooler is None:
            raise NotFound(f"This node does not fill build {parked.key.build} of {parked.key.projection}")
        ref = Ref(parked.aggregate_type, parked.aggregate_id)
        return await spooler.reader.retry(parked, lambda: self._stream(parked.key.instance, parked.key.log, ref))

    async def _stream(self, instance: str, log: Log, ref: Ref) -> AsyncIterator[Entry]:
        version = 0
        while page := await self._store.read_stream(instance, log, ref, version, PAGE):
            for stored in page:
                yield await entry_of(self._codec, instance, log, stored)
            version = page[-1].version

    async def rebuild(self, projection: Projection) -> Build:
        """Fill the tables of a projection anew, beside those that serve; the build that will take their place.

        It goes on with one that is under way. Whoever leads it switches it in when it is at the end of every log.
        """
        return await self._builds.anew(projection)

    async def differences(
        self, projections: Mapping[str, Projection], rows_at_once: int = ROWS_AT_ONCE
    ) -> list[Difference]:
        """Every difference between the views that serve and a replay of their logs."""
        return [one async for one in self.compare(projections, rows_at_once)]

    async def compare(
        self, projections: Mapping[str, Projection], rows_at_once: int = ROWS_AT_ONCE, watch: Watch = unwatched
    ) -> AsyncIterator[Difference]:
        """The same as they are found, beside whoever fills the views, with about ``rows_at_once`` rows in memory.

        A projection that has no build of this release that is filled is passed over.
        """
        builds = await self._views.builds()
        for projection in projections.values():
            build = standing(projection, fingerprint(projection), builds).complete
            if build is None:
                continue
            comparison = Comparison(
                self._store, self._views, self._codec, projection, build, rows_at_once=rows_at_once, watch=watch
            )
            for checkpoint in await self._views.checkpoints(projection.name, build.number):
                instance = checkpoint.key.instance
                head = await self._store.head(instance, projection.log)
                skips = await self._skips.of(projection.name, instance, fresh=True)
                async for difference in comparison.differences(head, skips):
                    yield difference
