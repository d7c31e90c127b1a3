"""The operations of `execution`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.blocking import Calls, Listing
from hexkeep.core.execution import SLICE
from hexkeep.core.execution.commands import ExecutionSetting
from hexkeep.core.execution.conditions import ExecutionCondition
from hexkeep.core.execution.events import Trigger
from hexkeep.core.execution.queries import (
    ExecutionEvents,
    ExecutionFunctions,
    ExecutionMethods,
    ExecutionPage,
    ExecutionSort,
    ExecutionView,
)
from hexkeep.core.kernel.operation import Empty

_OPERATIONS = {one.name: one for one in SLICE.operations}


class ExecutionCalls:
    """The operations of `execution`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def set_execution(
        self,
        *,
        expected_version: int | None = None,
        condition: ExecutionCondition,
        target_ids: tuple[str, ...] | list[str],
    ) -> ExecutionSetting:
        """Set which targets are called, and in which order, when a condition is met.

        What was set for the condition before is replaced. Names of operations, events and functions are those of this
        program and its plugins; others are refused. The operations of targets and executions themselves call nothing.

        Needs `action.write`. The fields are those of `SetExecution`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "condition": condition,
            "target_ids": target_ids,
        }
        return self._calls.answer(_OPERATIONS["SetExecution"], ExecutionSetting, fields)

    def get_execution(self, *, execution_id: str) -> ExecutionView:
        """Read one execution.

        Needs `action.read`. The fields are those of `GetExecution`.
        """
        fields: dict[str, object] = {"execution_id": execution_id}
        return self._calls.answer(_OPERATIONS["GetExecution"], ExecutionView, fields)

    def list_executions(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        trigger: Trigger = Trigger.UNSPECIFIED,
        name: str = "",
        target_id: str = "",
        sort: ExecutionSort = ExecutionSort.UNSPECIFIED,
    ) -> Listing[ExecutionPage, ExecutionView]:
        """List which targets of the instance are called when.

        Needs `action.read`. The fields are those of `ListExecutions`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "trigger": trigger,
            "name": name,
            "target_id": target_id,
            "sort": sort,
        }
        return self._calls.listing(_OPERATIONS["ListExecutions"], ExecutionPage, ExecutionView, fields)

    def delete_execution(self, *, expected_version: int | None = None, execution_id: str) -> None:
        """Take an execution back: nothing is called then any more.

        Needs `action.write`. The fields are those of `DeleteExecution`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "execution_id": execution_id}
        self._calls.answer(_OPERATIONS["DeleteExecution"], Empty, fields)

    def list_execution_methods(self, *, service: str = "") -> ExecutionMethods:
        """List the operations before or after which targets can be called, plugins' among them.

        Needs `action.read`. The fields are those of `ListExecutionMethods`.
        """
        fields: dict[str, object] = {"service": service}
        return self._calls.answer(_OPERATIONS["ListExecutionMethods"], ExecutionMethods, fields)

    def list_execution_events(self) -> ExecutionEvents:
        """List the types of events upon which targets can be called, plugins' among them.

        Needs `action.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["ListExecutionEvents"], ExecutionEvents, fields)

    def list_execution_functions(self) -> ExecutionFunctions:
        """List the functions for which targets can be called: where the program itself asks for something.

        Needs `action.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["ListExecutionFunctions"], ExecutionFunctions, fields)
