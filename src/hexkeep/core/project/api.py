"""The operations of projects and their roles."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.project import commands, queries, roles

PROJECTS = "/management/v1/projects"
ONE = f"{PROJECTS}/{{project_id}}"
ROLES = f"{ONE}/roles"
ROLE = f"{ROLES}/{{key}}"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "CreateProject",
        ApiName.MANAGEMENT,
        commands.CreateProject,
        commands.ProjectCreated,
        "project.write",
        commands.create_project,
        Http(Method.POST, PROJECTS, 201),
        idempotent=True,
    ),
    Operation(
        "GetProject",
        ApiName.MANAGEMENT,
        queries.GetProject,
        queries.ProjectView,
        "project.read",
        queries.get_project,
        Http(Method.GET, ONE),
        writes=False,
    ),
    Operation(
        "ListProjects",
        ApiName.MANAGEMENT,
        queries.ListProjects,
        queries.ProjectPage,
        "project.read",
        queries.list_projects,
        Http(Method.GET, PROJECTS),
        writes=False,
    ),
    Operation(
        "UpdateProject",
        ApiName.MANAGEMENT,
        commands.UpdateProject,
        Empty,
        "project.write",
        commands.update_project,
        Http(Method.PATCH, ONE),
    ),
    Operation(
        "DeactivateProject",
        ApiName.MANAGEMENT,
        commands.DeactivateProject,
        Empty,
        "project.write",
        commands.deactivate_project,
        Http(Method.POST, f"{ONE}/deactivate"),
    ),
    Operation(
        "ReactivateProject",
        ApiName.MANAGEMENT,
        commands.ReactivateProject,
        Empty,
        "project.write",
        commands.reactivate_project,
        Http(Method.POST, f"{ONE}/reactivate"),
    ),
    Operation(
        "DeleteProject",
        ApiName.MANAGEMENT,
        commands.DeleteProject,
        Empty,
        "project.write",
        commands.delete_project,
        Http(Method.DELETE, ONE),
    ),
    Operation(
        "CreateProjectRole",
        ApiName.MANAGEMENT,
        roles.CreateProjectRole,
        Empty,
        "project.write",
        roles.create_project_role,
        Http(Method.POST, ROLES, 201),
        idempotent=True,
    ),
    Operation(
        "ListProjectRoles",
        ApiName.MANAGEMENT,
        roles.ListProjectRoles,
        roles.ProjectRoles,
        "project.read",
        roles.list_project_roles,
        Http(Method.GET, ROLES),
        writes=False,
    ),
    Operation(
        "UpdateProjectRole",
        ApiName.MANAGEMENT,
        roles.UpdateProjectRole,
        Empty,
        "project.write",
        roles.update_project_role,
        Http(Method.PATCH, ROLE),
    ),
    Operation(
        "DeleteProjectRole",
        ApiName.MANAGEMENT,
        roles.DeleteProjectRole,
        Empty,
        "project.write",
        roles.delete_project_role,
        Http(Method.DELETE, ROLE),
    ),
)
