"""All spoolers of one node: of processes, and of the builds that this release fills, which come and go."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from hexkeep.core.kernel.errors import Unavailable
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Projection
from hexkeep.engine.builds import Builds
from hexkeep.engine.cancellation import end, insist_on_cancellation
from hexkeep.engine.retirement import Retirement
from hexkeep.engine.spooler import Spooler
from hexkeep.ports.pubsub import PubSub
from hexkeep.ports.views import Build

logger = logging.getLogger("hexkeep.engine.spoolers")
Place = tuple[str, int]
SpoolerOf = Callable[[Projection, Build], Spooler]


class Spoolers:
    """Runs a spooler for each consumer, notices within a look what other nodes did to builds, and passes hints on.

    ``tell`` hears of them as well.
    """

    def __init__(
        self,
        constant: Iterable[Spooler],
        spooler_of: SpoolerOf,
        builds: Builds,
        retirement: Retirement,
        pubsub: PubSub,
        look: float,
        *,
        tell: Callable[[str, Log], None],
    ) -> None:
        self._constant = {_place(one): one for one in constant}
        self._of_builds: dict[Place, Spooler] = {}
        self._spooler_of = spooler_of
        self._builds = builds
        self._retirement = retirement
        self._pubsub = pubsub
        self._look = look
        self._tell = tell
        self._running = False
        self._tasks: dict[Place, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._own_tasks: list[asyncio.Task[None]] = []

    @property
    def all(self) -> tuple[Spooler, ...]:
        """The spoolers of this node, by what it knows of builds now."""
        self._follow_builds()
        return (*self._of_builds.values(), *self._constant.values())

    def of(self, consumer: str, build: int) -> Spooler | None:
        """The spooler of one consumer, if this node has one."""
        place = (consumer, build)
        return next((one for one in self.all if _place(one) == place), None)

    def start(self) -> None:
        """Begin to run, on the present event loop."""
        self._running = True
        for spooler in self.all:
            self._run(spooler)
        self._own_tasks = [
            asyncio.create_task(self._listen(), name="hexkeep-hints"),
            asyncio.create_task(self._supervise(), name="hexkeep-builds"),
        ]

    async def stop(self) -> None:
        """End every task and give the leases back."""
        self._running = False
        tasks = [*self._own_tasks, *self._tasks.values(), *self._ending]
        await end(*tasks)
        self._own_tasks, self._tasks = [], {}

    def _run(self, spooler: Spooler) -> None:
        if _place(spooler) not in self._tasks:
            self._tasks[_place(spooler)] = asyncio.create_task(spooler.run(), name=spooler.lease_name)

    def _follow_builds(self) -> None:
        """Have a spooler for each build that this release fills, and none for others."""
        filled = {(build.projection, build.number): (projection, build) for projection, build in self._builds.filled()}
        for place in self._of_builds.keys() - filled.keys():
            del self._of_builds[place]
            if task := self._tasks.pop(place, None):
                task.cancel()
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)
        for place, (projection, build) in filled.items():
            if place not in self._of_builds:
                self._of_builds[place] = self._spooler_of(projection, build)
                if self._running:
                    self._run(self._of_builds[place])

    async def _supervise(self) -> None:
        """Look at the builds now and then: another node may have begun, switched or discarded one."""
        while True:
            try:
                builds = await self._builds.refresh()
                self._follow_builds()
                filled = {build for _, build in self._builds.filled()}
                await self._retirement.look(builds, filled, self._builds.declared)
            except Unavailable:
                pass  # the spoolers notice as well, and back off; a look at builds is cheap
            except Exception:
                logger.exception("the look at builds failed")
            insist_on_cancellation()
            await asyncio.sleep(self._look)

    async def _listen(self) -> None:
        async with self._pubsub.subscribe() as hints:
            async for hint in hints:
                for spooler in (*self._of_builds.values(), *self._constant.values()):
                    spooler.wake(hint.instance, hint.log)
                self._tell(hint.instance, hint.log)


def _place(spooler: Spooler) -> Place:
    return spooler.reader.consumer.name, spooler.reader.consumer.build
