"""What decisions about projections ask for: the engine knows them, and does what has to be done at once."""

import enum
from dataclasses import dataclass
from datetime import datetime

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.event import Log


class BuildState(enum.StrEnum):
    """What a build of a projection is for. Processes have no builds."""

    UNSPECIFIED = "unspecified"
    BUILDING = "building"
    SERVING = "serving"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class ConsumerStatus:
    """Where one consumer, or one build of it, is in its log of the caller's instance."""

    name: str
    build: int
    state: BuildState
    log: Log
    position: int
    head: int
    lag: int
    parked: int
    leader: str = ""
    """The node that leads, empty when none does or nobody can tell."""
    error: str = ""
    """Why the node that answers waits before it tries again."""
    pause: int = 0
    """For how many seconds, about."""


@dataclass(frozen=True, slots=True)
class ParkedAggregate:
    """An aggregate whose events a consumer could not digest from ``position`` on."""

    consumer: str
    build: int
    ref: Ref
    log: Log
    position: int
    error: str
    attempts: int
    parked_at: datetime


@dataclass(frozen=True, slots=True)
class ConsumerStatuses(Ask[tuple[ConsumerStatus, ...]]):
    """Where every projection and process is in the caller's instance, on whichever node it runs."""

    lasting = False


@dataclass(frozen=True, slots=True)
class ParkedAggregates(Ask[tuple[ParkedAggregate, ...]]):
    """The parked aggregates of the caller's instance."""

    lasting = False


@dataclass(frozen=True, slots=True)
class Retry(Ask[bool]):
    """Digest a parked aggregate's events anew, at once; whether it is mended in every build that this node fills."""

    consumer: str
    ref: Ref


@dataclass(frozen=True, slots=True)
class InstancesServed(Ask[int]):
    """How many instances the storage holds, the reserved one not among them."""

    lasting = False


@dataclass(frozen=True, slots=True)
class BeginRebuild(Ask[int]):
    """Begin to fill a projection's tables anew for all instances, or go on; the number of the build. ``NotFound``."""

    projection: str


@dataclass(frozen=True, slots=True)
class ProcessStanding:
    """Where a process is for one aggregate: the step that is due, empty at rest, and how much it has done."""

    step: str = ""
    done: int = 0
    total: int = 0
    """0 where it is not known beforehand."""


@dataclass(frozen=True, slots=True)
class StandingOf(Ask[ProcessStanding | None]):
    """Where a process is for an aggregate of the caller's instance; ``None`` for a process that is not declared."""

    lasting = False

    process: str
    aggregate_id: str
