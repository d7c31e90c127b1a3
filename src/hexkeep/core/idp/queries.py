"""What can be read of identity providers: everything but secrets."""

import enum
from collections.abc import Iterator

from pydantic import Field

from hexkeep.core.idp.commands import READ, insist_on_kind
from hexkeep.core.idp.kinds import IdpKind
from hexkeep.core.idp.messages import IdentityProviderId, IdentityProviderOfKind, IdentityProviderView, Messages
from hexkeep.core.idp.projection import IDENTITY_PROVIDERS
from hexkeep.core.idp.state import IDENTITY_PROVIDER
from hexkeep.core.kernel.access import listed, reach, visible_row
from hexkeep.core.kernel.ask import CountOf, RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.fields import Id, Line
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, next_cursor, page_of
from hexkeep.core.kernel.permission import Level
from hexkeep.core.kernel.view import And, Condition, Contains, In, Not, eq
from hexkeep.core.organization.state import ORGANIZATION


class IdentityProviderSort(enum.StrEnum):
    """What identity providers can be sorted by; unspecified is by id, and so by age."""

    UNSPECIFIED = "unspecified"
    NAME = "name"
    CREATED_AT = "created_at"


class ListInstanceIdentityProviders(PageRequest):
    """Which identity providers of the instance to list."""

    name: Line = Field(default="", description="Only those whose name contains this, whatever its case.")
    kind: Line = Field(default="", description="Only those of this kind.", examples=["oidc"])
    status: Status = Field(default=Status.UNSPECIFIED, description="Only those that are active, or inactive.")
    sort: IdentityProviderSort = IdentityProviderSort.UNSPECIFIED


class ListIdentityProviders(ListInstanceIdentityProviders):
    """Which identity providers of organizations to list."""

    organization_id: Line = Field(default="", description="Only those of this organization.")


class IdentityProviderPage(Page):
    """Some identity providers."""

    identity_providers: tuple[IdentityProviderView, ...]


class ListAvailableIdentityProviders(PageRequest):
    """In which organization they are to be available."""

    organization_id: Id


class AvailableIdentityProvider(RowMessage):
    """What managers of an organization see of a provider that they may offer for sign-in."""

    identity_provider_id: str
    organization_id: str = Field(description="Whose it is; empty for the instance's.")
    kind: str
    name: str


class AvailableIdentityProviderPage(Page):
    """Some identity providers that can be offered."""

    identity_providers: tuple[AvailableIdentityProvider, ...]


def get_provider(ctx: Context, request: IdentityProviderId, level: Level) -> IdentityProviderView:
    """What all kinds have."""
    view = IdentityProviderView.of(visible_row(ctx, IDENTITY_PROVIDERS, request.identity_provider_id))
    if (level is Level.INSTANCE) != (not view.organization_id):
        raise NotFound
    return view


def get_provider_of_kind(
    ctx: Context, request: IdentityProviderId, level: Level, kind: IdpKind, messages: Messages
) -> IdentityProviderOfKind:
    """What all kinds have, and the settings of this one; raises ``NotFound`` for one of another kind."""
    view = get_provider(ctx, request, level)
    provider = ctx.load(IDENTITY_PROVIDER, request.identity_provider_id)
    insist_on_kind(provider, kind)
    options = provider.options
    rules = {"claim_mapping": options.claim_mapping, "group_rules": options.group_rules}
    return messages.view.model_validate({"provider": view, "settings": dict(provider.settings), **rules})


def list_instance_identity_providers(
    request: ListInstanceIdentityProviders, ctx: Context
) -> Decision[IdentityProviderPage]:
    """List the identity providers of the instance."""
    return _page(ctx, request, eq("organization_id", ""))


def list_identity_providers(request: ListIdentityProviders, ctx: Context) -> Decision[IdentityProviderPage]:
    """List those identity providers of organizations that the caller may read."""
    mine = eq("organization_id", request.organization_id) if request.organization_id else None
    return _page(ctx, request, mine or Not(eq("organization_id", "")))


def _page(ctx: Context, request: ListInstanceIdentityProviders, whose: Condition) -> Decision[IdentityProviderPage]:
    where = And((whose, *_filters(request)))
    found = listed(ctx, request, page_of(IDENTITY_PROVIDERS, request, where, sort=request.sort))
    views = tuple(IdentityProviderView.of(row) for row in found.rows)
    return Decision(IdentityProviderPage(identity_providers=views, next_cursor=found.next_cursor, total=found.total))


def _filters(request: ListInstanceIdentityProviders) -> Iterator[Condition]:
    if request.name:
        yield Contains("name", request.name)
    if request.kind:
        yield eq("kind", request.kind)
    if request.status is not Status.UNSPECIFIED:
        yield eq("status", request.status)


def list_available_identity_providers(
    request: ListAvailableIdentityProviders, ctx: Context
) -> Decision[AvailableIdentityProviderPage]:
    """List what an organization may offer for sign-in: its own active identity providers and the instance's."""
    organization = ctx.load(ORGANIZATION, request.organization_id)
    reach(ctx, READ, exists=organization.exists, organization=request.organization_id)
    where = And((In("organization_id", ("", request.organization_id)), eq("status", Status.ACTIVE)))
    select = page_of(IDENTITY_PROVIDERS, request, where)
    rows = ctx.ask(RowsOf(select, unscoped=True))
    total = ctx.ask(CountOf(select, unscoped=True)) if request.count else None
    views = tuple(AvailableIdentityProvider.of(row) for row in rows)
    page = AvailableIdentityProviderPage(identity_providers=views, next_cursor=next_cursor(select, rows), total=total)
    return Decision(page)
