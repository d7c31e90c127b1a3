"""Looking at projections: where they are, and what is parked."""

from datetime import datetime

from pydantic import Field

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.fields import Line
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.projection.asks import (
    BuildState,
    ConsumerStatus,
    ConsumerStatuses,
    ParkedAggregate,
    ParkedAggregates,
)


class ProjectionView(Message):
    """Where one build of a projection, or a process, is in the instance's log."""

    projection: str
    build: int
    state: BuildState = Field(description="Unspecified for processes, which have no builds")
    log: Log
    position: int
    head: int
    lag: int = Field(description="Events that it has yet to read")
    parked: int = Field(description="Aggregates that wait for a mend")
    leader: str = Field(description="The node that does the work; empty when none does or nobody can tell")
    error: str = Field(description="Why the node that answers waits before it tries to lead again")
    retry_seconds: int = Field(description="For how long it waits, about")


class ListProjectionsOutput(Message):
    """Every build of every projection, and every process. There are few, so they come in one page."""

    projections: tuple[ProjectionView, ...]


class ListParked(Message):
    """Asks for parked aggregates; without a filter for all."""

    projection: Line = Field("", description="Only those of this projection")


class ParkedView(Message):
    """One parked aggregate. ``position`` is that of the event that failed, ``error`` the class of the failure."""

    projection: str
    build: int
    aggregate_type: str
    aggregate_id: str
    log: Log
    position: int
    error: str
    attempts: int
    parked_at: datetime


class ListParkedOutput(Message):
    """The parked aggregates, by projection and build, the oldest first."""

    parked: tuple[ParkedView, ...]


def list_projections(_request: Empty, ctx: Context) -> Decision[ListProjectionsOutput]:
    """List how far each projection and process has come in the instance's log."""
    ctx.authorize()
    return Decision(ListProjectionsOutput(projections=tuple(map(_status, ctx.ask(ConsumerStatuses())))))


def list_parked(request: ListParked, ctx: Context) -> Decision[ListParkedOutput]:
    """List the aggregates that wait because a projection or a process could not digest one of their events."""
    ctx.authorize()
    found = ctx.ask(ParkedAggregates())
    wanted = (one for one in found if request.projection in {"", one.consumer})
    return Decision(ListParkedOutput(parked=tuple(map(_parked, wanted))))


def _status(one: ConsumerStatus) -> ProjectionView:
    return ProjectionView(
        projection=one.name,
        build=one.build,
        state=one.state,
        log=one.log,
        position=one.position,
        head=one.head,
        lag=one.lag,
        parked=one.parked,
        leader=one.leader,
        error=one.error,
        retry_seconds=one.pause,
    )


def _parked(one: ParkedAggregate) -> ParkedView:
    return ParkedView(
        projection=one.consumer,
        build=one.build,
        aggregate_type=one.ref.type,
        aggregate_id=one.ref.id,
        log=one.log,
        position=one.position,
        error=one.error,
        attempts=one.attempts,
        parked_at=one.parked_at,
    )
