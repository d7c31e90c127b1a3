"""Sign-in by an identity provider of SAML 2.0, to which the instance is a service provider (Profiles section 4.1).

What has to do with XML is imported with the first provider: it needs the extra ``saml``, without which the kind stays a
record.
"""

from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

from hexkeep.core.idp.catalog import SAML
from hexkeep.core.idp.settings import SamlSettings
from hexkeep.ports.hooks import hookimpl
from hexkeep.ports.idp import IdpOffer, LogoutProvider, RedirectProvider, SamlProvider, Surroundings


def made(settings: SamlSettings, around: Surroundings) -> object:
    """A provider."""
    from hexkeep.plugins.saml.provider import SamlIdp

    return SamlIdp(settings, around)


class SamlIdentityProviders:
    """The plugin."""

    name = "idp_saml"

    @hookimpl
    def hexkeep_identity_providers(self) -> Iterable[IdpOffer[Any]]:
        """Any identity provider of SAML 2.0."""
        if find_spec("onelogin") is None:
            return ()
        roles = frozenset[type]({RedirectProvider, SamlProvider, LogoutProvider})
        return (IdpOffer(SAML, SamlSettings, made, roles),)
