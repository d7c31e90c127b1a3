"""Processes: resumable multi-step work. The state of the aggregate says what is due, so a crash only repeats a look.

A process is a consumer of its aggregate's log: behind each trigger it calls the due steps as the system until none is
due. The same can be done at once by whoever started it (``drive``); a step done twice is done once, for its unit id is
made from process, aggregate and step.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence

from hexkeep.core.kernel.errors import HexkeepError, Unavailable, VersionConflict
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.slice import Process, Step
from hexkeep.core.kernel.view import RowOperation, Table
from hexkeep.engine.consumer import Digest
from hexkeep.engine.states import States
from hexkeep.engine.tail import Entry, Undecodable

logger = logging.getLogger("hexkeep.engine.processes")
MAX_STEPS = 100

RunStep = Callable[[Step, str], Awaitable[None]]
"""Calls a step's operation as the system under the given unit id."""


PROCESS_BUILD = 1
"""A process has no builds: it has no tables, and what is done does not depend on how it was decided."""


def process_consumer(process: Process) -> str:
    """A process's name among consumers."""
    return f"process.{process.name}"


class ProcessConsumer:
    """Drives one process."""

    build = PROCESS_BUILD

    def __init__(self, process: Process, states: States, run_step: RunStep) -> None:
        self.process = process
        self._states = states
        self._run_step = run_step

    @property
    def name(self) -> str:
        """The process's name among consumers."""
        return process_consumer(self.process)

    @property
    def log(self) -> Log:
        """The log of the process's aggregate."""
        return self.process.aggregate.log

    replays = True

    @property
    def tables(self) -> tuple[Table, ...]:
        """It fills none."""
        return ()

    def passed_over(self, entry: Entry) -> tuple[RowOperation, ...]:
        """A trigger that is skipped is not followed."""
        return ()

    async def digest(self, entries: Sequence[Entry]) -> Digest:
        """Bring every triggered aggregate to rest."""
        digest = Digest()
        for entry in entries:
            if entry.ref.type != self.process.aggregate.name or entry.ref in digest.failed:
                continue
            if isinstance(entry.event, Undecodable):  # it may have been a trigger
                digest.fail(entry.ref, entry.position, entry.event.error)
            elif isinstance(entry.event.event, self.process.triggers):
                await self._triggered(entry, entry.event.instance, digest)
        return digest

    async def _triggered(self, entry: Entry, instance: str, digest: Digest) -> None:
        try:
            await self.drive(instance, entry.ref.id)
        except (Unavailable, VersionConflict):  # both pass by themselves
            raise
        except HexkeepError as error:
            logger.error("%s stopped at %s: %s", self.name, entry.ref.id, error.code)  # noqa: TRY400 - the code is all
            digest.fail(entry.ref, entry.position, error.code)
        except Exception as error:
            logger.exception("%s failed at %s", self.name, entry.ref.id)
            digest.fail(entry.ref, entry.position, type(error).__name__)

    async def drive(self, instance: str, aggregate_id: str) -> None:
        """Do every step that is due for one aggregate; raises what a step raises."""
        for _ in range(MAX_STEPS):
            _, state = await self._states.load(instance, self.process.aggregate, aggregate_id)
            step = self.process.next(aggregate_id, state)
            if step is None:
                return
            while step is not None:
                await self._run_step(step, f"{self.name}/{aggregate_id}/{step.name}")
                step = step.then
        raise RuntimeError(f"{self.name} does not come to rest")
