"""What can be read of the links of users to accounts at identity providers."""

from datetime import datetime

from pydantic import Field

from hexkeep.core.idp.state import IDENTITY_PROVIDER
from hexkeep.core.idplink.projection import IDENTITY_PROVIDER_LINKS
from hexkeep.core.kernel.access import listed
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import Unauthenticated
from hexkeep.core.kernel.fields import Id, Line
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.paging import Page, PageRequest, page_of
from hexkeep.core.kernel.view import And, Condition, Row, eq


class IdentityProviderLinkView(Message):
    """A link as its readers see it. Kind and name are the provider's, empty once it is gone."""

    identity_provider_link_id: str
    user_id: str
    organization_id: str
    identity_provider_id: str
    identity_provider_kind: str
    identity_provider_name: str
    external_id: str
    display_name: str
    version: int
    created_at: datetime
    changed_at: datetime


class ListUserIdentityProviderLinks(PageRequest):
    """The user whose links to list, by id and so by age."""

    user_id: Id
    identity_provider_id: Line = Field(default="", description="Only those to this identity provider.")


class ListMyIdentityProviderLinks(PageRequest):
    """Which of the caller's own links to list, by id and so by age."""


class IdentityProviderLinkPage(Page):
    """Some links."""

    links: tuple[IdentityProviderLinkView, ...]


def list_user_identity_provider_links(
    request: ListUserIdentityProviderLinks, ctx: Context
) -> Decision[IdentityProviderLinkPage]:
    """List those links of a user that the caller may read."""
    filters = {"user_id": request.user_id, "identity_provider_id": request.identity_provider_id}
    return _page(request, And(tuple(eq(column, value) for column, value in filters.items() if value)), ctx)


def list_my_identity_provider_links(
    request: ListMyIdentityProviderLinks, ctx: Context
) -> Decision[IdentityProviderLinkPage]:
    """List the caller's own links to accounts at identity providers, as they are now."""
    if not ctx.caller.user_id:
        raise Unauthenticated("Only a user has links of its own")
    own = eq("user_id", ctx.caller.user_id)
    return _page(request, own, ctx, current=True)  # who looks has often just linked an account, or taken one away


def _page(
    request: PageRequest, where: Condition, ctx: Context, *, current: bool = False
) -> Decision[IdentityProviderLinkPage]:
    found = listed(ctx, request, page_of(IDENTITY_PROVIDER_LINKS, request, where), current=current)
    views = tuple(_view(row, ctx) for row in found.rows)
    return Decision(IdentityProviderLinkPage(links=views, next_cursor=found.next_cursor, total=found.total))


def _view(row: Row, ctx: Context) -> IdentityProviderLinkView:
    provider = ctx.load(IDENTITY_PROVIDER, str(row["identity_provider_id"]))
    kind, name = (provider.kind, provider.name) if provider.exists else ("", "")
    shown = {"identity_provider_kind": kind, "identity_provider_name": name}
    cells = {name: row[name] for name in IdentityProviderLinkView.model_fields if name not in shown}
    return IdentityProviderLinkView.model_validate({**cells, **shown})
