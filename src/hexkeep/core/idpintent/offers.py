"""Which identity providers somebody may sign in by, here and now."""

from collections.abc import Iterator
from dataclasses import replace

from hexkeep.core.idp.state import IDENTITY_PROVIDER, IdentityProvider, offered
from hexkeep.core.idpintent.asks import PartyKinds, ProviderSetUp, ServedKinds, SignInWay
from hexkeep.core.idpintent.errors import IdpNotOffered
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Context
from hexkeep.core.policy.state import LOGIN, effective
from hexkeep.core.saml import keys as saml_keys
from hexkeep.core.saml.party import party_of
from hexkeep.core.setting.state import settings_of

CALLBACK = "/ui/idp/callback"
"""Below it is where each provider sends browsers back to, on the instance's primary origin: ``callback``.

It stands here and not with the pages as providers are told of it: it is registered there, and in metadata.
"""


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


def insist_on_linkable(ctx: Context, provider_id: str, organization_id: str) -> IdentityProvider:
    """The same, at which people may link accounts themselves."""
    provider = insist_on_offer(ctx, provider_id, organization_id)
    if not provider.options.linking_allowed:
        raise IdpNotOffered
    return provider


def is_offered(ctx: Context, provider_id: str, organization_id: str) -> bool:
    """Whether people of an organization sign in by a provider: its list counts wherever they come from."""
    return provider_id in offered(ctx, organization_id).providers


def insist_on_list(ctx: Context, provider_id: str, organization_id: str) -> None:
    """Raise ``IdpNotOffered`` where people of an organization, or of the default one, sign in by it no more."""
    place = organization_id or settings_of(ctx).default_organization_id
    if not is_offered(ctx, provider_id, place) or not effective(ctx, LOGIN, place).external_allowed:
        raise IdpNotOffered


def way_of(ctx: Context, provider: IdentityProvider) -> SignInWay:
    """How people sign in by a provider that is at hand."""
    return ctx.ask(ServedKinds())[provider.kind]


def set_up(ctx: Context, provider_id: str, provider: IdentityProvider) -> tuple[ProviderSetUp, tuple[Append, ...]]:
    """What its kind has to know of a provider, and what is written where that needs a key that there has never been.

    Raises ``FailedPrecondition`` where a key is needed and none signs any more.
    """
    known = ProviderSetUp(provider_id, provider.kind, provider.settings, provider.secrets)
    if provider.kind not in ctx.ask(PartyKinds()):
        return known, ()
    keys, made = saml_keys.keys_with_signer(ctx)
    party = party_of(ctx.request.issuer, provider_id, callback(ctx, provider_id), saml_keys.signers(keys))
    return replace(known, party=party), made


def callback(ctx: Context, provider_id: str) -> str:
    """Where a provider sends browsers back to; it is registered there.

    RFC 9700 section 4.4.2: each provider has a place of its own. What another one has issued comes back elsewhere, so
    no provider gets to see it by leading a browser on to the other one.
    """
    return f"{ctx.request.issuer}{CALLBACK}/{provider_id}"
