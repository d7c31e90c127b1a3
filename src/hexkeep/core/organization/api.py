"""The operations of organizations."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.organization import commands, default, queries

ONE = "/management/v1/organizations/{organization_id}"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "CreateOrganization",
        ApiName.ADMIN,
        commands.CreateOrganization,
        commands.OrganizationCreated,
        "organization.create",
        commands.create_organization,
        Http(Method.POST, "/admin/v1/organizations", 201),
        idempotent=True,
    ),
    Operation(
        "ListOrganizations",
        ApiName.ADMIN,
        queries.ListOrganizations,
        queries.OrganizationPage,
        "organization.read",
        queries.list_organizations,
        Http(Method.GET, "/admin/v1/organizations"),
        writes=False,
    ),
    Operation(
        "GetOrganization",
        ApiName.MANAGEMENT,
        queries.GetOrganization,
        queries.OrganizationView,
        "organization.read",
        queries.get_organization,
        Http(Method.GET, ONE),
        writes=False,
    ),
    Operation(
        "UpdateOrganization",
        ApiName.MANAGEMENT,
        commands.UpdateOrganization,
        Empty,
        "organization.write",
        commands.update_organization,
        Http(Method.PATCH, ONE),
    ),
    Operation(
        "DeactivateOrganization",
        ApiName.MANAGEMENT,
        commands.DeactivateOrganization,
        Empty,
        "organization.write",
        commands.deactivate_organization,
        Http(Method.POST, f"{ONE}/deactivate"),
    ),
    Operation(
        "ReactivateOrganization",
        ApiName.MANAGEMENT,
        commands.ReactivateOrganization,
        Empty,
        "organization.write",
        commands.reactivate_organization,
        Http(Method.POST, f"{ONE}/reactivate"),
    ),
    Operation(
        "DeleteOrganization",
        ApiName.MANAGEMENT,
        commands.DeleteOrganization,
        Empty,
        "organization.write",
        commands.delete_organization,
        Http(Method.DELETE, ONE),
    ),
    Operation(
        "SetDefaultOrganization",
        ApiName.ADMIN,
        default.SetDefaultOrganization,
        Empty,
        "instance.write",
        default.set_default_organization,
        Http(Method.PUT, "/admin/v1/settings/default-organization"),
    ),
)
