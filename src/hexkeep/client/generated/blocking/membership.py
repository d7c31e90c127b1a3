"""The operations of `membership`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.blocking import Calls, Listing
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.membership import SLICE
from hexkeep.core.membership.commands import MembershipLevel
from hexkeep.core.membership.queries import MembershipPage, MembershipView, MyMemberships, RoleList

_OPERATIONS = {one.name: one for one in SLICE.operations}


class MembershipCalls:
    """The operations of `membership`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def create_membership(
        self,
        *,
        user_id: str,
        level: MembershipLevel,
        scope_id: str = "",
        roles: tuple[str, ...] | list[str],
        idempotency_key: str = "",
    ) -> None:
        """Give a user roles at the instance, an organization, a project or a grant.

        The caller must hold at least as much there.

        Needs `membership.write`. The fields are those of `CreateMembership`.
        """
        fields: dict[str, object] = {"user_id": user_id, "level": level, "scope_id": scope_id, "roles": roles}
        self._calls.answer(_OPERATIONS["CreateMembership"], Empty, fields, idempotency_key)

    def list_memberships(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        user_id: str = "",
        level: MembershipLevel = MembershipLevel.UNSPECIFIED,
        scope_id: str = "",
        role: str = "",
    ) -> Listing[MembershipPage, MembershipView]:
        """List those memberships that the caller may read.

        Needs `membership.read`. The fields are those of `ListMemberships`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "user_id": user_id,
            "level": level,
            "scope_id": scope_id,
            "role": role,
        }
        return self._calls.listing(_OPERATIONS["ListMemberships"], MembershipPage, MembershipView, fields)

    def update_membership(
        self,
        *,
        user_id: str,
        level: MembershipLevel,
        scope_id: str = "",
        roles: tuple[str, ...] | list[str],
    ) -> None:
        """Give a user other roles in the scope. The caller must hold at least the old ones and the new ones.

        Needs `membership.write`. The fields are those of `UpdateMembership`.
        """
        fields: dict[str, object] = {"user_id": user_id, "level": level, "scope_id": scope_id, "roles": roles}
        self._calls.answer(_OPERATIONS["UpdateMembership"], Empty, fields)

    def delete_membership(self, *, user_id: str, level: MembershipLevel, scope_id: str = "") -> None:
        """Take a user's roles in the scope away. Anybody may give up their own; otherwise as for changing them.

        Needs `membership.write`. The fields are those of `DeleteMembership`.
        """
        fields: dict[str, object] = {"user_id": user_id, "level": level, "scope_id": scope_id}
        self._calls.answer(_OPERATIONS["DeleteMembership"], Empty, fields)

    def list_roles(self, *, level: MembershipLevel = MembershipLevel.UNSPECIFIED) -> RoleList:
        """List the roles that can be held, and what they allow: the built-in ones, and those of configuration and plugins.

        Anybody who is signed in may know; what somebody holds is another matter.

        Any caller may ask for it. The fields are those of `ListRoles`.
        """
        fields: dict[str, object] = {"level": level}
        return self._calls.answer(_OPERATIONS["ListRoles"], RoleList, fields)

    def list_my_memberships(self) -> MyMemberships:
        """List what the caller holds, and where.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["ListMyMemberships"], MyMemberships, fields)
