"""The operations of `authorization`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls, AsyncListing
from hexkeep.core.authorization import SLICE
from hexkeep.core.authorization.commands import AuthorizationCreated
from hexkeep.core.authorization.queries import AuthorizationPage, AuthorizationView
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncAuthorizationCalls:
    """The operations of `authorization`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def create_authorization(
        self,
        *,
        user_id: str = "",
        group_id: str = "",
        project_id: str = "",
        project_grant_id: str = "",
        roles: tuple[str, ...] | list[str],
        idempotency_key: str = "",
    ) -> AuthorizationCreated:
        """Give a user, or all members of a group, roles in a project.

        In the project itself the user or group is of its organization, or one that the caller may read elsewhere. Under a
        grant it is of the organization to which the project is granted, and the roles are among those of the grant.

        Needs `authorization.write`. The fields are those of `CreateAuthorization`.
        """
        fields: dict[str, object] = {
            "user_id": user_id,
            "group_id": group_id,
            "project_id": project_id,
            "project_grant_id": project_grant_id,
            "roles": roles,
        }
        return await self._calls.answer(
            _OPERATIONS["CreateAuthorization"], AuthorizationCreated, fields, idempotency_key
        )

    async def get_authorization(self, *, authorization_id: str) -> AuthorizationView:
        """Read one authorization.

        Needs `authorization.read`. The fields are those of `GetAuthorization`.
        """
        fields: dict[str, object] = {"authorization_id": authorization_id}
        return await self._calls.answer(_OPERATIONS["GetAuthorization"], AuthorizationView, fields)

    def list_authorizations(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        user_id: str = "",
        group_id: str = "",
        project_grant_id: str = "",
        project_id: str = "",
        organization_id: str = "",
        role: str = "",
        status: Status = Status.UNSPECIFIED,
    ) -> AsyncListing[AuthorizationPage, AuthorizationView]:
        """List those authorizations that the caller may read.

        Needs `authorization.read`. The fields are those of `ListAuthorizations`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "user_id": user_id,
            "group_id": group_id,
            "project_grant_id": project_grant_id,
            "project_id": project_id,
            "organization_id": organization_id,
            "role": role,
            "status": status,
        }
        return self._calls.listing(_OPERATIONS["ListAuthorizations"], AuthorizationPage, AuthorizationView, fields)

    async def update_authorization(
        self,
        *,
        expected_version: int | None = None,
        authorization_id: str,
        roles: tuple[str, ...] | list[str],
    ) -> None:
        """Give other roles in the project.

        Needs `authorization.write`. The fields are those of `UpdateAuthorization`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "authorization_id": authorization_id,
            "roles": roles,
        }
        await self._calls.answer(_OPERATIONS["UpdateAuthorization"], Empty, fields)

    async def deactivate_authorization(self, *, expected_version: int | None = None, authorization_id: str) -> None:
        """Switch an authorization off: its roles do not count.

        Needs `authorization.write`. The fields are those of `DeactivateAuthorization`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "authorization_id": authorization_id}
        await self._calls.answer(_OPERATIONS["DeactivateAuthorization"], Empty, fields)

    async def reactivate_authorization(self, *, expected_version: int | None = None, authorization_id: str) -> None:
        """Switch an authorization on again.

        Needs `authorization.write`. The fields are those of `ReactivateAuthorization`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "authorization_id": authorization_id}
        await self._calls.answer(_OPERATIONS["ReactivateAuthorization"], Empty, fields)

    async def delete_authorization(self, *, expected_version: int | None = None, authorization_id: str) -> None:
        """Take away the roles that somebody was given in a project.

        Needs `authorization.write`. The fields are those of `DeleteAuthorization`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "authorization_id": authorization_id}
        await self._calls.answer(_OPERATIONS["DeleteAuthorization"], Empty, fields)

    def list_my_authorizations(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        project_id: str = "",
    ) -> AsyncListing[AuthorizationPage, AuthorizationView]:
        """List the caller's own authorizations, and those of the groups that the caller is in.

        Any caller may ask for it. The fields are those of `ListMyAuthorizations`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "project_id": project_id,
        }
        return self._calls.listing(_OPERATIONS["ListMyAuthorizations"], AuthorizationPage, AuthorizationView, fields)
