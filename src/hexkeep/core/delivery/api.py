"""The operations of deliveries."""

from hexkeep.core.delivery import commands, queries
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation

DELIVERIES = "/admin/v1/deliveries"
ONE = f"{DELIVERIES}/{{delivery_id}}"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "ListDeliveries",
        ApiName.ADMIN,
        queries.ListDeliveries,
        queries.DeliveryPage,
        "delivery.read",
        queries.list_deliveries,
        Http(Method.GET, DELIVERIES),
        writes=False,
    ),
    Operation(
        "RetryDelivery",
        ApiName.ADMIN,
        commands.RetryDelivery,
        Empty,
        "delivery.write",
        commands.retry_delivery,
        Http(Method.POST, f"{ONE}/retry"),
    ),
    Operation(
        "DiscardDelivery",
        ApiName.ADMIN,
        commands.DiscardDelivery,
        Empty,
        "delivery.write",
        commands.discard_delivery,
        Http(Method.POST, f"{ONE}/discard"),
    ),
)
