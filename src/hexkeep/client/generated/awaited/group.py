"""The operations of `group`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls, AsyncListing
from hexkeep.core.group import SLICE
from hexkeep.core.group.commands import GroupCreated
from hexkeep.core.group.queries import (
    GroupMemberPage,
    GroupMemberView,
    GroupPage,
    GroupSort,
    GroupView,
    MyGroups,
    UserGroupPage,
    UserGroupView,
)
from hexkeep.core.kernel.operation import Empty

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncGroupCalls:
    """The operations of `group`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def create_group(
        self,
        *,
        organization_id: str,
        name: str,
        description: str = "",
        idempotency_key: str = "",
    ) -> GroupCreated:
        """Create a group in an organization.

        Needs `group.write`. The fields are those of `CreateGroup`.
        """
        fields: dict[str, object] = {"organization_id": organization_id, "name": name, "description": description}
        return await self._calls.answer(_OPERATIONS["CreateGroup"], GroupCreated, fields, idempotency_key)

    async def get_group(self, *, group_id: str) -> GroupView:
        """Read one group.

        Needs `group.read`. The fields are those of `GetGroup`.
        """
        fields: dict[str, object] = {"group_id": group_id}
        return await self._calls.answer(_OPERATIONS["GetGroup"], GroupView, fields)

    def list_groups(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        organization_id: str = "",
        name: str = "",
        sort: GroupSort = GroupSort.UNSPECIFIED,
    ) -> AsyncListing[GroupPage, GroupView]:
        """List those groups that the caller may read.

        Needs `group.read`. The fields are those of `ListGroups`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "organization_id": organization_id,
            "name": name,
            "sort": sort,
        }
        return self._calls.listing(_OPERATIONS["ListGroups"], GroupPage, GroupView, fields)

    async def update_group(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        group_id: str,
        name: str | None = None,
        description: str | None = None,
    ) -> None:
        """Change a group's name or description.

        Needs `group.write`. The fields are those of `UpdateGroup`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "group_id": group_id,
            "name": name,
            "description": description,
        }
        await self._calls.answer(_OPERATIONS["UpdateGroup"], Empty, fields)

    async def delete_group(self, *, expected_version: int | None = None, group_id: str) -> None:
        """Remove a group for good.

        Its members lose at once what they had through it. Its authorizations stay recorded and count for nothing.

        Needs `group.write`. The fields are those of `DeleteGroup`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "group_id": group_id}
        await self._calls.answer(_OPERATIONS["DeleteGroup"], Empty, fields)

    async def add_group_members(self, *, group_id: str, user_ids: tuple[str, ...] | list[str]) -> None:
        """Let users into a group: they have its roles from the next token on.

        The users are of the group's organization, or ones whom the caller may read elsewhere. The caller must be allowed to
        give all that the group is authorized for. Who is in it already stays so.

        Needs `group.write`. The fields are those of `AddGroupMembers`.
        """
        fields: dict[str, object] = {"group_id": group_id, "user_ids": user_ids}
        await self._calls.answer(_OPERATIONS["AddGroupMembers"], Empty, fields)

    async def remove_group_members(self, *, group_id: str, user_ids: tuple[str, ...] | list[str]) -> None:
        """Take users out of a group. Who is not in it is passed over.

        Needs `group.write`. The fields are those of `RemoveGroupMembers`.
        """
        fields: dict[str, object] = {"group_id": group_id, "user_ids": user_ids}
        await self._calls.answer(_OPERATIONS["RemoveGroupMembers"], Empty, fields)

    def list_group_members(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        group_id: str,
    ) -> AsyncListing[GroupMemberPage, GroupMemberView]:
        """List who is in a group.

        Needs `group.read`. The fields are those of `ListGroupMembers`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "group_id": group_id,
        }
        return self._calls.listing(_OPERATIONS["ListGroupMembers"], GroupMemberPage, GroupMemberView, fields)

    def list_user_groups(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        user_id: str,
    ) -> AsyncListing[UserGroupPage, UserGroupView]:
        """List those groups of a user that the caller may read.

        Needs `group.read`. The fields are those of `ListUserGroups`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "user_id": user_id,
        }
        return self._calls.listing(_OPERATIONS["ListUserGroups"], UserGroupPage, UserGroupView, fields)

    async def list_my_groups(self) -> MyGroups:
        """List the groups that the caller is in.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["ListMyGroups"], MyGroups, fields)
