"""The messages of identity providers. Those of a kind are made of its settings: no field is declared twice."""

import operator
import typing
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from hexkeep.core.domain.names import DomainName
from hexkeep.core.idp.events import AutoLinking
from hexkeep.core.idp.kinds import IdpKind, is_secret
from hexkeep.core.idp.mapping import UNMAPPED, ClaimMapping, GroupRule, GroupRules
from hexkeep.core.kernel.fields import Id, Name
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.paging import RowMessage
from hexkeep.core.kernel.update import EVERYTHING, Conditional, UpdateRequest

MAX_DOMAINS = 50
EmailDomains = Annotated[tuple[DomainName, ...], Field(max_length=MAX_DOMAINS)]
LINKING = "Users may link their accounts to one there."
CREATION = "Who signs in by it for the first time may get an account."
AUTO_CREATION = "Who signs in by it for the first time gets an account without being asked; needs `creation_allowed`."
AUTO_UPDATE = "What it tells of a user is taken over at each sign-in."
PROVIDER_LOGOUT = (
    "Who signs out here on our page, and came by it, is signed out there as well, if its kind can; what that takes is "
    "kept, sealed, with the session."
)
ASKS_AGAIN = (
    "Once the login policy's `external_check_lifetime` is over it is asked whether the account is still there, instead "
    "of the person, if its kind can; what that takes is kept, sealed, with the session."
)
EMAIL_TRUSTED = (
    "Every e-mail address that it tells counts as verified, even if it does not say so. Only for one that knows that "
    "its addresses are their users'."
)
CLAIM_MAPPING = "Where names, addresses and groups are among what it tells; what is left out is as its kind has it."
GROUP_RULES = (
    "Members of which of its groups are in which groups here: set when it makes an account and, with `auto_update`, at "
    "each sign-in, also to take people out. Only groups whose roles the caller may give."
)
EMAIL_DOMAINS = (
    "People with addresses or login names in these domains are led to it. An organization's are verified by it; the "
    "instance may take any."
)
AUTO_LINKING = "By what users who are there already are found; needs `linking_allowed`. If left out: not at all."


class NewProvider(Message):
    """Base of the inputs that make an identity provider: what is the same for every kind."""

    name: Name = Field(description="Unique in the organization or instance, whatever its case.", examples=["Our login"])
    linking_allowed: bool = Field(default=True, description=LINKING)
    creation_allowed: bool = Field(default=True, description=CREATION)
    auto_creation: bool = Field(default=False, description=AUTO_CREATION)
    auto_update: bool = Field(default=False, description=AUTO_UPDATE)
    auto_linking: AutoLinking = Field(default=AutoLinking.UNSPECIFIED, description=AUTO_LINKING)
    provider_logout: bool = Field(default=False, description=PROVIDER_LOGOUT)
    asks_again: bool = Field(default=False, description=ASKS_AGAIN)
    email_trusted: bool = Field(default=False, description=EMAIL_TRUSTED)
    claim_mapping: ClaimMapping = Field(default=UNMAPPED, description=CLAIM_MAPPING)
    group_rules: GroupRules = Field(default=(), description=GROUP_RULES)
    email_domains: EmailDomains = Field(default=(), description=EMAIL_DOMAINS, examples=[["example.com"]])


class NewOrganizationProvider(NewProvider):
    """The same for an organization."""

    organization_id: Id


class ProviderUpdate(UpdateRequest):
    """Base of the inputs that change an identity provider. A secret that is left out stays as it is."""

    identity_provider_id: Id
    name: Name | None = None
    linking_allowed: bool | None = Field(default=None, description=LINKING)
    creation_allowed: bool | None = Field(default=None, description=CREATION)
    auto_creation: bool | None = Field(default=None, description=AUTO_CREATION)
    auto_update: bool | None = Field(default=None, description=AUTO_UPDATE)
    auto_linking: AutoLinking | None = Field(default=None, description=AUTO_LINKING)
    provider_logout: bool | None = Field(default=None, description=PROVIDER_LOGOUT)
    asks_again: bool | None = Field(default=None, description=ASKS_AGAIN)
    email_trusted: bool | None = Field(default=None, description=EMAIL_TRUSTED)
    claim_mapping: ClaimMapping | None = Field(default=None, description=CLAIM_MAPPING)
    group_rules: GroupRules | None = Field(default=None, description=GROUP_RULES)
    email_domains: EmailDomains | None = Field(default=None, description=EMAIL_DOMAINS)

    def _named(self) -> tuple[str, ...]:
        """What the mask names: all of it means all but secrets that are left out, which nobody can read to repeat."""
        named = super()._named()
        if self.update_mask != EVERYTHING:
            return named
        fields = type(self).model_fields
        return tuple(name for name in named if not is_secret(fields[name]) or getattr(self, name) is not None)


