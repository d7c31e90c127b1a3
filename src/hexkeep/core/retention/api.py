"""The operations of retention."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.retention import commands

PATH = "/admin/v1/retention/activity"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "SetActivityRetention",
        ApiName.ADMIN,
        commands.SetActivityRetention,
        Empty,
        "instance.write",
        commands.set_activity_retention,
        Http(Method.PUT, PATH),
    ),
    Operation(
        "GetActivityRetention",
        ApiName.ADMIN,
        Empty,
        commands.ActivityRetention,
        "instance.read",
        commands.get_activity_retention,
        Http(Method.GET, PATH),
        writes=False,
    ),
)
"""All of them."""
