"""What happens to identity providers, and to the list of those that are offered for sign-in."""

import enum
from typing import Annotated

from pydantic import Field, JsonValue

from hexkeep.core.idp.mapping import UNMAPPED, ClaimMapping, GroupRule
from hexkeep.core.kernel.event import Event, Sealed


class AutoLinking(enum.StrEnum):
    """Whether who signs in for the first time is linked to a user who is there already. Unspecified means not."""

    UNSPECIFIED = "unspecified"
    NONE = "none"
    USER_NAME = "user_name"
    """To the user with the same user name."""
    VERIFIED_EMAIL = "verified_email"
    """To the user with the same e-mail address, where both sides have verified it."""


class IdentityProviderAdded(Event):
    """An instance or an organization has a further identity provider. ``organization_id`` is empty for the instance's.

    ``settings`` are those of its kind as JSON, without the secrets; ``secrets`` is a JSON object of these, by name.
    """

    type = "identity_provider.added"

    organization_id: str
    kind: str
    name: str
    linking_allowed: bool
    creation_allowed: bool
    auto_creation: bool
    auto_update: bool
    auto_linking: AutoLinking
    provider_logout: bool = False
    asks_again: bool = False
    email_trusted: bool = False
    claim_mapping: ClaimMapping = UNMAPPED
    group_rules: tuple[GroupRule, ...] = ()
    email_domains: tuple[str, ...] = ()
    settings: dict[str, JsonValue]
    secrets: Annotated[str, Sealed("identity_provider"), Field(repr=False)]


class IdentityProviderChanged(Event):
    """It is called, set up or reached otherwise; its secrets are as they were."""

    type = "identity_provider.changed"

    name: str
    linking_allowed: bool
    creation_allowed: bool
    auto_creation: bool
    auto_update: bool
    auto_linking: AutoLinking
    provider_logout: bool = False
    asks_again: bool = False
    email_trusted: bool = False
    claim_mapping: ClaimMapping = UNMAPPED
    group_rules: tuple[GroupRule, ...] = ()
    email_domains: tuple[str, ...] = ()
    settings: dict[str, JsonValue]


class IdentityProviderSecretsChanged(Event):
    """It has other secrets: these and no others."""

    type = "identity_provider.secrets.changed"

    secrets: Annotated[str, Sealed("identity_provider"), Field(repr=False)]


class IdentityProviderDeactivated(Event):
    """Nobody signs in by it until it is reactivated."""

    type = "identity_provider.deactivated"


class IdentityProviderReactivated(Event):
    """People sign in by it again."""

    type = "identity_provider.reactivated"


class IdentityProviderRemoved(Event):
    """It is gone for good, and with it what its links were worth."""

    type = "identity_provider.removed"


class LoginProvidersSet(Event):
    """These are offered for sign-in from now on, in this order."""

    type = "login_providers.set"

    identity_provider_ids: tuple[str, ...]


class LoginProvidersReset(Event):
    """Nothing is set any more: what is offered is what the instance offers, or nothing."""

    type = "login_providers.reset"
