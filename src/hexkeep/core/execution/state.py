"""The state of an execution. The aggregate's id says when it happens, so that there is one for each condition."""

from dataclasses import dataclass

from hexkeep.core.execution.events import ExecutionRemoved, ExecutionSet, Selector, Trigger
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log


@dataclass(frozen=True, slots=True)
class Execution:
    """Which targets are called when. A removed one keeps nothing."""

    trigger: Trigger = Trigger.UNSPECIFIED
    selector: Selector = Selector.UNSPECIFIED
    name: str = ""
    target_ids: tuple[str, ...] = ()

    @property
    def exists(self) -> bool:
        """Whether it is set."""
        return bool(self.target_ids)


def evolve(state: Execution, event: Event) -> Execution:
    """The state after ``event``; an event that says nothing about executions leaves it as it was."""
    match event:
        case ExecutionSet():
            return Execution(event.trigger, event.selector, event.name, event.target_ids)
        case ExecutionRemoved():
            return Execution()
        case _:
            return state


EXECUTION: Aggregate[Execution] = Aggregate(
    name="execution", log=Log.DURABLE, initial=Execution(), events=(ExecutionSet, ExecutionRemoved), evolve=evolve
)


def execution_id(trigger: Trigger, selector: Selector, name: str) -> str:
    """The id of the execution for a condition: ``request.operation.CreateGroup``, ``event.all``."""
    return ".".join(filter(None, (trigger, selector, name)))
