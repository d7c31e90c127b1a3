"""What can be read of executions, and of what they may be about."""

import enum
from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from hexkeep.core.execution.asks import RegisteredNames
from hexkeep.core.execution.conditions import FUNCTIONS, ExecutionCondition, operations, shown
from hexkeep.core.execution.events import Selector, Trigger
from hexkeep.core.execution.projection import EXECUTIONS
from hexkeep.core.kernel.access import listed, visible_row
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Id, Line
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.paging import Page, PageRequest, page_of
from hexkeep.core.kernel.view import And, Condition, Contains, Has, Row, eq


class ExecutionView(Message):
    """An execution as its readers see it."""

    execution_id: str
    condition: ExecutionCondition
    target_ids: tuple[str, ...]
    version: int
    created_at: datetime
    changed_at: datetime


class GetExecution(Message):
    """The execution to read."""

    execution_id: Id


class ExecutionSort(enum.StrEnum):
    """What executions can be sorted by; unspecified is by id, and so by when they happen."""

    UNSPECIFIED = "unspecified"
    NAME = "name"
    CREATED_AT = "created_at"


class ListExecutions(PageRequest):
    """Which executions to list."""

    trigger: Trigger = Field(default=Trigger.UNSPECIFIED, description="Only those that happen then.")
    name: Line = Field(default="", description="Only those for a name that contains this, whatever its case.")
    target_id: Line = Field(default="", description="Only those that call this target.")
    sort: ExecutionSort = ExecutionSort.UNSPECIFIED


class ExecutionPage(Page):
    """Some executions."""

    executions: tuple[ExecutionView, ...]


class ExecutionMethod(Message):
    """An operation that a condition may name."""

    name: str
    service: str
    summary: str


class ListExecutionMethods(Message):
    """Which operations to list."""

    service: Line = Field(default="", description="Only those of this API: `auth`, `management` or `admin`.")


class ExecutionMethods(Message):
    """All operations that a condition may name."""

    methods: tuple[ExecutionMethod, ...]


class ExecutionEvent(Message):
    """A type of events that a condition may name."""

    event_type: str


class ExecutionEvents(Message):
    """All types of events that a condition may name."""

    events: tuple[ExecutionEvent, ...]


class ExecutionFunction(Message):
    """A function that a condition may name."""

    name: str
    summary: str


class ExecutionFunctions(Message):
    """All functions that a condition may name."""

    functions: tuple[ExecutionFunction, ...]


def get_execution(request: GetExecution, ctx: Context) -> Decision[ExecutionView]:
    """Read one execution."""
    return Decision(_view(visible_row(ctx, EXECUTIONS, request.execution_id)))


def list_executions(request: ListExecutions, ctx: Context) -> Decision[ExecutionPage]:
    """List which targets of the instance are called when."""
    found = listed(ctx, request, page_of(EXECUTIONS, request, And(tuple(_filters(request))), sort=request.sort))
    views = tuple(_view(row) for row in found.rows)
    return Decision(ExecutionPage(executions=views, next_cursor=found.next_cursor, total=found.total))


def list_execution_methods(request: ListExecutionMethods, ctx: Context) -> Decision[ExecutionMethods]:
    """List the operations before or after which targets can be called, plugins' among them."""
    ctx.authorize()
    methods = (
        ExecutionMethod(name=name, service=one.api, summary=one.summary)
        for name, one in operations(ctx).items()
        if request.service in {"", one.api}
    )
    return Decision(ExecutionMethods(methods=tuple(methods)))


def list_execution_events(_: Empty, ctx: Context) -> Decision[ExecutionEvents]:
    """List the types of events upon which targets can be called, plugins' among them."""
    ctx.authorize()
    events = (ExecutionEvent(event_type=event) for event in sorted(ctx.ask(RegisteredNames()).events))
    return Decision(ExecutionEvents(events=tuple(events)))


def list_execution_functions(_: Empty, ctx: Context) -> Decision[ExecutionFunctions]:
    """List the functions for which targets can be called: where the program itself asks for something."""
    ctx.authorize()
    functions = (ExecutionFunction(name=name, summary=summary) for name, summary in FUNCTIONS.items())
    return Decision(ExecutionFunctions(functions=tuple(functions)))


def _filters(request: ListExecutions) -> Iterator[Condition]:
    if request.trigger is not Trigger.UNSPECIFIED:
        yield eq("trigger", request.trigger)
    if request.name:
        yield Contains("name", request.name)
    if request.target_id:
        yield Has("target_ids", request.target_id)


def _view(row: Row) -> ExecutionView:
    condition = shown(Trigger(str(row["trigger"])), Selector(str(row["selector"])), str(row["name"]))
    cells = {name: row[name] for name in ExecutionView.model_fields if name != "condition"}
    return ExecutionView.model_validate({**cells, "condition": condition})
