"""The operations of `metadata`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.metadata import SLICE
from hexkeep.core.metadata.messages import MetadataEntries, MetadataEntry, MetadataValue

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncMetadataCalls:
    """The operations of `metadata`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def set_user_metadata(self, *, user_id: str, key: str, value: bytes) -> None:
        """Keep a value with a user, in place of the one of that key. The user may read it.

        Needs `user.write`. The fields are those of `SetUserMetadata`.
        """
        fields: dict[str, object] = {"user_id": user_id, "key": key, "value": value}
        await self._calls.answer(_OPERATIONS["SetUserMetadata"], Empty, fields)

    async def bulk_set_user_metadata(
        self,
        *,
        user_id: str,
        entries: tuple[MetadataEntry, ...] | list[MetadataEntry],
    ) -> None:
        """Keep several values with a user, all or none.

        Needs `user.write`. The fields are those of `BulkSetUserMetadata`.
        """
        fields: dict[str, object] = {"user_id": user_id, "entries": entries}
        await self._calls.answer(_OPERATIONS["BulkSetUserMetadata"], Empty, fields)

    async def get_user_metadata(self, *, user_id: str, key: str) -> MetadataValue:
        """Read the value of a key of a user.

        Needs `user.read`. The fields are those of `GetUserMetadata`.
        """
        fields: dict[str, object] = {"user_id": user_id, "key": key}
        return await self._calls.answer(_OPERATIONS["GetUserMetadata"], MetadataValue, fields)

    async def list_user_metadata(self, *, user_id: str, key_prefix: str = "") -> MetadataEntries:
        """List the metadata of a user, by key.

        Needs `user.read`. The fields are those of `ListUserMetadata`.
        """
        fields: dict[str, object] = {"user_id": user_id, "key_prefix": key_prefix}
        return await self._calls.answer(_OPERATIONS["ListUserMetadata"], MetadataEntries, fields)

    async def delete_user_metadata(self, *, user_id: str, keys: tuple[str, ...] | list[str]) -> None:
        """Remove metadata of a user. A key that is not there is passed over.

        Needs `user.write`. The fields are those of `DeleteUserMetadata`.
        """
        fields: dict[str, object] = {"user_id": user_id, "keys": keys}
        await self._calls.answer(_OPERATIONS["DeleteUserMetadata"], Empty, fields)

    async def list_my_metadata(self, *, key_prefix: str = "") -> MetadataEntries:
        """List what is kept with the caller.

        Any caller may ask for it. The fields are those of `ListMyMetadata`.
        """
        fields: dict[str, object] = {"key_prefix": key_prefix}
        return await self._calls.answer(_OPERATIONS["ListMyMetadata"], MetadataEntries, fields)

    async def set_organization_metadata(self, *, organization_id: str, key: str, value: bytes) -> None:
        """Keep a value with an organization, in place of the one of that key. No personal data belongs there.

        Needs `organization.write`. The fields are those of `SetOrganizationMetadata`.
        """
        fields: dict[str, object] = {"organization_id": organization_id, "key": key, "value": value}
        await self._calls.answer(_OPERATIONS["SetOrganizationMetadata"], Empty, fields)

    async def bulk_set_organization_metadata(
        self,
        *,
        organization_id: str,
        entries: tuple[MetadataEntry, ...] | list[MetadataEntry],
    ) -> None:
        """Keep several values with an organization, all or none. No personal data belongs there.

        Needs `organization.write`. The fields are those of `BulkSetOrganizationMetadata`.
        """
        fields: dict[str, object] = {"organization_id": organization_id, "entries": entries}
        await self._calls.answer(_OPERATIONS["BulkSetOrganizationMetadata"], Empty, fields)

    async def get_organization_metadata(self, *, organization_id: str, key: str) -> MetadataValue:
        """Read the value of a key of an organization.

        Needs `organization.read`. The fields are those of `GetOrganizationMetadata`.
        """
        fields: dict[str, object] = {"organization_id": organization_id, "key": key}
        return await self._calls.answer(_OPERATIONS["GetOrganizationMetadata"], MetadataValue, fields)

    async def list_organization_metadata(self, *, organization_id: str, key_prefix: str = "") -> MetadataEntries:
        """List the metadata of an organization, by key.

        Needs `organization.read`. The fields are those of `ListOrganizationMetadata`.
        """
        fields: dict[str, object] = {"organization_id": organization_id, "key_prefix": key_prefix}
        return await self._calls.answer(_OPERATIONS["ListOrganizationMetadata"], MetadataEntries, fields)

    async def delete_organization_metadata(self, *, organization_id: str, keys: tuple[str, ...] | list[str]) -> None:
        """Remove metadata of an organization. A key that is not there is passed over.

        Needs `organization.write`. The fields are those of `DeleteOrganizationMetadata`.
        """
        fields: dict[str, object] = {"organization_id": organization_id, "keys": keys}
        await self._calls.answer(_OPERATIONS["DeleteOrganizationMetadata"], Empty, fields)

    async def set_project_metadata(self, *, project_id: str, key: str, value: bytes) -> None:
        """Keep a value with a project, in place of the one of that key. No personal data belongs there.

        Needs `project.write`. The fields are those of `SetProjectMetadata`.
        """
        fields: dict[str, object] = {"project_id": project_id, "key": key, "value": value}
        await self._calls.answer(_OPERATIONS["SetProjectMetadata"], Empty, fields)

    async def bulk_set_project_metadata(
        self,
        *,
        project_id: str,
        entries: tuple[MetadataEntry, ...] | list[MetadataEntry],
    ) -> None:
        """Keep several values with a project, all or none. No personal data belongs there.

        Needs `project.write`. The fields are those of `BulkSetProjectMetadata`.
        """
        fields: dict[str, object] = {"project_id": project_id, "entries": entries}
        await self._calls.answer(_OPERATIONS["BulkSetProjectMetadata"], Empty, fields)

    async def get_project_metadata(self, *, project_id: str, key: str) -> MetadataValue:
        """Read the value of a key of a project.

        Needs `project.read`. The fields are those of `GetProjectMetadata`.
        """
        fields: dict[str, object] = {"project_id": project_id, "key": key}
        return await self._calls.answer(_OPERATIONS["GetProjectMetadata"], MetadataValue, fields)

    async def list_project_metadata(self, *, project_id: str, key_prefix: str = "") -> MetadataEntries:
        """List the metadata of a project, by key.

        Needs `project.read`. The fields are those of `ListProjectMetadata`.
        """
        fields: dict[str, object] = {"project_id": project_id, "key_prefix": key_prefix}
        return await self._calls.answer(_OPERATIONS["ListProjectMetadata"], MetadataEntries, fields)

    async def delete_project_metadata(self, *, project_id: str, keys: tuple[str, ...] | list[str]) -> None:
        """Remove metadata of a project. A key that is not there is passed over.

        Needs `project.write`. The fields are those of `DeleteProjectMetadata`.
        """
        fields: dict[str, object] = {"project_id": project_id, "keys": keys}
        await self._calls.answer(_OPERATIONS["DeleteProjectMetadata"], Empty, fields)
