"""The operation that reads the view."""

from datetime import datetime

from pydantic import Field

from hexkeep.core.kernel.access import listed
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import ApiName, Http, Method, Operation
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, page_of
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


class UsersOfDomain(Page):
    """Some users."""

    users: tuple[UserOfDomain, ...]


def list_users_of_domain(request: ListUsersOfDomain, ctx: Context) -> Decision[UsersOfDomain]:
    """List those users with an e-mail address at a domain that the caller may read."""
    select = page_of(EMAIL_DOMAINS, request, eq("domain", request.domain.lower()))
    found = listed(ctx, request, select)  # without the rows that the caller may not see: the statement leaves them out
    users = tuple(UserOfDomain.of(row) for row in found.rows)
    return Decision(UsersOfDomain(users=users, next_cursor=found.next_cursor, total=found.total))


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
