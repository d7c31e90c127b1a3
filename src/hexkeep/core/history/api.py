"""The operations of history."""

from hexkeep.core.history import queries
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Http, Method, Operation

ONE = "/admin/v1/history/{aggregate_type}/{aggregate_id}"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "ListHistory",
        ApiName.ADMIN,
        queries.ListHistory,
        queries.History,
        "event.read",
        queries.list_history,
        Http(Method.GET, ONE),
        writes=False,
    ),
    Operation(
        "GetResourceAt",
        ApiName.ADMIN,
        queries.GetResourceAt,
        queries.ResourceThen,
        "event.read",
        queries.get_resource_at,
        Http(Method.GET, f"{ONE}/at"),
        writes=False,
    ),
)
"""All of them."""
