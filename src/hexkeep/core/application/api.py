"""The operations of applications."""

from hexkeep.core.application import commands, origins, queries
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import PUBLIC

APPLICATIONS = "/management/v1/applications"
ONE = f"{APPLICATIONS}/{{client_id}}"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "CreateOidcApplication",
        ApiName.MANAGEMENT,
        commands.CreateOidcApplication,
        commands.ApplicationCredentials,
        "application.write",
        commands.create_oidc_application,
        Http(Method.POST, f"{APPLICATIONS}/oidc", 201),
        idempotent=True,
        secrets=frozenset({"client_secret"}),
    ),
    Operation(
        "GetApplication",
        ApiName.MANAGEMENT,
        queries.GetApplication,
        queries.ApplicationView,
        "application.read",
        queries.get_application,
        Http(Method.GET, ONE),
        writes=False,
    ),
    Operation(
        "ListApplications",
        ApiName.MANAGEMENT,
        queries.ListApplications,
        queries.ApplicationPage,
        "application.read",
        queries.list_applications,
        Http(Method.GET, APPLICATIONS),
        writes=False,
    ),
    Operation(
        "UpdateOidcApplication",
        ApiName.MANAGEMENT,
        commands.UpdateOidcApplication,
        Empty,
        "application.write",
        commands.update_oidc_application,
        Http(Method.PATCH, f"{APPLICATIONS}/oidc/{{client_id}}"),
    ),
    Operation(
        "RegenerateClientSecret",
        ApiName.MANAGEMENT,
        commands.RegenerateClientSecret,
        commands.ApplicationCredentials,
        "application.write",
        commands.regenerate_client_secret,
        Http(Method.POST, f"{ONE}/client-secret", 201),
        idempotent=True,
        secrets=frozenset({"client_secret"}),
    ),
    Operation(
        "DeactivateApplication",
        ApiName.MANAGEMENT,
        commands.DeactivateApplication,
        Empty,
        "application.write",
        commands.deactivate_application,
        Http(Method.POST, f"{ONE}/deactivate"),
    ),
    Operation(
        "ReactivateApplication",
        ApiName.MANAGEMENT,
        commands.ReactivateApplication,
        Empty,
        "application.write",
        commands.reactivate_application,
        Http(Method.POST, f"{ONE}/reactivate"),
    ),
    Operation(
        "DeleteApplication",
        ApiName.MANAGEMENT,
        commands.DeleteApplication,
        Empty,
        "application.write",
        commands.delete_application,
        Http(Method.DELETE, ONE),
    ),
    Operation(
        "CheckOrigin",
        ApiName.PROTOCOL,
        origins.CheckOrigin,
        origins.OriginStanding,
        PUBLIC,
        origins.check_origin,
        writes=False,
    ),
)
