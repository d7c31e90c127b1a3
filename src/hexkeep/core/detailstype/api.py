"""The operations of types of authorization details."""

from hexkeep.core.detailstype import commands
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation

PATH = "/admin/v1/authorization-details-types"
ONE = f"{PATH}/{{authorization_details_type_id}}"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "CreateAuthorizationDetailsType",
        ApiName.ADMIN,
        commands.CreateAuthorizationDetailsType,
        commands.AuthorizationDetailsTypeCreated,
        "instance.write",
        commands.create_authorization_details_type,
        Http(Method.POST, PATH, 201),
        idempotent=True,
    ),
    Operation(
        "ListAuthorizationDetailsTypes",
        ApiName.ADMIN,
        Empty,
        commands.AuthorizationDetailsTypes,
        "instance.read",
        commands.list_authorization_details_types,
        Http(Method.GET, PATH),
        writes=False,
    ),
    Operation(
        "UpdateAuthorizationDetailsType",
        ApiName.ADMIN,
        commands.UpdateAuthorizationDetailsType,
        Empty,
        "instance.write",
        commands.update_authorization_details_type,
        Http(Method.PATCH, ONE),
    ),
    Operation(
        "DeleteAuthorizationDetailsType",
        ApiName.ADMIN,
        commands.DeleteAuthorizationDetailsType,
        Empty,
        "instance.write",
        commands.delete_authorization_details_type,
        Http(Method.DELETE, ONE),
    ),
)
"""All of them."""
