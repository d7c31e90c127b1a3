"""What can be read of authorizations."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from hexkeep.core.authorization.projection import AUTHORIZATIONS
from hexkeep.core.kernel.access import listed, visible_row
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import Unauthenticated
from hexkeep.core.kernel.fields import Id, Line
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, page_of
from hexkeep.core.kernel.view import And, Condition, Has, eq


class AuthorizationView(RowMessage):
    """An authorization as its readers see it. The roles count while user, project and authorization are active."""

    authorization_id: str
    organization_id: str
    user_id: str
    project_id: str
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

    user_id: Line = Field(default="", description="Only those of this user.")
    project_id: Line = Field(default="", description="Only those in this project.")
    organization_id: Line = Field(default="", description="Only those in projects of this organization.")
    role: Line = Field(default="", description="Only those that grant this role.")
    status: Status = Field(default=Status.UNSPECIFIED, description="Only those with this status.")


class ListMyAuthorizations(PageRequest):
    """Which of the caller's own authorizations to list."""

    project_id: Line = Field(default="", description="Only that in this project.")


class AuthorizationPage(Page):
    """Some authorizations."""

    authorizations: tuple[AuthorizationView, ...]


def get_authorization(request: GetAuthorization, ctx: Context) -> Decision[AuthorizationView]:
    """Read one authorization."""
    return Decision(AuthorizationView.of(visible_row(ctx, AUTHORIZATIONS, request.authorization_id)))


def list_authorizations(request: ListAuthorizations, ctx: Context) -> Decision[AuthorizationPage]:
    """List those authorizations that the caller may read."""
    return _page(request, And(tuple(_filters(request))), ctx)


def list_my_authorizations(request: ListMyAuthorizations, ctx: Context) -> Decision[AuthorizationPage]:
    """List the caller's own authorizations."""
    if not ctx.caller.user_id:
        raise Unauthenticated("Only a user has authorizations of its own")
    conditions: tuple[Condition, ...] = (eq("user_id", ctx.caller.user_id),)
    if request.project_id:
        conditions = (*conditions, eq("project_id", request.project_id))
    return _page(request, And(conditions), ctx)


def _page(request: PageRequest, where: Condition, ctx: Context) -> Decision[AuthorizationPage]:
    select = page_of(AUTHORIZATIONS, request, where)
    found = listed(ctx, request, select)
    views = tuple(AuthorizationView.of(row) for row in found.rows)
    return Decision(AuthorizationPage(authorizations=views, next_cursor=found.next_cursor, total=found.total))


def _filters(request: ListAuthorizations) -> Iterator[Condition]:
    for column in ("user_id", "project_id", "organization_id"):
        value = getattr(request, column)
        if value:
            yield eq(column, value)
    if request.role:
        yield Has("roles", request.role)
    if request.status is not Status.UNSPECIFIED:
        yield eq("status", request.status.value)
