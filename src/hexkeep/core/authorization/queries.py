"""What can be read of authorizations."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from hexkeep.core.authorization.projection import AUTHORIZATIONS
from hexkeep.core.group.state import GROUP, USER_GROUPS
from hexkeep.core.kernel.access import Listed, listed, visible_row
from hexkeep.core.kernel.ask import CountOf, RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import Unauthenticated
from hexkeep.core.kernel.fields import Id, Line
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, next_cursor, page_of
from hexkeep.core.kernel.view import And, Condition, Has, In, Or, eq


class AuthorizationView(RowMessage):
    """An authorization as its readers see it.

    The roles count while user or group, project, grant and authorization are active.
    """

    authorization_id: str
    organization_id: str = Field(description="Who manages it: the project's organization, or that it is granted to.")
    user_id: str = Field(description="Whom it is for; empty for a group.")
    group_id: str = Field(description="The group that it is for; empty for a user.")
    project_id: str
    project_grant_id: str = Field(description="The grant under which it was given; empty in the own organization.")
    roles: tuple[str, ...]
    status: Status
    version: int
    created_at: datetime
    changed_at: datetime


class GetAuthorization(Message):
    """The authorization to read."""

    authorization_id: Id


class ListAuthorizations(PageRequest):
    """Which authorizations to list, by id and so by age."""

    user_id: Line = Field(default="", description="Only those of this user, without those of the user's groups.")
    group_id: Line = Field(default="", description="Only those of this group.")
    project_grant_id: Line = Field(default="", description="Only those under this grant.")
    project_id: Line = Field(default="", description="Only those in this project.")
    organization_id: Line = Field(default="", description="Only those that this organization manages.")
    role: Line = Field(default="", description="Only those that grant this role.")
    status: Status = Field(default=Status.UNSPECIFIED, description="Only those with this status.")


class ListMyAuthorizations(PageRequest):
    """Which of the caller's own authorizations to list."""

    project_id: Line = Field(default="", description="Only those in this project.")


class AuthorizationPage(Page):
    """Some authorizations."""

    authorizations: tuple[AuthorizationView, ...]


def get_authorization(request: GetAuthorization, ctx: Context) -> Decision[AuthorizationView]:
    """Read one authorization."""
    return Decision(AuthorizationView.of(visible_row(ctx, AUTHORIZATIONS, request.authorization_id)))


def list_authorizations(request: ListAuthorizations, ctx: Context) -> Decision[AuthorizationPage]:
    """List those authorizations that the caller may read."""
    return _answer(listed(ctx, request, page_of(AUTHORIZATIONS, request, And(tuple(_filters(request))))))


def list_my_authorizations(request: ListMyAuthorizations, ctx: Context) -> Decision[AuthorizationPage]:
    """List the caller's own authorizations, and those of the groups that the caller is in."""
    if not ctx.caller.user_id:
        raise Unauthenticated("Only a user has authorizations of its own")
    conditions = (_mine(ctx), *((eq("project_id", request.project_id),) if request.project_id else ()))
    select = page_of(AUTHORIZATIONS, request, And(conditions))
    rows = ctx.ask(RowsOf(select, unscoped=True))
    total = ctx.ask(CountOf(select, unscoped=True)) if request.count else None
    return _answer(Listed(rows, next_cursor(select, rows), total))


def _mine(ctx: Context) -> Condition:
    """What is the caller's own: by name, or by a group that is still there."""
    joined = (one.group_id for one in ctx.load(USER_GROUPS, ctx.caller.user_id).groups)
    groups = tuple(group_id for group_id in joined if ctx.load(GROUP, group_id).exists)
    own = eq("user_id", ctx.caller.user_id)
    return Or((own, In("group_id", groups))) if groups else own


def _answer(found: Listed) -> Decision[AuthorizationPage]:
    views = tuple(AuthorizationView.of(row) for row in found.rows)
    return Decision(AuthorizationPage(authorizations=views, next_cursor=found.next_cursor, total=found.total))


def _filters(request: ListAuthorizations) -> Iterator[Condition]:
    for column in ("user_id", "group_id", "project_id", "project_grant_id", "organization_id"):
        value = getattr(request, column)
        if value:
            yield eq(column, value)
    if request.role:
        yield Has("roles", request.role)
    if request.status is not Status.UNSPECIFIED:
        yield eq("status", request.status.value)
