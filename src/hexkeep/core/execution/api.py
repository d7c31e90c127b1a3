"""The operations of executions."""

from hexkeep.core.execution import commands, queries
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation

EXECUTIONS = "/admin/v1/executions"
ONE = f"{EXECUTIONS}/{{execution_id}}"
READ, WRITE = "action.read", "action.write"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "SetExecution",
        ApiName.ADMIN,
        commands.SetExecution,
        commands.ExecutionSetting,
        WRITE,
        commands.set_execution,
        Http(Method.PUT, EXECUTIONS),
    ),
    Operation(
        "GetExecution",
        ApiName.ADMIN,
        queries.GetExecution,
        queries.ExecutionView,
        READ,
        queries.get_execution,
        Http(Method.GET, ONE),
        writes=False,
    ),
    Operation(
        "ListExecutions",
        ApiName.ADMIN,
        queries.ListExecutions,
        queries.ExecutionPage,
        READ,
        queries.list_executions,
        Http(Method.GET, EXECUTIONS),
        writes=False,
    ),
    Operation(
        "DeleteExecution",
        ApiName.ADMIN,
        commands.DeleteExecution,
        Empty,
        WRITE,
        commands.delete_execution,
        Http(Method.DELETE, ONE),
    ),
    Operation(
        "ListExecutionMethods",
        ApiName.ADMIN,
        queries.ListExecutionMethods,
        queries.ExecutionMethods,
        READ,
        queries.list_execution_methods,
        Http(Method.GET, "/admin/v1/execution-methods"),
        writes=False,
    ),
    Operation(
        "ListExecutionEvents",
        ApiName.ADMIN,
        Empty,
        queries.ExecutionEvents,
        READ,
        queries.list_execution_events,
        Http(Method.GET, "/admin/v1/execution-events"),
        writes=False,
    ),
    Operation(
        "ListExecutionFunctions",
        ApiName.ADMIN,
        Empty,
        queries.ExecutionFunctions,
        READ,
        queries.list_execution_functions,
        Http(Method.GET, "/admin/v1/execution-functions"),
        writes=False,
    ),
)
