"""The scheduler: jobs that one node of the cluster does at a time, each in a rhythm of its own.

When a job is due is kept in the storage, so a restart neither repeats nor forgets one that is rare. Leading saves work
and is no proof (see ``leadership``): a job must not mind being done twice, or guard itself.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.errors import HexkeepError, Unavailable
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Column, ColumnType, Projection, Put, Row, RowOperation, Select, Table
from hexkeep.engine.cancellation import end, insist_on_cancellation
from hexkeep.engine.leadership import Leadership
from hexkeep.engine.ledger import Ledger
from hexkeep.ports.clock import Clock
from hexkeep.ports.locks import Lease
from hexkeep.ports.telemetry import Figure, Kind

logger = logging.getLogger("hexkeep.engine.scheduler")

LEASE = "scheduler"
SPREAD = 0.1
"""By which part of its rhythm a job may come later, so that jobs of one rhythm do not come together for ever."""
FIRST_PAUSE = timedelta(seconds=1)
"""Before a failed job is tried again; twice that after the next failure, and so on."""
LONGEST_PAUSE = timedelta(minutes=5)
"""Between attempts of a failing job, unless its rhythm is slower anyway."""
NOTED_EVERY = timedelta(minutes=1)
"""How often a quick job that goes well is noted: what a restart would repeat costs less than a write each time."""

JOBS = Table(
    "jobs",
    (
        Column("name"),
        Column("started_at", ColumnType.TIME),
        Column("ended_at", ColumnType.TIME),
        Column("due_at", ColumnType.TIME),
        Column("failures", ColumnType.INTEGER),
        Column("error"),
        Column("node"),
        Column("token", ColumnType.INTEGER),
    ),
    key=("name",),
)
JOBS_LEDGER = Projection("jobs", 1, Log.DURABLE, (JOBS,), (), lambda _: ())
"""Kept in the instance ``system``. A ledger is never made anew, so what is to be added later gets a table beside it."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is due ``every`` so often, counted from when it began last. ``run`` may raise: it is tried again."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class JobStatus:
    """How a job went last. Times are ``None`` for one that has never run."""

    name: str
    every: timedelta
    started_at: datetime | None = None
    ended_at: datetime | None = None
    due_at: datetime | None = None
    failures: int = 0
    """How many times in a row it has failed until now."""
    error: str = ""
    """The class or code of the last failure, empty when it went well."""
    node: str = ""


