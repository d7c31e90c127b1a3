"""Which identity providers somebody may sign in by, here and now."""

from collections.abc import Iterator

from hexkeep.core.idp.state import IDENTITY_PROVIDER, IdentityProvider, offered
from hexkeep.core.idpintent.asks import ProviderSetUp, ServedKinds
from hexkeep.core.idpintent.errors import IdpNotOffered
from hexkeep.core.kernel.decision import Context
from hexkeep.core.policy.state import LOGIN, effective
from hexkeep.core.setting.state import settings_of


def at_hand(ctx: Context, organization_id: str) -> Iterator[tuple[str, IdentityProvider]]:
    """The providers by which people of an organization sign in, in order; where none is meant, of the default one."""
    place = organization_id or settings_of(ctx).default_organization_id
    if not effective(ctx, LOGIN, place).external_allowed:
        return
    kinds = ctx.ask(ServedKinds())
    for provider_id in offered(ctx, place).providers:
        provider = ctx.load(IDENTITY_PROVIDER, provider_id)
        if provider.serves(place) and provider.active and provider.kind in kinds:
            yield provider_id, provider


def insist_on_offer(ctx: Context, provider_id: str, organization_id: str) -> IdentityProvider:
    """A provider that is offered; raises ``IdpNotOffered`` for any other."""
    found = dict(at_hand(ctx, organization_id)).get(provider_id)
    if found is None:
        raise IdpNotOffered
    return found


def is_offered(ctx: Context, provider_id: str, organization_id: str) -> bool:
    """Whether people of an organization sign in by a provider: its list counts wherever they come from."""
    return provider_id in offered(ctx, organization_id).providers


def insist_on_list(ctx: Context, provider_id: str, organization_id: str) -> None:
    """Raise ``IdpNotOffered`` where people of an organization, or of the default one, sign in by it no more."""
    place = organization_id or settings_of(ctx).default_organization_id
    if not is_offered(ctx, provider_id, place) or not effective(ctx, LOGIN, place).external_allowed:
        raise IdpNotOffered


def set_up(provider_id: str, provider: IdentityProvider) -> ProviderSetUp:
    """What its kind has to know of a provider."""
    return ProviderSetUp(provider_id, provider.kind, provider.settings, provider.secrets)
