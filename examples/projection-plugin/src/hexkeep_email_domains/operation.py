"""The operation that reads the view."""

from datetime import datetime

from pydantic import Field

from hexkeep.core.kernel.access import visible_page
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import ApiName, Http, Message, Method, Operation
from hexkeep.core.kernel.paging import PageRequest, RowMessage, next_cursor, page_of
from hexkeep.core.kernel.view import eq
from hexkeep_email_domains.projection import EMAIL_DOMAINS


class ListUsersOfDomain(PageRequest):
    """Which users to list."""

    domain: str = Field(
        min_length=1, max_length=253, pattern=r"^[^@/\s]+$", description="Of the address.", examples=["example.com"]
    )


class UserOfDomain(RowMessage):
    """A user with an address at the domain. ``changed_at`` is the time of the user's last change of any sort."""

    user_id: str
    organization_id: str
    domain: str
    changed_at: datetime


class UsersOfDomain(Message):
    """Some users."""

    users: tuple[UserOfDomain, ...]
    next_cursor: str


def list_users_of_domain(request: ListUsersOfDomain, ctx: Context) -> Decision[UsersOfDomain]:
    """List those users with an e-mail address at a domain that the caller may read."""
    select = page_of(EMAIL_DOMAINS, request, eq("domain", request.domain.lower()))
    rows = visible_page(ctx, select)  # without the rows that the caller may not see: the statement leaves them out
    found = tuple(UserOfDomain.of(row) for row in rows)
    return Decision(UsersOfDomain(users=found, next_cursor=next_cursor(select, rows)))


LIST_USERS_OF_DOMAIN = Operation(
    name="ListUsersOfDomain",
    api=ApiName.MANAGEMENT,
    input=ListUsersOfDomain,
    output=UsersOfDomain,
    permission="user.read",
    handle=list_users_of_domain,
    http=Http(Method.GET, "/management/v1/email-domains/{domain}/users"),
    writes=False,
)