class Scheduler:
    """Runs jobs. Names must be unique; ``start`` and ``stop`` on one event loop, the ledger started before."""

    def __init__(self, jobs: Iterable[Job], ledger: Ledger, leadership: Leadership, clock: Clock, node: str) -> None:
        listed = tuple(jobs)
        self.jobs = {job.name: job for job in listed}
        if len(self.jobs) != len(listed):
            raise ValueError("two jobs share a name")
        self._ledger = ledger
        self._leadership = leadership
        self._clock = clock
        self._node = node
        self._noted: dict[str, JobStatus] = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def leading(self) -> bool:
        """Whether this node does the jobs at present."""
        return self._leadership.leading

    def start(self) -> None:
        """Begin to lead whenever possible, on the present event loop."""
        self._task = asyncio.create_task(self._leadership.run(self._lead), name="hexkeep-scheduler")

    async def stop(self) -> None:
        """Break off what runs and give the lease back."""
        if self._task is not None:
            await end(self._task)

    async def status(self) -> list[JobStatus]:
        """How every job of this node's went last, on whichever node; as old as ``NOTED_EVERY`` for quick ones."""
        rows = await self._ledger.select(SYSTEM_INSTANCE, Select(JOBS, limit=1000))
        known = {str(row["name"]): row for row in rows}
        return [_status(job, known.get(job.name)) for job in self.jobs.values()]

    async def run(self, name: str) -> JobStatus:
        """Do a job now, here, whoever leads; when it is due next is not changed. Raises ``LookupError``."""
        return await self._done(self.jobs[name], JobStatus(name, self.jobs[name].every))

    def figures(self) -> Iterator[Figure]:
        """What this node knows of the jobs, as numbers; none while another leads."""
        if self.leading:
            for one in self._noted.values():
                told = "How many times in a row a job has failed"
                yield Figure("job_failures", Kind.GAUGE, told, one.failures, (("job", one.name),))

    async def _lead(self, lease: Lease) -> None:
        self._noted = {one.name: one for one in await self.status()}
        insist_on_cancellation()  # else the group below would wait for jobs that nobody cancels
        try:
            async with asyncio.TaskGroup() as tasks:
                for job in self.jobs.values():
                    tasks.create_task(self._keep_up(job, lease), name=f"hexkeep-job-{job.name}")
                tasks.create_task(asyncio.Event().wait())  # lead on, though there be no job
        except* Unavailable as group:
            raise group.exceptions[0] from None

    async def _keep_up(self, job: Job, lease: Lease) -> None:
        status = self._noted[job.name]
        while True:
            insist_on_cancellation()
            await asyncio.sleep(self._wait(job, status))
            insist_on_cancellation()
            status = await self._done(job, status)
            insist_on_cancellation()
            await self._note(status, lease)

    def _wait(self, job: Job, status: JobStatus) -> float:
        """Seconds until a job is due. A clock that ran ahead once cannot put it off for longer than its rhythm."""
        if status.due_at is None:
            return 0.0
        longest = max(job.every * (1 + SPREAD), LONGEST_PAUSE)
        return max(0.0, min(status.due_at - self._clock.now(), longest).total_seconds())

    async def _done(self, job: Job, before: JobStatus) -> JobStatus:
        started = self._clock.now()
        error = await _failure(job)
        failures = before.failures + 1 if error else 0
        due = started + _pause(job.every, failures)
        return JobStatus(job.name, job.every, started, self._clock.now(), due, failures, error, self._node)

    async def _note(self, status: JobStatus, lease: Lease) -> None:
        if not _is_news(status, self._noted.get(status.name)):
            return
        try:
            await self._ledger.change(SYSTEM_INSTANCE, lambda: self._noting(status, lease))
        except Unavailable as unavailable:
            logger.warning("how %s went is not noted: %s", status.name, unavailable.code)
            return
        self._noted[status.name] = status

    async def _noting(self, status: JobStatus, lease: Lease) -> list[RowOperation]:
        for row in await self._ledger.select(SYSTEM_INSTANCE, Select(JOBS, limit=1000)):
            if row["name"] == status.name and isinstance(row["token"], int) and row["token"] > lease.token:
                return []  # somebody else leads by now, and has noted something newer
        started, ended = status.started_at, status.ended_at
        times: Row = {"started_at": started, "ended_at": ended, "due_at": status.due_at}
        told: Row = {"failures": status.failures, "error": status.error, "node": status.node, "token": lease.token}
        return [Put(JOBS, {"name": status.name, **times, **told})]


async def _failure(job: Job) -> str:
    """Run a job; the class or code of its failure."""
    try:
        await job.run()
    except HexkeepError as error:
        logger.warning("the job %s failed: %s", job.name, error.code)
        return error.code
    except Exception as error:
        logger.exception("the job %s failed", job.name)
        return type(error).__name__
    return ""


def _is_news(status: JobStatus, noted: JobStatus | None) -> bool:
    if noted is None or noted.started_at is None or status.started_at is None:
        return True
    alike = (status.error, status.failures) == (noted.error, noted.failures)
    return not alike or status.started_at - noted.started_at >= NOTED_EVERY


def _pause(every: timedelta, failures: int) -> timedelta:
    """From one beginning to the next: the rhythm and a little more, or a back-off that grows with each failure."""
    chance = random.random()  # noqa: S311 - jitter
    if not failures:
        return every * (1 + SPREAD * chance)
    longest = max(every, LONGEST_PAUSE)
    return min(longest, FIRST_PAUSE * 2.0 ** min(failures - 1, 40)) * (0.5 + chance / 2)


def _status(job: Job, row: Row | None) -> JobStatus:
    if row is None:
        return JobStatus(job.name, job.every)
    times = (_time(row, "started_at"), _time(row, "ended_at"), _time(row, "due_at"))
    return JobStatus(job.name, job.every, *times, int(str(row["failures"])), str(row["error"]), str(row["node"]))


def _time(row: Row, column: str) -> datetime | None:
    time = row[column]
    return time if isinstance(time, datetime) else None
