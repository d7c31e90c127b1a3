"""The operations of `project`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls, AsyncListing
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.project import SLICE
from hexkeep.core.project.commands import ProjectCreated
from hexkeep.core.project.queries import ProjectPage, ProjectSort, ProjectView
from hexkeep.core.project.roles import ProjectRoles

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncProjectCalls:
    """The operations of `project`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def create_project(
        self,
        *,
        organization_id: str,
        name: str,
        role_assertion: bool = False,
        authorization_required: bool = False,
        idempotency_key: str = "",
    ) -> ProjectCreated:
        """Create a project in an organization.

        Needs `project.write`. The fields are those of `CreateProject`.
        """
        fields: dict[str, object] = {
            "organization_id": organization_id,
            "name": name,
            "role_assertion": role_assertion,
            "authorization_required": authorization_required,
        }
        return await self._calls.answer(_OPERATIONS["CreateProject"], ProjectCreated, fields, idempotency_key)

    async def get_project(self, *, project_id: str) -> ProjectView:
        """Read one project.

        Needs `project.read`. The fields are those of `GetProject`.
        """
        fields: dict[str, object] = {"project_id": project_id}
        return await self._calls.answer(_OPERATIONS["GetProject"], ProjectView, fields)

    def list_projects(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        organization_id: str = "",
        name: str = "",
        status: Status = Status.UNSPECIFIED,
        sort: ProjectSort = ProjectSort.UNSPECIFIED,
    ) -> AsyncListing[ProjectPage, ProjectView]:
        """List those projects that the caller may read.

        Needs `project.read`. The fields are those of `ListProjects`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "organization_id": organization_id,
            "name": name,
            "status": status,
            "sort": sort,
        }
        return self._calls.listing(_OPERATIONS["ListProjects"], ProjectPage, ProjectView, fields)

    async def update_project(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        project_id: str,
        name: str | None = None,
        role_assertion: bool | None = None,
        authorization_required: bool | None = None,
    ) -> None:
        """Change a project's name or settings.

        Needs `project.write`. The fields are those of `UpdateProject`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "project_id": project_id,
            "name": name,
            "role_assertion": role_assertion,
            "authorization_required": authorization_required,
        }
        await self._calls.answer(_OPERATIONS["UpdateProject"], Empty, fields)

    async def deactivate_project(self, *, expected_version: int | None = None, project_id: str) -> None:
        """Switch a project off: its applications cannot be used.

        Needs `project.write`. The fields are those of `DeactivateProject`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "project_id": project_id}
        await self._calls.answer(_OPERATIONS["DeactivateProject"], Empty, fields)

    async def reactivate_project(self, *, expected_version: int | None = None, project_id: str) -> None:
        """Switch a project on again.

        Needs `project.write`. The fields are those of `ReactivateProject`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "project_id": project_id}
        await self._calls.answer(_OPERATIONS["ReactivateProject"], Empty, fields)

    async def delete_project(self, *, expected_version: int | None = None, project_id: str) -> None:
        """Remove a project for good.

        Its applications, authorizations and memberships stay recorded and count for nothing, for whoever asks for them
        looks at the project first. Others may answer for the resources of its APIs from then on; a project with very many
        of these has to remove some first.

        Needs `project.write`. The fields are those of `DeleteProject`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "project_id": project_id}
        await self._calls.answer(_OPERATIONS["DeleteProject"], Empty, fields)

    async def create_project_role(
        self,
        *,
        project_id: str,
        key: str,
        display_name: str = "",
        group: str = "",
        idempotency_key: str = "",
    ) -> None:
        """Add a role to a project.

        Refused while an authorization or a grant still names one of that key, as one does that was given while the role was
        being removed: it would silently be somebody's.

        Needs `project.write`. The fields are those of `CreateProjectRole`.
        """
        fields: dict[str, object] = {"project_id": project_id, "key": key, "display_name": display_name, "group": group}
        await self._calls.answer(_OPERATIONS["CreateProjectRole"], Empty, fields, idempotency_key)

    async def list_project_roles(self, *, project_id: str) -> ProjectRoles:
        """List the roles of a project.

        Needs `project.read`. The fields are those of `ListProjectRoles`.
        """
        fields: dict[str, object] = {"project_id": project_id}
        return await self._calls.answer(_OPERATIONS["ListProjectRoles"], ProjectRoles, fields)

    async def update_project_role(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        project_id: str,
        key: str,
        display_name: str | None = None,
        group: str | None = None,
    ) -> None:
        """Change how a role is shown. Its key stays, for applications rely on it.

        Needs `project.write`. The fields are those of `UpdateProjectRole`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "project_id": project_id,
            "key": key,
            "display_name": display_name,
            "group": group,
        }
        await self._calls.answer(_OPERATIONS["UpdateProjectRole"], Empty, fields)

    async def delete_project_role(self, *, expected_version: int | None = None, project_id: str, key: str) -> None:
        """Remove a role from a project. Refused while an authorization gives it or a grant has it.

        Otherwise a later role of the same key would silently be everybody's who had the old one.

        Needs `project.write`. The fields are those of `DeleteProjectRole`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "project_id": project_id, "key": key}
        await self._calls.answer(_OPERATIONS["DeleteProjectRole"], Empty, fields)