class IdentityProviderCreated(Message):
    """The identity provider there is now."""

    identity_provider_id: str


class IdentityProviderId(Message):
    """Names an identity provider."""

    identity_provider_id: Id


class IdentityProviderChange(Conditional):
    """The identity provider to switch off or on, or to remove."""

    identity_provider_id: Id


class IdentityProviderView(RowMessage):
    """An identity provider of any kind as its readers see it."""

    identity_provider_id: str
    organization_id: str = Field(description="Whose it is; empty for the instance's.")
    kind: str = Field(examples=["oidc"])
    name: str
    status: Status
    linking_allowed: bool
    creation_allowed: bool
    auto_creation: bool
    auto_update: bool
    auto_linking: AutoLinking
    provider_logout: bool
    asks_again: bool
    email_trusted: bool
    email_domains: tuple[str, ...]
    has_secret: bool = Field(description="Whether a secret is kept. It is never shown.")
    version: int
    created_at: datetime
    changed_at: datetime


class IdentityProviderOfKind(Message):
    """Base of what is shown of an identity provider of one kind: what all have, and its settings without secrets."""

    provider: IdentityProviderView
    claim_mapping: ClaimMapping
    group_rules: tuple[GroupRule, ...]


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages of one kind."""

    create: type[NewOrganizationProvider]
    create_for_instance: type[NewProvider]
    update: type[ProviderUpdate]
    settings: type[Message]
    view: type[IdentityProviderOfKind]


def messages_of(kind: IdpKind) -> Messages:
    """The messages of a kind. Their names are those of its operations, so each is made once."""
    noun = f"{kind.noun}IdentityProvider"
    declared = kind.settings.model_fields
    given: dict[str, Any] = {name: (_bounded(info), _as_declared(info)) for name, info in declared.items()}
    left_out: dict[str, Any] = {name: (_optional(info), _left_out(info)) for name, info in declared.items()}
    shown: dict[str, Any] = {
        name: (info.annotation, Field(description=info.description))
        for name, info in declared.items()
        if not is_secret(info)
    }
    made: dict[str, Any] = {"__module__": kind.settings.__module__}
    settings = create_model(
        f"{noun}Settings", __base__=Message, __doc__=f"Settings of {kind.title}, without secrets.", **made, **shown
    )
    return Messages(
        create_model(
            f"Create{noun}", __base__=NewOrganizationProvider, __doc__=_new(kind, "an organization"), **made, **given
        ),
        create_model(
            f"CreateInstance{noun}", __base__=NewProvider, __doc__=_new(kind, "the instance"), **made, **given
        ),
        create_model(
            f"Update{noun}",
            __base__=ProviderUpdate,
            __doc__="What to change; what is left out stays as it is.",
            **made,
            **left_out,
        ),
        settings,
        create_model(
            f"{noun}View",
            __base__=IdentityProviderOfKind,
            __doc__=f"An identity provider ({kind.title}) as its readers see it.",
            settings=(settings, ...),
            **made,
        ),
    )


def _new(kind: IdpKind, owner: str) -> str:
    return f"A new identity provider ({kind.title}) of {owner}."


def _bounded(info: FieldInfo) -> object:
    """The type of a setting, bounds included."""
    marks = tuple(info.metadata)
    return operator.getitem(typing.Annotated, (info.annotation, *marks)) if marks else info.annotation


def _optional(info: FieldInfo) -> object:
    return operator.getitem(typing.Optional, _bounded(info))


def _as_declared(info: FieldInfo) -> object:
    default = ... if info.is_required() else info.default
    return Field(default=default, description=info.description, examples=info.examples, repr=info.repr)


def _left_out(info: FieldInfo) -> object:
    return Field(default=None, description=info.description, examples=info.examples, repr=info.repr)
