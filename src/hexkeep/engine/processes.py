"""Processes: resumable multi-step work. The state of the aggregate says what is due, so a crash only repeats a look.

A process is a consumer of its aggregate's log: behind each trigger it calls the due steps as the system until none is
due. The same can be done at once by whoever started it (``drive``); a step done twice is done once, for its unit id is
made from process, aggregate and step.
"""

import enum
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from hexkeep.core.kernel.errors import HexkeepError, Unavailable, VersionConflict
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.slice import Process, Progress, Step
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


class Turn(enum.Enum):
    """What one turn of a process came to."""

    REST = "nothing was due"
    STEP = "a step was done"
    PORTION = "a portion was done"
    TRIGGERED = "a portion was done, and a trigger is in the log behind it"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a process is for one aggregate: the step that is due, empty at rest, and how far it is."""

    step: str
    progress: Progress


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

    async def retried(self, instance: str) -> None:
        """Nobody waits for more."""

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
            await self._follow(instance, entry.ref.id)
        except (Unavailable, VersionConflict):  # both pass by themselves
            raise
        except HexkeepError as error:
            logger.error("%s stopped at %s: %s", self.name, entry.ref.id, error.code)  # noqa: TRY400 - the code is all
            digest.fail(entry.ref, entry.position, error.code)
        except Exception as error:
            logger.exception("%s failed at %s", self.name, entry.ref.id)
            digest.fail(entry.ref, entry.position, type(error).__name__)

    async def drive(self, instance: str, aggregate_id: str) -> None:
        """Do every step that is due for one aggregate until it rests; raises what a step raises."""
        steps = 0
        while (turn := await self._turn(instance, aggregate_id)) is not Turn.REST:
            steps += turn is Turn.STEP
            if steps > MAX_STEPS:
                raise RuntimeError(f"{self.name} does not come to rest")

    async def _follow(self, instance: str, aggregate_id: str) -> None:
        """The same behind a trigger, up to the first portion that has left another trigger in the log."""
        for _ in range(MAX_STEPS):
            if await self._turn(instance, aggregate_id) in {Turn.REST, Turn.TRIGGERED}:
                return
        raise RuntimeError(f"{self.name} does not come to rest")

    async def _turn(self, instance: str, aggregate_id: str) -> Turn:
        """Do the next step and what is behind it."""
        version, state = await self._states.load(instance, self.process.aggregate, aggregate_id)
        due = step = self.process.next(aggregate_id, state)
        if due is None:
            return Turn.REST
        while step is not None:
            await self._run_step(step, f"{self.name}/{aggregate_id}/{step.name}")
            step = step.then
        if not due.portion:
            return Turn.STEP
        return await self._behind_portion(due, instance, aggregate_id, version)

    async def _behind_portion(self, due: Step, instance: str, aggregate_id: str, version: int) -> Turn:
        following = (await self.standing(instance, aggregate_id)).step
        if following == due.name:
            raise RuntimeError(f"{self.name} does not move behind {due.name}")
        written = await self._states.types_since(instance, self.process.aggregate, aggregate_id, version)
        triggers = {trigger.type for trigger in self.process.triggers}
        return Turn.PORTION if written.isdisjoint(triggers) else Turn.TRIGGERED

    async def standing(self, instance: str, aggregate_id: str) -> Standing:
        """What is due for one aggregate, and how far it is."""
        _, state = await self._states.load(instance, self.process.aggregate, aggregate_id)
        step = self.process.next(aggregate_id, state)
        return Standing(step.name if step else "", self.process.progress(state))
