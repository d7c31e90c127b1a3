"""The operations of memberships."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import AUTHENTICATED
from hexkeep.core.membership import commands, queries

MEMBERSHIPS = "/management/v1/memberships"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "AddMembership",
        ApiName.MANAGEMENT,
        commands.AddMembership,
        Empty,
        "membership.write",
        commands.add_membership,
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
        "ChangeMembership",
        ApiName.MANAGEMENT,
        commands.ChangeMembership,
        Empty,
        "membership.write",
        commands.change_membership,
        Http(Method.PATCH, MEMBERSHIPS),
    ),
    Operation(
        "RemoveMembership",
        ApiName.MANAGEMENT,
        commands.RemoveMembership,
        Empty,
        "membership.write",
        commands.remove_membership,
        Http(Method.DELETE, MEMBERSHIPS),
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
