"""What can be read of personal access tokens: everything but the tokens."""

from datetime import datetime

from pydantic import Field

from hexkeep.core.accesstoken.projection import PERSONAL_ACCESS_TOKENS
from hexkeep.core.kernel.access import listed
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import Unauthenticated
from hexkeep.core.kernel.fields import Line
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, page_of
from hexkeep.core.kernel.view import And, Condition, eq


class PersonalAccessTokenView(RowMessage):
    """A personal access token as its readers see it."""

    token_id: str
    user_id: str
    organization_id: str
    name: str
    expires_at: datetime
    version: int
    created_at: datetime
    changed_at: datetime


class ListPersonalAccessTokens(PageRequest):
    """Which tokens to list, by id and so by age."""

    user_id: Line = Field(default="", description="Only those of this user.")
    organization_id: Line = Field(default="", description="Only those of users of this organization.")


class ListMyPersonalAccessTokens(PageRequest):
    """Which of the caller's own tokens to list, by id and so by age."""


class PersonalAccessTokenPage(Page):
    """Some personal access tokens."""

    tokens: tuple[PersonalAccessTokenView, ...]


def list_personal_access_tokens(request: ListPersonalAccessTokens, ctx: Context) -> Decision[PersonalAccessTokenPage]:
    """List those personal access tokens that the caller may read; never the tokens themselves."""
    filters = {"user_id": request.user_id, "organization_id": request.organization_id}
    return _page(request, And(tuple(eq(column, value) for column, value in filters.items() if value)), ctx)


def list_my_personal_access_tokens(
    request: ListMyPersonalAccessTokens, ctx: Context
) -> Decision[PersonalAccessTokenPage]:
    """List the caller's own personal access tokens; never the tokens themselves."""
    if not ctx.caller.user_id:
        raise Unauthenticated("Only a user has personal access tokens")
    return _page(request, eq("user_id", ctx.caller.user_id), ctx)


def _page(request: PageRequest, where: Condition, ctx: Context) -> Decision[PersonalAccessTokenPage]:
    select = page_of(PERSONAL_ACCESS_TOKENS, request, where)
    found = listed(ctx, request, select)
    views = tuple(PersonalAccessTokenView.of(row) for row in found.rows)
    return Decision(PersonalAccessTokenPage(tokens=views, next_cursor=found.next_cursor, total=found.total))
