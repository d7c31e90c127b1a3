"""The operations of connections."""

from hexkeep.core.connection import commands, logos, messages, queries
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import AUTHENTICATED, PUBLIC

MINE = "/auth/v1/connections"
OF_USER = "/management/v1/users/{user_id}/connections"
ONE = "/{client_id}"

SHOW_CONNECTION_LOGO = Operation(
    "ShowConnectionLogo",
    ApiName.PROTOCOL,
    messages.ShowConnectionLogo,
    messages.ConnectionLogo,
    PUBLIC,
    logos.show_connection_logo,
    writes=False,
)
OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "ListMyConnections",
        ApiName.AUTH,
        messages.ListMyConnections,
        messages.ConnectionList,
        AUTHENTICATED,
        queries.list_my_connections,
        Http(Method.GET, MINE),
        writes=False,
    ),
    Operation(
        "RevokeMyConnection",
        ApiName.AUTH,
        messages.RevokeMyConnection,
        Empty,
        AUTHENTICATED,
        commands.revoke_my_connection,
        Http(Method.DELETE, MINE + ONE),
    ),
    Operation(
        "ListUserConnections",
        ApiName.MANAGEMENT,
        messages.ListUserConnections,
        messages.ConnectionList,
        "session.read",
        queries.list_user_connections,
        Http(Method.GET, OF_USER),
        writes=False,
    ),
    Operation(
        "RevokeUserConnection",
        ApiName.MANAGEMENT,
        messages.RevokeUserConnection,
        Empty,
        "session.write",
        commands.revoke_user_connection,
        Http(Method.DELETE, OF_USER + ONE),
    ),
    SHOW_CONNECTION_LOGO,
)
