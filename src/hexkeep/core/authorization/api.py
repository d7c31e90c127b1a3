"""The operations of authorizations."""

from hexkeep.core.authorization import commands, queries
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import AUTHENTICATED

AUTHORIZATIONS = "/management/v1/authorizations"
ONE = f"{AUTHORIZATIONS}/{{authorization_id}}"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "CreateAuthorization",
        ApiName.MANAGEMENT,
        commands.CreateAuthorization,
        commands.AuthorizationCreated,
        "authorization.write",
        commands.create_authorization,
        Http(Method.POST, AUTHORIZATIONS, 201),
        idempotent=True,
    ),
    Operation(
        "GetAuthorization",
        ApiName.MANAGEMENT,
        queries.GetAuthorization,
        queries.AuthorizationView,
        "authorization.read",
        queries.get_authorization,
        Http(Method.GET, ONE),
        writes=False,
    ),
    Operation(
        "ListAuthorizations",
        ApiName.MANAGEMENT,
        queries.ListAuthorizations,
        queries.AuthorizationPage,
        "authorization.read",
        queries.list_authorizations,
        Http(Method.GET, AUTHORIZATIONS),
        writes=False,
    ),
    Operation(
        "UpdateAuthorization",
        ApiName.MANAGEMENT,
        commands.UpdateAuthorization,
        Empty,
        "authorization.write",
        commands.update_authorization,
        Http(Method.PATCH, ONE),
    ),
    Operation(
        "DeactivateAuthorization",
        ApiName.MANAGEMENT,
        commands.DeactivateAuthorization,
        Empty,
        "authorization.write",
        commands.deactivate_authorization,
        Http(Method.POST, f"{ONE}/deactivate"),
    ),
    Operation(
        "ReactivateAuthorization",
        ApiName.MANAGEMENT,
        commands.ReactivateAuthorization,
        Empty,
        "authorization.write",
        commands.reactivate_authorization,
        Http(Method.POST, f"{ONE}/reactivate"),
    ),
    Operation(
        "DeleteAuthorization",
        ApiName.MANAGEMENT,
        commands.DeleteAuthorization,
        Empty,
        "authorization.write",
        commands.delete_authorization,
        Http(Method.DELETE, ONE),
    ),
    Operation(
        "ListMyAuthorizations",
        ApiName.AUTH,
        queries.ListMyAuthorizations,
        queries.AuthorizationPage,
        AUTHENTICATED,
        queries.list_my_authorizations,
        Http(Method.GET, "/auth/v1/me/authorizations"),
        writes=False,
    ),
)
