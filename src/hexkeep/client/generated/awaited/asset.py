"""The operations of `asset`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls, AsyncListing
from hexkeep.core.asset import SLICE
from hexkeep.core.asset.commands import AssetStored
from hexkeep.core.asset.events import AssetKind
from hexkeep.core.asset.queries import AssetPage, AssetView, AvatarView
from hexkeep.core.kernel.operation import Empty

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncAssetCalls:
    """The operations of `asset`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def set_my_avatar(self, *, expected_version: int | None = None, content: bytes) -> AssetStored:
        """Give oneself a picture.

        Any caller may ask for it. The fields are those of `SetMyAvatar`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "content": content}
        return await self._calls.answer(_OPERATIONS["SetMyAvatar"], AssetStored, fields)

    async def delete_my_avatar(self, *, expected_version: int | None = None) -> None:
        """Take one's own picture away. Without one nothing happens.

        Any caller may ask for it. The fields are those of `DeleteMyAvatar`.
        """
        fields: dict[str, object] = {"expected_version": expected_version}
        await self._calls.answer(_OPERATIONS["DeleteMyAvatar"], Empty, fields)

    async def get_my_avatar(self) -> AvatarView:
        """Read what is known of one's own picture.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["GetMyAvatar"], AvatarView, fields)

    async def set_user_avatar(
        self,
        *,
        expected_version: int | None = None,
        user_id: str,
        content: bytes,
    ) -> AssetStored:
        """Give a user a picture.

        Needs `user.write`. The fields are those of `SetUserAvatar`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "user_id": user_id, "content": content}
        return await self._calls.answer(_OPERATIONS["SetUserAvatar"], AssetStored, fields)

    async def delete_user_avatar(self, *, expected_version: int | None = None, user_id: str) -> None:
        """Take a user's picture away. Without one nothing happens.

        Needs `user.write`. The fields are those of `DeleteUserAvatar`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "user_id": user_id}
        await self._calls.answer(_OPERATIONS["DeleteUserAvatar"], Empty, fields)

    async def get_user_avatar(self, *, user_id: str) -> AvatarView:
        """Read what is known of a user's picture.

        Needs `user.read`. The fields are those of `GetUserAvatar`.
        """
        fields: dict[str, object] = {"user_id": user_id}
        return await self._calls.answer(_OPERATIONS["GetUserAvatar"], AvatarView, fields)

    async def set_organization_asset(
        self,
        *,
        expected_version: int | None = None,
        organization_id: str,
        kind: AssetKind,
        content: bytes,
    ) -> AssetStored:
        """Let an organization show a logo, an icon or a font of its own.

        Needs `organization.write`. The fields are those of `SetOrganizationAsset`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "organization_id": organization_id,
            "kind": kind,
            "content": content,
        }
        return await self._calls.answer(_OPERATIONS["SetOrganizationAsset"], AssetStored, fields)

    async def delete_organization_asset(
        self,
        *,
        expected_version: int | None = None,
        organization_id: str,
        kind: AssetKind,
    ) -> None:
        """Let an organization show the instance's again. Without one of its own nothing happens.

        Needs `organization.write`. The fields are those of `DeleteOrganizationAsset`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "organization_id": organization_id,
            "kind": kind,
        }
        await self._calls.answer(_OPERATIONS["DeleteOrganizationAsset"], Empty, fields)

    def list_organization_assets(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        organization_id: str,
    ) -> AsyncListing[AssetPage, AssetView]:
        """List what an organization shows of its own.

        Needs `organization.read`. The fields are those of `ListOrganizationAssets`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "organization_id": organization_id,
        }
        return self._calls.listing(_OPERATIONS["ListOrganizationAssets"], AssetPage, AssetView, fields)

    async def set_instance_asset(
        self,
        *,
        expected_version: int | None = None,
        kind: AssetKind,
        content: bytes,
    ) -> AssetStored:
        """Let the instance show a logo, an icon or a font.

        Needs `instance.write`. The fields are those of `SetInstanceAsset`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "kind": kind, "content": content}
        return await self._calls.answer(_OPERATIONS["SetInstanceAsset"], AssetStored, fields)

    async def delete_instance_asset(self, *, expected_version: int | None = None, kind: AssetKind) -> None:
        """Let the instance show none any more. Without one nothing happens.

        Needs `instance.write`. The fields are those of `DeleteInstanceAsset`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "kind": kind}
        await self._calls.answer(_OPERATIONS["DeleteInstanceAsset"], Empty, fields)

    def list_instance_assets(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
    ) -> AsyncListing[AssetPage, AssetView]:
        """List what the instance shows where an organization has nothing of its own.

        Needs `instance.read`. The fields are those of `ListInstanceAssets`.
        """
        fields: dict[str, object] = {"limit": limit, "cursor": cursor, "descending": descending, "count": count}
        return self._calls.listing(_OPERATIONS["ListInstanceAssets"], AssetPage, AssetView, fields)
