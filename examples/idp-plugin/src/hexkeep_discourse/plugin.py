"""The plugin: what the entry point names. It offers one kind of identity providers."""

from collections.abc import Iterable
from typing import Any

from hexkeep.ports.hooks import hookimpl
from hexkeep.ports.idp import IdpOffer, LogoutProvider, RedirectProvider
from hexkeep_discourse.kind import DISCOURSE, DiscourseSettings
from hexkeep_discourse.provider import DiscourseForum


class DiscourseForums:
    """Lets people sign in by their account at a forum."""

    @hookimpl
    def hexkeep_identity_providers(self) -> Iterable[IdpOffer[Any]]:
        """The kind, and how a provider is made of its settings."""
        return (IdpOffer(DISCOURSE, DiscourseSettings, DiscourseForum, frozenset({RedirectProvider, LogoutProvider})),)
