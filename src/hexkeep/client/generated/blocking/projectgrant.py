"""The operations of `projectgrant`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.blocking import Calls, Listing
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.projectgrant import SLICE
from hexkeep.core.projectgrant.commands import ProjectGrantCreated
from hexkeep.core.projectgrant.queries import GrantedProjectPage, GrantedProjectView, ProjectGrantPage, ProjectGrantView

_OPERATIONS = {one.name: one for one in SLICE.operations}


class ProjectgrantCalls:
    """The operations of `projectgrant`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def create_project_grant(
        self,
        *,
        project_id: str,
        granted_organization_id: str,
        roles: tuple[str, ...] | list[str] = (),
        idempotency_key: str = "",
    ) -> ProjectGrantCreated:
        """Let another organization give roles of a project to its own users and groups.

        Who may not read the other organization is not told whether there is one of that id: the grant is made all the same.

        Needs `project_grant.write`. The fields are those of `CreateProjectGrant`.
        """
        fields: dict[str, object] = {
            "project_id": project_id,
            "granted_organization_id": granted_organization_id,
            "roles": roles,
        }
        return self._calls.answer(_OPERATIONS["CreateProjectGrant"], ProjectGrantCreated, fields, idempotency_key)

    def get_project_grant(self, *, project_grant_id: str) -> ProjectGrantView:
        """Read one grant of a project.

        Needs `project_grant.read`. The fields are those of `GetProjectGrant`.
        """
        fields: dict[str, object] = {"project_grant_id": project_grant_id}
        return self._calls.answer(_OPERATIONS["GetProjectGrant"], ProjectGrantView, fields)

    def list_project_grants(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        project_id: str = "",
        organization_id: str = "",
        granted_organization_id: str = "",
        status: Status = Status.UNSPECIFIED,
    ) -> Listing[ProjectGrantPage, ProjectGrantView]:
        """List the grants of those projects that the caller may read.

        Needs `project_grant.read`. The fields are those of `ListProjectGrants`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "project_id": project_id,
            "organization_id": organization_id,
            "granted_organization_id": granted_organization_id,
            "status": status,
        }
        return self._calls.listing(_OPERATIONS["ListProjectGrants"], ProjectGrantPage, ProjectGrantView, fields)

    def update_project_grant(
        self,
        *,
        expected_version: int | None = None,
        project_grant_id: str,
        roles: tuple[str, ...] | list[str],
    ) -> None:
        """Grant other roles. One that is taken away counts from the next token on for nobody who had it under the grant.

        What was given stays recorded, and counts again if the role is granted again.

        Needs `project_grant.write`. The fields are those of `UpdateProjectGrant`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "project_grant_id": project_grant_id,
            "roles": roles,
        }
        self._calls.answer(_OPERATIONS["UpdateProjectGrant"], Empty, fields)

    def deactivate_project_grant(self, *, expected_version: int | None = None, project_grant_id: str) -> None:
        """Switch a grant off: what was given under it does not count.

        Needs `project_grant.write`. The fields are those of `DeactivateProjectGrant`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "project_grant_id": project_grant_id}
        self._calls.answer(_OPERATIONS["DeactivateProjectGrant"], Empty, fields)

    def reactivate_project_grant(self, *, expected_version: int | None = None, project_grant_id: str) -> None:
        """Switch a grant on again.

        Needs `project_grant.write`. The fields are those of `ReactivateProjectGrant`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "project_grant_id": project_grant_id}
        self._calls.answer(_OPERATIONS["ReactivateProjectGrant"], Empty, fields)

    def delete_project_grant(self, *, expected_version: int | None = None, project_grant_id: str) -> None:
        """Take a project back from an organization, with all that was given under the grant.

        Needs `project_grant.write`. The fields are those of `DeleteProjectGrant`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "project_grant_id": project_grant_id}
        self._calls.answer(_OPERATIONS["DeleteProjectGrant"], Empty, fields)

    def get_granted_project(self, *, project_grant_id: str) -> GrantedProjectView:
        """Read a project that is granted to an organization of the caller's.

        Needs `project_grant.read`. The fields are those of `GetGrantedProject`.
        """
        fields: dict[str, object] = {"project_grant_id": project_grant_id}
        return self._calls.answer(_OPERATIONS["GetGrantedProject"], GrantedProjectView, fields)

    def list_granted_projects(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        granted_organization_id: str = "",
        status: Status = Status.UNSPECIFIED,
    ) -> Listing[GrantedProjectPage, GrantedProjectView]:
        """List the projects of others that are granted to organizations in which the caller may read that.

        Needs `project_grant.read`. The fields are those of `ListGrantedProjects`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "granted_organization_id": granted_organization_id,
            "status": status,
        }
        return self._calls.listing(_OPERATIONS["ListGrantedProjects"], GrantedProjectPage, GrantedProjectView, fields)
