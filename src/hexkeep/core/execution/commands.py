"""Setting which targets are called when, and taking that back."""

from typing import Annotated

from pydantic import Field

from hexkeep.core.execution.conditions import ExecutionCondition, insist_on_known, selected
from hexkeep.core.execution.events import ExecutionRemoved, ExecutionSet
from hexkeep.core.execution.state import EXECUTION, execution_id
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.target.state import TARGET

READ = "action.read"
MAX_TARGETS = 20
TargetIds = Annotated[
    tuple[Id, ...], Field(min_length=1, max_length=MAX_TARGETS, description="Ids of targets, in the order of calls.")
]


class SetExecution(Conditional):
    """When to call what."""

    condition: ExecutionCondition
    target_ids: TargetIds


class ExecutionSetting(Message):
    """The execution there is now; its id says when it happens."""

    execution_id: str


class DeleteExecution(Conditional):
    """The execution to take back."""

    execution_id: Id


def set_execution(request: SetExecution, ctx: Context) -> Decision[ExecutionSetting]:
    """Set which targets are called, and in which order, when a condition is met.

    What was set for the condition before is replaced. Names of operations, events and functions are those of this
    program and its plugins; others are refused. The operations of targets and executions themselves call nothing.
    """
    ctx.authorize()
    selector, name = selected(request.condition)
    insist_on_known(ctx, selector, name)
    wanted = tuple(dict.fromkeys(request.target_ids))
    if not all(ctx.load(TARGET, target_id, guarded=True).exists for target_id in wanted):
        raise NotFound("There is no such target")
    place = execution_id(request.condition.trigger, selector, name)
    expect(ctx, EXECUTION, place, request)
    answer = ExecutionSetting(execution_id=place)
    if ctx.load(EXECUTION, place).target_ids == wanted:
        return Decision(answer)
    event = ExecutionSet(trigger=request.condition.trigger, selector=selector, name=name, target_ids=wanted)
    return Decision(answer, EXECUTION.append(place, event))


def delete_execution(request: DeleteExecution, ctx: Context) -> Decision[Empty]:
    """Take an execution back: nothing is called then any more."""
    reach(ctx, READ, exists=ctx.load(EXECUTION, request.execution_id).exists)
    expect(ctx, EXECUTION, request.execution_id, request)
    return Decision(Empty(), EXECUTION.append(request.execution_id, ExecutionRemoved()))
