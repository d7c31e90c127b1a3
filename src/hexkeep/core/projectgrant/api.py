"""The operations of grants of projects."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.projectgrant import commands, queries

GRANTS = "/management/v1/project-grants"
ONE = f"{GRANTS}/{{project_grant_id}}"
GRANTED = "/management/v1/granted-projects"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "CreateProjectGrant",
        ApiName.MANAGEMENT,
        commands.CreateProjectGrant,
        commands.ProjectGrantCreated,
        "project_grant.write",
        commands.create_project_grant,
        Http(Method.POST, GRANTS, 201),
        idempotent=True,
    ),
    Operation(
        "GetProjectGrant",
        ApiName.MANAGEMENT,
        queries.GetProjectGrant,
        queries.ProjectGrantView,
        "project_grant.read",
        queries.get_project_grant,
        Http(Method.GET, ONE),
        writes=False,
    ),
    Operation(
        "ListProjectGrants",
        ApiName.MANAGEMENT,
        queries.ListProjectGrants,
        queries.ProjectGrantPage,
        "project_grant.read",
        queries.list_project_grants,
        Http(Method.GET, GRANTS),
        writes=False,
    ),
    Operation(
        "UpdateProjectGrant",
        ApiName.MANAGEMENT,
        commands.UpdateProjectGrant,
        Empty,
        "project_grant.write",
        commands.update_project_grant,
        Http(Method.PATCH, ONE),
    ),
    Operation(
        "DeactivateProjectGrant",
        ApiName.MANAGEMENT,
        commands.DeactivateProjectGrant,
        Empty,
        "project_grant.write",
        commands.deactivate_project_grant,
        Http(Method.POST, f"{ONE}/deactivate"),
    ),
    Operation(
        "ReactivateProjectGrant",
        ApiName.MANAGEMENT,
        commands.ReactivateProjectGrant,
        Empty,
        "project_grant.write",
        commands.reactivate_project_grant,
        Http(Method.POST, f"{ONE}/reactivate"),
    ),
    Operation(
        "DeleteProjectGrant",
        ApiName.MANAGEMENT,
        commands.DeleteProjectGrant,
        Empty,
        "project_grant.write",
        commands.delete_project_grant,
        Http(Method.DELETE, ONE),
    ),
    Operation(
        "GetGrantedProject",
        ApiName.MANAGEMENT,
        queries.GetGrantedProject,
        queries.GrantedProjectView,
        "project_grant.read",
        queries.get_granted_project,
        Http(Method.GET, f"{GRANTED}/{{project_grant_id}}"),
        writes=False,
    ),
    Operation(
        "ListGrantedProjects",
        ApiName.MANAGEMENT,
        queries.ListGrantedProjects,
        queries.GrantedProjectPage,
        "project_grant.read",
        queries.list_granted_projects,
        Http(Method.GET, GRANTED),
        writes=False,
    ),
)
