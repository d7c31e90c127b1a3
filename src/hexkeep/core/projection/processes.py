"""How far a process is with one aggregate."""

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Message
from hexkeep.core.projection.asks import ParkedAggregates, StandingOf


class GetProcess(Message):
    """The process, and the aggregate that drives it."""

    process: Id
    aggregate_id: Id


class GetProcessOutput(Message):
    """``step`` is the one that is due, empty when nothing is; ``total`` is 0 where it is not known beforehand.

    ``error`` is the class of the failure for which it is parked: it goes on when it is retried.
    """

    step: str
    done: int
    total: int
    error: str


def get_process(request: GetProcess, ctx: Context) -> Decision[GetProcessOutput]:
    """Tell how far a process is with one aggregate: what is due next, how much is done, and whether it is parked."""
    ctx.authorize()
    standing = ctx.ask(StandingOf(request.process, request.aggregate_id))
    if standing is None:
        raise NotFound(f"There is no process {request.process}")
    consumer = f"process.{request.process}"
    errors = [
        one.error
        for one in ctx.ask(ParkedAggregates())
        if (one.consumer, one.ref.id) == (consumer, request.aggregate_id)
    ]
    output = GetProcessOutput(
        step=standing.step, done=standing.done, total=standing.total, error=errors[0] if errors else ""
    )
    return Decision(output)
