"""The state of an identity provider, and which ones are offered for sign-in."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType

from pydantic import JsonValue

from hexkeep.core.idp.events import (
    AutoLinking,
    IdentityProviderAdded,
    IdentityProviderChanged,
    IdentityProviderDeactivated,
    IdentityProviderReactivated,
    IdentityProviderRemoved,
    IdentityProviderSecretsChanged,
    LoginProvidersReset,
    LoginProvidersSet,
)
from hexkeep.core.idp.kinds import unpacked
from hexkeep.core.idp.mapping import UNMAPPED, ClaimMapping, GroupRule
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.unique import UniqueKey
from hexkeep.core.policy.state import LOGIN, effective

NAME_KIND, DOMAIN_KIND = "identity_provider_name", "identity_provider_domain"
INSTANCE_PROVIDERS = "instance"
"""The id of the list that an instance offers; those of organizations have the organization's id."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is the same for every kind."""

    linking_allowed: bool = True
    creation_allowed: bool = True
    auto_creation: bool = False
    auto_update: bool = False
    auto_linking: AutoLinking = AutoLinking.NONE
    provider_logout: bool = False
    asks_again: bool = False
    email_trusted: bool = False
    claim_mapping: ClaimMapping = UNMAPPED
    group_rules: tuple[GroupRule, ...] = ()
    email_domains: tuple[str, ...] = ()


OPTIONS = tuple(one.name for one in fields(Options))
"""The names of the options, which events and inputs have as well."""


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """An identity provider of an organization, or of the instance where none is named."""

    organization_id: str = ""
    kind: str = ""
    name: str = ""
    options: Options = Options()
    settings: Mapping[str, JsonValue] = field(default_factory=lambda: MappingProxyType({}))
    secrets: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    status: Status = Status.UNSPECIFIED

    @property
    def exists(self) -> bool:
        """Whether there is such a provider now."""
        return self.status.exists

    @property
    def active(self) -> bool:
        """Whether people may sign in by it."""
        return self.status is Status.ACTIVE

    def serves(self, organization_id: str) -> bool:
        """Whether it may be offered in an organization, or in the instance where none is named."""
        return self.exists and self.organization_id in {"", organization_id}


def options_of(event: IdentityProviderAdded | IdentityProviderChanged) -> Options:
    """The options that an event tells."""
    return Options(**{name: getattr(event, name) for name in OPTIONS})


def evolve(state: IdentityProvider, event: Event) -> IdentityProvider:
    """The state after ``event``; an event that says nothing about providers leaves it as it was."""
    match event:
        case IdentityProviderAdded():
            settings, secrets = MappingProxyType(event.settings), MappingProxyType(dict(unpacked(event.secrets)))
            place = (event.organization_id, event.kind, event.name)
            return IdentityProvider(*place, options_of(event), settings, secrets, Status.ACTIVE)
        case IdentityProviderChanged():
            settings = MappingProxyType(event.settings)
            return replace(state, name=event.name, options=options_of(event), settings=settings)
        case IdentityProviderSecretsChanged(secrets=secrets_):
            return replace(state, secrets=MappingProxyType(dict(unpacked(secrets_))))
        case IdentityProviderDeactivated():
            return replace(state, status=Status.INACTIVE)
        case IdentityProviderReactivated():
            return replace(state, status=Status.ACTIVE)
        case IdentityProviderRemoved():
            return IdentityProvider(state.organization_id, state.kind, state.name, status=Status.REMOVED)
        case _:
            return state


@dataclass(frozen=True, slots=True)
class LoginProviders:
    """Which providers are offered in one place; ``None``: nothing is set there."""

    providers: tuple[str, ...] | None = None


def evolve_login(state: LoginProviders, event: Event) -> LoginProviders:
    """The list after ``event``; any other event leaves it as it was."""
    match event:
        case LoginProvidersSet(identity_provider_ids=providers):
            return LoginProviders(providers)
        case LoginProvidersReset():
            return LoginProviders()
        case _:
            return state


IDENTITY_PROVIDER: Aggregate[IdentityProvider] = Aggregate(
    name="identity_provider",
    log=Log.DURABLE,
    initial=IdentityProvider(),
    events=(
        IdentityProviderAdded,
        IdentityProviderChanged,
        IdentityProviderSecretsChanged,
        IdentityProviderDeactivated,
        IdentityProviderReactivated,
        IdentityProviderRemoved,
    ),
    evolve=evolve,
    keys=(NAME_KIND, DOMAIN_KIND),
)
LOGIN_PROVIDERS: Aggregate[LoginProviders] = Aggregate(
    name="login_providers",
    log=Log.DURABLE,
    initial=LoginProviders(),
    events=(LoginProvidersSet, LoginProvidersReset),
    evolve=evolve_login,
)


def provider_domain_key(organization_id: str, domain: str) -> UniqueKey:
    """A domain whose people sign in by one provider, among those of one organization, or of the instance."""
    return UniqueKey(DOMAIN_KIND, organization_id or INSTANCE_PROVIDERS, domain)


def provider_name_key(organization_id: str, name: str) -> UniqueKey:
    """The name of a provider, unique among those of one organization, or of the instance."""
    return UniqueKey(NAME_KIND, organization_id or INSTANCE_PROVIDERS, name)


@dataclass(frozen=True, slots=True)
class Offered:
    """The ids of the providers that are on a list, and whether the list comes from above."""

    providers: tuple[str, ...]
    inherited: bool


def offered(ctx: Context, organization_id: str = "") -> Offered:
    """What is offered in an organization: its own list, else the instance's, else nothing.

    Also such as are inactive or gone; they are offered to nobody.
    """
    own = ctx.load(LOGIN_PROVIDERS, organization_id or INSTANCE_PROVIDERS).providers
    if own is not None or not organization_id:
        return Offered(own or (), inherited=own is None)
    return Offered(ctx.load(LOGIN_PROVIDERS, INSTANCE_PROVIDERS).providers or (), inherited=True)


def signs_in(ctx: Context, provider_id: str, organization_id: str) -> bool:
    """Whether people of an organization may sign in by a provider now.

    The policy lets them, the provider is on the organization's list, is switched on, and serves the organization.
    """
    if not effective(ctx, LOGIN, organization_id).external_allowed:
        return False
    if provider_id not in offered(ctx, organization_id).providers:
        return False
    provider = ctx.load(IDENTITY_PROVIDER, provider_id)
    return provider.active and provider.serves(organization_id)
