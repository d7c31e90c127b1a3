"""The operations of applications' keys."""

from hexkeep.core.applicationkey import commands, queries
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation

KEYS = "/management/v1/application-keys"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "CreateApplicationKey",
        ApiName.MANAGEMENT,
        commands.CreateApplicationKey,
        commands.NewApplicationKey,
        "application.write",
        commands.create_application_key,
        Http(Method.POST, KEYS, 201),
        idempotent=True,
        secrets=frozenset({"key_file"}),
    ),
    Operation(
        "ListApplicationKeys",
        ApiName.MANAGEMENT,
        queries.ListApplicationKeys,
        queries.ApplicationKeyPage,
        "application.read",
        queries.list_application_keys,
        Http(Method.GET, KEYS),
        writes=False,
    ),
    Operation(
        "DeleteApplicationKey",
        ApiName.MANAGEMENT,
        commands.DeleteApplicationKey,
        Empty,
        "application.write",
        commands.delete_application_key,
        Http(Method.DELETE, f"{KEYS}/{{key_id}}"),
    ),
)
