"""The operations of `organization`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls, AsyncListing
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.organization import SLICE
from hexkeep.core.organization.commands import OrganizationCreated
from hexkeep.core.organization.queries import OrganizationPage, OrganizationSort, OrganizationView

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncOrganizationCalls:
    """The operations of `organization`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def create_organization(
        self,
        *,
        name: str,
        organization_id: str = "",
        idempotency_key: str = "",
    ) -> OrganizationCreated:
        """Create an organization.

        Needs `organization.create`. The fields are those of `CreateOrganization`.
        """
        fields: dict[str, object] = {"name": name, "organization_id": organization_id}
        return await self._calls.answer(_OPERATIONS["CreateOrganization"], OrganizationCreated, fields, idempotency_key)

    def list_organizations(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        name: str = "",
        status: Status = Status.UNSPECIFIED,
        sort: OrganizationSort = OrganizationSort.UNSPECIFIED,
    ) -> AsyncListing[OrganizationPage, OrganizationView]:
        """List those organizations that the caller may read.

        Needs `organization.read`. The fields are those of `ListOrganizations`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "name": name,
            "status": status,
            "sort": sort,
        }
        return self._calls.listing(_OPERATIONS["ListOrganizations"], OrganizationPage, OrganizationView, fields)

    async def get_organization(self, *, organization_id: str) -> OrganizationView:
        """Read one organization.

        Needs `organization.read`. The fields are those of `GetOrganization`.
        """
        fields: dict[str, object] = {"organization_id": organization_id}
        return await self._calls.answer(_OPERATIONS["GetOrganization"], OrganizationView, fields)

    async def update_organization(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        organization_id: str,
        name: str | None = None,
    ) -> None:
        """Change an organization's name.

        Needs `organization.write`. The fields are those of `UpdateOrganization`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "organization_id": organization_id,
            "name": name,
        }
        await self._calls.answer(_OPERATIONS["UpdateOrganization"], Empty, fields)

    async def deactivate_organization(self, *, expected_version: int | None = None, organization_id: str) -> None:
        """Switch an organization off: its users cannot sign in, its applications cannot be used.

        Where owners of the instance are among them it takes instance-wide rights, and an owner elsewhere.

        Needs `organization.write`. The fields are those of `DeactivateOrganization`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "organization_id": organization_id}
        await self._calls.answer(_OPERATIONS["DeactivateOrganization"], Empty, fields)

    async def reactivate_organization(self, *, expected_version: int | None = None, organization_id: str) -> None:
        """Switch an organization on again. It takes instance-wide rights, so that who is suspended stays so.

        Needs `organization.write`. The fields are those of `ReactivateOrganization`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "organization_id": organization_id}
        await self._calls.answer(_OPERATIONS["ReactivateOrganization"], Empty, fields)

    async def delete_organization(self, *, expected_version: int | None = None, organization_id: str) -> None:
        """Remove an organization for good, with its domains.

        Refused while it has users, projects or groups, or is the default one of the instance.

        Needs `organization.write`. The fields are those of `DeleteOrganization`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "organization_id": organization_id}
        await self._calls.answer(_OPERATIONS["DeleteOrganization"], Empty, fields)

    async def set_default_organization(self, *, expected_version: int | None = None, organization_id: str) -> None:
        """Set which organization whoever comes without one belongs to.

        Needs `instance.write`. The fields are those of `SetDefaultOrganization`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "organization_id": organization_id}
        await self._calls.answer(_OPERATIONS["SetDefaultOrganization"], Empty, fields)
