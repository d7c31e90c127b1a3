"""Retrying and skipping what is parked, and filling tables anew."""

from pydantic import Field

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.decision import Context, Decision, FollowUp
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound, PermissionDenied
from hexkeep.core.kernel.fields import Id, Name
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.projection.asks import BeginRebuild, InstancesServed, ParkedAggregates, Retry
from hexkeep.core.projection.events import ParkedEventSkipped
from hexkeep.core.projection.state import SKIPS, SKIPS_ID, Skip


class RetryParked(Message):
    """Names the parked aggregate to try again."""

    projection: Id
    aggregate_type: Id
    aggregate_id: Id


class RetryParkedOutput(Message):
    """Whether it is digested now."""

    mended: bool


class SkipParked(Message):
    """Names the event to pass over: the one that a parked aggregate waits at."""

    projection: Id
    aggregate_type: Id
    aggregate_id: Id
    position: int = Field(ge=1, description="Of the event, as ListParked tells it, so that no other one is skipped")
    reason: Name = Field(description="Why, for the audit. It is kept for ever: no personal data belongs here")


class RebuildProjection(Message):
    """Names the projection whose tables are filled anew."""

    projection: Id


class RebuildProjectionOutput(Message):
    """The build that takes the place of the one that serves, once it is filled."""

    build: int


def retry_parked(request: RetryParked, ctx: Context) -> Decision[RetryParkedOutput]:
    """Digest the events of a parked aggregate again, up to where the others are, because their cause was mended."""
    ctx.authorize()
    ref = Ref(request.aggregate_type, request.aggregate_id)
    if not _waiting_at(ctx, request.projection, ref):
        raise NotFound
    return Decision(RetryParkedOutput(mended=ctx.ask(Retry(request.projection, ref))))


def skip_parked(request: SkipParked, ctx: Context) -> Decision[Empty]:
    """Let a projection pass over one event of a parked aggregate for good, and go on with those behind it.

    The log keeps the event, and a rebuild passes over it as well.
    """
    ctx.authorize()
    ref = Ref(request.aggregate_type, request.aggregate_id)
    waiting = _waiting_at(ctx, request.projection, ref)
    if not waiting:
        raise NotFound
    if request.position not in waiting:
        raise FailedPrecondition(f"It waits at position {', '.join(map(str, sorted(waiting)))}")
    again = {"projection": request.projection, "aggregate_type": ref.type, "aggregate_id": ref.id}
    follow_up = FollowUp("RetryParked", again)
    if Skip(ref, request.position) in ctx.load(SKIPS, SKIPS_ID).of(request.projection):
        return Decision(Empty(), then=(follow_up,))
    skipped = ParkedEventSkipped(**request.model_dump())
    return Decision(Empty(), SKIPS.append(SKIPS_ID, skipped), then=(follow_up,))


def rebuild_projection(request: RebuildProjection, ctx: Context) -> Decision[RebuildProjectionOutput]:
    """Fill the tables of a projection anew, beside those that serve, and let them take over once they are filled.

    Nothing is unavailable meanwhile. Concerns all instances, so where there are several only the system may.
    """
    ctx.authorize()
    if ctx.caller.kind is not CallerKind.SYSTEM and ctx.ask(InstancesServed()) > 1:
        raise PermissionDenied("A rebuild concerns all instances: it is the operator's")
    return Decision(RebuildProjectionOutput(build=ctx.ask(BeginRebuild(request.projection))))


def _waiting_at(ctx: Context, projection: str, ref: Ref) -> frozenset[int]:
    """The positions at which the builds of a projection wait with an aggregate; none where it is not parked."""
    found = ctx.ask(ParkedAggregates())
    return frozenset(one.position for one in found if (one.consumer, one.ref) == (projection, ref))
