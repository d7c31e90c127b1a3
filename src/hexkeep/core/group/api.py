"""The operations of groups and their members."""

from hexkeep.core.group import commands, members, queries
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import AUTHENTICATED

GROUPS = "/management/v1/groups"
ONE = f"{GROUPS}/{{group_id}}"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "CreateGroup",
        ApiName.MANAGEMENT,
        commands.CreateGroup,
        commands.GroupCreated,
        "group.write",
        commands.create_group,
        Http(Method.POST, GROUPS, 201),
        idempotent=True,
    ),
    Operation(
        "GetGroup",
        ApiName.MANAGEMENT,
        queries.GetGroup,
        queries.GroupView,
        "group.read",
        queries.get_group,
        Http(Method.GET, ONE),
        writes=False,
    ),
    Operation(
        "ListGroups",
        ApiName.MANAGEMENT,
        queries.ListGroups,
        queries.GroupPage,
        "group.read",
        queries.list_groups,
        Http(Method.GET, GROUPS),
        writes=False,
    ),
    Operation(
        "UpdateGroup",
        ApiName.MANAGEMENT,
        commands.UpdateGroup,
        Empty,
        "group.write",
        commands.update_group,
        Http(Method.PATCH, ONE),
    ),
    Operation(
        "DeleteGroup",
        ApiName.MANAGEMENT,
        commands.DeleteGroup,
        Empty,
        "group.write",
        commands.delete_group,
        Http(Method.DELETE, ONE),
    ),
    Operation(
        "AddGroupMembers",
        ApiName.MANAGEMENT,
        members.AddGroupMembers,
        Empty,
        "group.write",
        members.add_group_members,
        Http(Method.POST, f"{ONE}/members"),
    ),
    Operation(
        "RemoveGroupMembers",
        ApiName.MANAGEMENT,
        members.RemoveGroupMembers,
        Empty,
        "group.write",
        members.remove_group_members,
        Http(Method.POST, f"{ONE}/members/remove"),
    ),
    Operation(
        "ListGroupMembers",
        ApiName.MANAGEMENT,
        queries.ListGroupMembers,
        queries.GroupMemberPage,
        "group.read",
        queries.list_group_members,
        Http(Method.GET, f"{ONE}/members"),
        writes=False,
    ),
    Operation(
        "ListUserGroups",
        ApiName.MANAGEMENT,
        queries.ListUserGroups,
        queries.UserGroupPage,
        "group.read",
        queries.list_user_groups,
        Http(Method.GET, "/management/v1/users/{user_id}/groups"),
        writes=False,
    ),
    Operation(
        "ListMyGroups",
        ApiName.AUTH,
        Empty,
        queries.MyGroups,
        AUTHENTICATED,
        queries.list_my_groups,
        Http(Method.GET, "/auth/v1/me/groups"),
        writes=False,
    ),
)
