"""What can be read of memberships."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from hexkeep.core.kernel.access import listed
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import Unauthenticated
from hexkeep.core.kernel.fields import Line
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, page_of
from hexkeep.core.kernel.view import And, Condition, Has, eq
from hexkeep.core.membership.commands import MembershipLevel
from hexkeep.core.membership.projection import MEMBERSHIPS as ROWS
from hexkeep.core.membership.state import MEMBERSHIPS


class MembershipView(RowMessage):
    """What a user holds in a scope, as its readers see it."""

    user_id: str
    level: MembershipLevel
    scope_id: str
    organization_id: str
    roles: tuple[str, ...]
    created_at: datetime
    changed_at: datetime


class ListMemberships(PageRequest):
    """Which memberships to list, by user."""

    user_id: Line = Field(default="", description="Only those of this user.")
    level: MembershipLevel = Field(default=MembershipLevel.UNSPECIFIED, description="Only those at this level.")
    scope_id: Line = Field(default="", description="Only those in this organization, project or grant.")
    role: Line = Field(default="", description="Only those with this role.")


class MembershipPage(Page):
    """Some memberships."""

    memberships: tuple[MembershipView, ...]


class MyMembership(Message):
    """What the caller holds in a scope."""

    level: MembershipLevel
    scope_id: str
    organization_id: str
    roles: tuple[str, ...]


class MyMemberships(Message):
    """All that the caller holds."""

    memberships: tuple[MyMembership, ...]


class RoleView(Message):
    """A role that can be held, and what it allows."""

    name: str
    level: MembershipLevel = Field(description="Where it can be held.")
    permissions: tuple[str, ...] = Field(description="What it allows; `*` is everything, `user.*` all of users.")


class ListRoles(Message):
    """Which roles to list."""

    level: MembershipLevel = Field(default=MembershipLevel.UNSPECIFIED, description="Only those of this level.")


class RoleList(Message):
    """Roles, by name."""

    roles: tuple[RoleView, ...]


def list_roles(request: ListRoles, ctx: Context) -> Decision[RoleList]:
    """List the roles that can be held, and what they allow: the built-in ones, and those of configuration and plugins.

    Anybody who is signed in may know; what somebody holds is another matter.
    """
    wanted = request.level
    views = (
        RoleView(name=role.name, level=MembershipLevel(role.level.value), permissions=tuple(sorted(role.permissions)))
        for role in sorted(ctx.roles().values(), key=lambda role: role.name)
        if wanted in {MembershipLevel.UNSPECIFIED, MembershipLevel(role.level.value)}
    )
    return Decision(RoleList(roles=tuple(views)))


def list_memberships(request: ListMemberships, ctx: Context) -> Decision[MembershipPage]:
    """List those memberships that the caller may read."""
    select = page_of(ROWS, request, And(tuple(_filters(request))))
    found = listed(ctx, request, select)
    views = tuple(MembershipView.of(row) for row in found.rows)
    return Decision(MembershipPage(memberships=views, next_cursor=found.next_cursor, total=found.total))


def list_my_memberships(_: Empty, ctx: Context) -> Decision[MyMemberships]:
    """List what the caller holds, and where."""
    if not ctx.caller.user_id:
        raise Unauthenticated("Only a user has memberships of its own")
    mine = (
        MyMembership(
            level=MembershipLevel(held.level.value),
            scope_id=held.scope_id,
            organization_id=held.organization_id,
            roles=held.roles,
        )
        for held in ctx.load(MEMBERSHIPS, ctx.caller.user_id).held
    )
    return Decision(MyMemberships(memberships=tuple(mine)))


def _filters(request: ListMemberships) -> Iterator[Condition]:
    for column in ("user_id", "scope_id"):
        value = getattr(request, column)
        if value:
            yield eq(column, value)
    if request.level is not MembershipLevel.UNSPECIFIED:
        yield eq("level", request.level.value)
    if request.role:
        yield Has("roles", request.role)
