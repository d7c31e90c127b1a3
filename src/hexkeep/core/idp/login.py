"""Which identity providers are offered for sign-in: a list of an organization's own, or else the instance's."""

from typing import Annotated

from pydantic import Field

from hexkeep.core.idp.accounts import insist_on_cover_of_linked
from hexkeep.core.idp.events import LoginProvidersReset, LoginProvidersSet
from hexkeep.core.idp.state import IDENTITY_PROVIDER, INSTANCE_PROVIDERS, LOGIN_PROVIDERS, offered
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.organization.state import ORGANIZATION

READ = "policy.read"
MAX_OFFERED = 50
Providers = Annotated[
    tuple[Id, ...], Field(max_length=MAX_OFFERED, description="Ids of identity providers, in the order of the buttons.")
]


class SetDefaultLoginProviders(Conditional):
    """What the instance offers. An empty list offers nothing."""

    identity_provider_ids: Providers


class SetLoginProviders(SetDefaultLoginProviders):
    """What an organization offers: of its own and of the instance's."""

    organization_id: Id


class ResetDefaultLoginProviders(Conditional):
    """Takes the list of the instance back."""


class ResetLoginProviders(Conditional):
    """Takes the list of an organization back."""

    organization_id: Id


class LoginProvidersOf(Message):
    """Names the organization whose list is meant."""

    organization_id: Id


class LoginProvider(Message):
    """An identity provider on a list. Nobody is offered one that is not active."""

    identity_provider_id: str
    organization_id: str
    kind: str
    name: str
    status: Status


class LoginProviderList(Message):
    """What is offered, in order; providers that are gone are left out."""

    providers: tuple[LoginProvider, ...]
    is_default: bool = Field(description="Whether no list is set here, so that the one from above counts.")
    version: int = Field(description="The version of the list that is set here; 0: there never was one.")


def get_default_login_providers(_: Empty, ctx: Context) -> Decision[LoginProviderList]:
    """Get which identity providers the instance offers where an organization has no list of its own."""
    ctx.authorize()
    return Decision(_shown(ctx))


def get_login_providers(request: LoginProvidersOf, ctx: Context) -> Decision[LoginProviderList]:
    """Get which identity providers are offered in an organization, and whether that is the instance's list."""
    _reach(ctx, request.organization_id)
    return Decision(_shown(ctx, request.organization_id))


def set_default_login_providers(request: SetDefaultLoginProviders, ctx: Context) -> Decision[Empty]:
    """Set which identity providers of the instance are offered, and in which order.

    Raises ``PermissionDenied`` for one that was not, where users who are linked to it hold more than the caller.
    """
    ctx.authorize()
    return _set(ctx, request)


def set_login_providers(request: SetLoginProviders, ctx: Context) -> Decision[Empty]:
    """Set which identity providers are offered in an organization: its own and the instance's.

    Raises ``PermissionDenied`` for one that was not, where users of the organization who are linked to it hold more
    than the caller.
    """
    _reach(ctx, request.organization_id)
    return _set(ctx, request, request.organization_id)


def reset_default_login_providers(request: ResetDefaultLoginProviders, ctx: Context) -> Decision[Empty]:
    """Take the instance's list back: nothing is offered."""
    ctx.authorize()
    return _reset(ctx, request)


def reset_login_providers(request: ResetLoginProviders, ctx: Context) -> Decision[Empty]:
    """Take an organization's own list back: the instance's counts again.

    Raises ``PermissionDenied`` where that offers a provider anew, as setting a list does.
    """
    _reach(ctx, request.organization_id)
    return _reset(ctx, request, request.organization_id)


def _reach(ctx: Context, organization_id: str) -> None:
    exists = ctx.load(ORGANIZATION, organization_id).exists
    reach(ctx, READ, exists=exists, organization=organization_id)


def _set(ctx: Context, request: SetDefaultLoginProviders, organization_id: str = "") -> Decision[Empty]:
    place = organization_id or INSTANCE_PROVIDERS
    expect(ctx, LOGIN_PROVIDERS, place, request)
    wanted = tuple(dict.fromkeys(request.identity_provider_ids))
    for provider_id in wanted:
        if not ctx.load(IDENTITY_PROVIDER, provider_id, guarded=True).serves(organization_id):
            raise NotFound("There is no such identity provider here")
    if ctx.load(LOGIN_PROVIDERS, place).providers == wanted:
        return Decision(Empty())
    _insist_on_cover(ctx, organization_id, wanted)
    return Decision(Empty(), LOGIN_PROVIDERS.append(place, LoginProvidersSet(identity_provider_ids=wanted)))


def _reset(ctx: Context, request: Conditional, organization_id: str = "") -> Decision[Empty]:
    place = organization_id or INSTANCE_PROVIDERS
    expect(ctx, LOGIN_PROVIDERS, place, request)
    if ctx.load(LOGIN_PROVIDERS, place).providers is None:
        return Decision(Empty())
    _insist_on_cover(ctx, organization_id, offered(ctx).providers if organization_id else ())
    return Decision(Empty(), LOGIN_PROVIDERS.append(place, LoginProvidersReset()))


def _insist_on_cover(ctx: Context, organization_id: str, wanted: tuple[str, ...]) -> None:
    """Raise ``PermissionDenied`` where a provider that is offered anew lets in users who hold more than the caller.

    It may have been taken off the list for them.
    """
    before = offered(ctx, organization_id).providers
    for provider_id in wanted:
        if provider_id not in before:
            insist_on_cover_of_linked(ctx, provider_id, organization_id)


def _shown(ctx: Context, organization_id: str = "") -> LoginProviderList:
    found = offered(ctx, organization_id)
    loaded = ((one, ctx.load(IDENTITY_PROVIDER, one)) for one in found.providers)
    providers = tuple(
        LoginProvider(
            identity_provider_id=provider_id,
            organization_id=provider.organization_id,
            kind=provider.kind,
            name=provider.name,
            status=provider.status,
        )
        for provider_id, provider in loaded
        if provider.serves(organization_id)
    )
    version = ctx.version(LOGIN_PROVIDERS, organization_id or INSTANCE_PROVIDERS)
    return LoginProviderList(providers=providers, is_default=found.inherited, version=version)
