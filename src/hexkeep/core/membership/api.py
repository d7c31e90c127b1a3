"""The operations of memberships."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import AUTHENTICATED
from hexkeep.core.membership import commands, queries

MEMBERSHIPS = "/management/v1/memberships"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "CreateMembership",
        ApiName.MANAGEMENT,
        commands.CreateMembership,
        Empty,
        "membership.write",
        commands.create_membership,
        Http(Method.POST, MEMBERSHIPS, 201),
        idempotent=True,
    ),
    Operation(
        "ListMemberships",
        ApiName.MANAGEMENT,
        queries.ListMemberships,
        queries.MembershipPage,
        "membership.read",
        queries.list_memberships,
        Http(Method.GET, MEMBERSHIPS),
        writes=False,
    ),
    Operation(
        "UpdateMembership",
        ApiName.MANAGEMENT,
        commands.UpdateMembership,
        Empty,
        "membership.write",
        commands.update_membership,
        Http(Method.PATCH, MEMBERSHIPS),
    ),
    Operation(
        "DeleteMembership",
        ApiName.MANAGEMENT,
        commands.DeleteMembership,
        Empty,
        "membership.write",
        commands.delete_membership,
        Http(Method.DELETE, MEMBERSHIPS),
    ),
    Operation(
        "ListRoles",
        ApiName.MANAGEMENT,
        queries.ListRoles,
        queries.RoleList,
        AUTHENTICATED,
        queries.list_roles,
        Http(Method.GET, "/management/v1/roles"),
        writes=False,
    ),
    Operation(
        "ListMyMemberships",
        ApiName.AUTH,
        Empty,
        queries.MyMemberships,
        AUTHENTICATED,
        queries.list_my_memberships,
        Http(Method.GET, "/auth/v1/me/memberships"),
        writes=False,
    ),
)
