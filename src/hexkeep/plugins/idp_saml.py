"""Sign-in by an identity provider of SAML 2.0, to which the instance is a service provider (Profiles section 4.1).

What has to do with XML is imported with the first provider: it needs the extra ``saml``.
"""

from collections.abc import Iterable
from typing import Any

from hexkeep.core.idp.catalog import SAML
from hexkeep.core.idp.settings import SamlSettings
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.ports.hooks import hookimpl
from hexkeep.ports.idp import IdpOffer, LogoutProvider, RedirectProvider, SamlProvider, Surroundings


def made(settings: SamlSettings, around: Surroundings) -> object:
    """A provider; raises ``FailedPrecondition`` where its libraries are missing."""
    try:
        from hexkeep.plugins.saml.provider import SamlIdp
    except ImportError as error:
        raise FailedPrecondition("SAML needs more libraries here: pip install 'hexkeep[saml]'") from error
    return SamlIdp(settings, around)


class SamlIdentityProviders:
    """The plugin."""

    name = "idp_saml"

    @hookimpl
    def hexkeep_identity_providers(self) -> Iterable[IdpOffer[Any]]:
        """Any identity provider of SAML 2.0."""
        roles = frozenset[type]({RedirectProvider, SamlProvider, LogoutProvider})
        return (IdpOffer(SAML, SamlSettings, made, roles, as_party=True),)
