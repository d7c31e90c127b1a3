"""What happens to the link of a user to an account at an identity provider."""

from typing import Annotated

from hexkeep.core.kernel.event import Event, Personal


class IdentityProviderLinkAdded(Event):
    """A user is known to an identity provider as ``external_id``; ``display_name`` is what the user is called there.

    ``provider_name`` is what the provider is called here, ``told`` the address that is told of it: the user's, where it
    is verified. Nobody is where it is empty: of who was erased nothing can be sealed any more, not even that.
    """

    type = "identity_provider_link.added"

    user_id: str
    organization_id: str
    identity_provider_id: str
    external_id: Annotated[str, Personal("user_id")]
    display_name: Annotated[str, Personal("user_id")]
    provider_name: str = ""
    told: Annotated[str | None, Personal("user_id")] = None


class IdentityProviderLinkRemoved(Event):
    """The account there stands for the user no more. ``session_id`` is where the user did it, empty for others.

    ``provider_name`` and ``told`` are as in ``IdentityProviderLinkAdded``.
    """

    type = "identity_provider_link.removed"

    user_id: str = ""
    session_id: str = ""
    provider_name: str = ""
    told: Annotated[str | None, Personal("user_id")] = None
