"""The operations of metadata."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import AUTHENTICATED
from hexkeep.core.metadata import messages, organizations, projects, users

USER = "/management/v1/users/{user_id}/metadata"
ORGANIZATION = "/management/v1/organizations/{organization_id}/metadata"
PROJECT = "/management/v1/projects/{project_id}/metadata"

OF_USERS: tuple[AnyOperation, ...] = (
    Operation(
        "SetUserMetadata",
        ApiName.MANAGEMENT,
        messages.SetUserMetadata,
        Empty,
        "user.write",
        users.set_user_metadata,
        Http(Method.PUT, f"{USER}/{{key}}"),
    ),
    Operation(
        "BulkSetUserMetadata",
        ApiName.MANAGEMENT,
        messages.BulkSetUserMetadata,
        Empty,
        "user.write",
        users.bulk_set_user_metadata,
        Http(Method.POST, USER),
    ),
    Operation(
        "GetUserMetadata",
        ApiName.MANAGEMENT,
        messages.GetUserMetadata,
        messages.MetadataValue,
        "user.read",
        users.get_user_metadata,
        Http(Method.GET, f"{USER}/{{key}}"),
        writes=False,
    ),
    Operation(
        "ListUserMetadata",
        ApiName.MANAGEMENT,
        messages.ListUserMetadata,
        messages.MetadataEntries,
        "user.read",
        users.list_user_metadata,
        Http(Method.GET, USER),
        writes=False,
    ),
    Operation(
        "DeleteUserMetadata",
        ApiName.MANAGEMENT,
        messages.DeleteUserMetadata,
        Empty,
        "user.write",
        users.delete_user_metadata,
        Http(Method.DELETE, USER),
    ),
    Operation(
        "ListMyMetadata",
        ApiName.AUTH,
        messages.ListMyMetadata,
        messages.MetadataEntries,
        AUTHENTICATED,
        users.list_my_metadata,
        Http(Method.GET, "/auth/v1/me/metadata"),
        writes=False,
    ),
)
OF_ORGANIZATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "SetOrganizationMetadata",
        ApiName.MANAGEMENT,
        messages.SetOrganizationMetadata,
        Empty,
        "organization.write",
        organizations.set_organization_metadata,
        Http(Method.PUT, f"{ORGANIZATION}/{{key}}"),
    ),
    Operation(
        "BulkSetOrganizationMetadata",
        ApiName.MANAGEMENT,
        messages.BulkSetOrganizationMetadata,
        Empty,
        "organization.write",
        organizations.bulk_set_organization_metadata,
        Http(Method.POST, ORGANIZATION),
    ),
    Operation(
        "GetOrganizationMetadata",
        ApiName.MANAGEMENT,
        messages.GetOrganizationMetadata,
        messages.MetadataValue,
        "organization.read",
        organizations.get_organization_metadata,
        Http(Method.GET, f"{ORGANIZATION}/{{key}}"),
        writes=False,
    ),
    Operation(
        "ListOrganizationMetadata",
        ApiName.MANAGEMENT,
        messages.ListOrganizationMetadata,
        messages.MetadataEntries,
        "organization.read",
        organizations.list_organization_metadata,
        Http(Method.GET, ORGANIZATION),
        writes=False,
    ),
    Operation(
        "DeleteOrganizationMetadata",
        ApiName.MANAGEMENT,
        messages.DeleteOrganizationMetadata,
        Empty,
        "organization.write",
        organizations.delete_organization_metadata,
        Http(Method.DELETE, ORGANIZATION),
    ),
)
OF_PROJECTS: tuple[AnyOperation, ...] = (
    Operation(
        "SetProjectMetadata",
        ApiName.MANAGEMENT,
        messages.SetProjectMetadata,
        Empty,
        "project.write",
        projects.set_project_metadata,
        Http(Method.PUT, f"{PROJECT}/{{key}}"),
    ),
    Operation(
        "BulkSetProjectMetadata",
        ApiName.MANAGEMENT,
        messages.BulkSetProjectMetadata,
        Empty,
        "project.write",
        projects.bulk_set_project_metadata,
        Http(Method.POST, PROJECT),
    ),
    Operation(
        "GetProjectMetadata",
        ApiName.MANAGEMENT,
        messages.GetProjectMetadata,
        messages.MetadataValue,
        "project.read",
        projects.get_project_metadata,
        Http(Method.GET, f"{PROJECT}/{{key}}"),
        writes=False,
    ),
    Operation(
        "ListProjectMetadata",
        ApiName.MANAGEMENT,
        messages.ListProjectMetadata,
        messages.MetadataEntries,
        "project.read",
        projects.list_project_metadata,
        Http(Method.GET, PROJECT),
        writes=False,
    ),
    Operation(
        "DeleteProjectMetadata",
        ApiName.MANAGEMENT,
        messages.DeleteProjectMetadata,
        Empty,
        "project.write",
        projects.delete_project_metadata,
        Http(Method.DELETE, PROJECT),
    ),
)
OPERATIONS: tuple[AnyOperation, ...] = (*OF_USERS, *OF_ORGANIZATIONS, *OF_PROJECTS)
