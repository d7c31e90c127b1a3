"""The state of the link of a user to an account at an identity provider."""

from dataclasses import dataclass

from hexkeep.core.idplink.events import IdentityProviderLinkAdded, IdentityProviderLinkRemoved
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.unique import UniqueKey

ACCOUNT_KIND = "identity_provider_account"


@dataclass(frozen=True, slots=True)
class IdentityProviderLink:
    """A link. A removed one keeps nothing."""

    user_id: str = ""
    organization_id: str = ""
    identity_provider_id: str = ""
    external_id: str = ""

    @property
    def exists(self) -> bool:
        """Whether it was added and is not removed."""
        return bool(self.user_id)


def evolve(state: IdentityProviderLink, event: Event) -> IdentityProviderLink:
    """The state after ``event``; an event that says nothing about links leaves it as it was."""
    match event:
        case IdentityProviderLinkAdded():
            place = (event.user_id, event.organization_id, event.identity_provider_id)
            return IdentityProviderLink(*place, event.external_id)
        case IdentityProviderLinkRemoved():
            return IdentityProviderLink()
        case _:
            return state


IDENTITY_PROVIDER_LINK: Aggregate[IdentityProviderLink] = Aggregate(
    name="identity_provider_link",
    log=Log.DURABLE,
    initial=IdentityProviderLink(),
    events=(IdentityProviderLinkAdded, IdentityProviderLinkRemoved),
    evolve=evolve,
    keys=(ACCOUNT_KIND,),
)


def account_key(identity_provider_id: str, external_id: str) -> UniqueKey:
    """An account at a provider, which is of one user at most.

    Keys are compared whatever their case, and accounts are not (OpenID Connect Core 1.0 section 2: ``sub`` is case
    sensitive), so the key has the digits of the bytes.
    """
    return UniqueKey(ACCOUNT_KIND, identity_provider_id, external_id.encode().hex())
