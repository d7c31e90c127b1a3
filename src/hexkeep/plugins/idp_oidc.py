"""Sign-in by an OpenID provider that is known by its issuer (OpenID Connect Core 1.0 and Discovery 1.0)."""

from collections.abc import Iterable
from typing import Any

from hexkeep.core.idp.catalog import OIDC
from hexkeep.core.idp.settings import OidcSettings
from hexkeep.plugins.oauth_client import Claims, Client, offered
from hexkeep.plugins.oidc_flow import Metadata
from hexkeep.plugins.oidc_logout import OpenIdLogouts
from hexkeep.ports.hooks import hookimpl
from hexkeep.ports.idp import (
    BackChannelLogoutProvider,
    FrontChannelLogoutProvider,
    IdpOffer,
    LogoutProvider,
    RedirectProvider,
    RefreshingProvider,
    RevokingProvider,
    Surroundings,
)

ROLES = frozenset(
    {
        RedirectProvider,
        LogoutProvider,
        RefreshingProvider,
        RevokingProvider,
        BackChannelLogoutProvider,
        FrontChannelLogoutProvider,
    }
)


class OidcProvider(OpenIdLogouts):
    """Any OpenID provider."""

    def __init__(self, settings: OidcSettings, around: Surroundings) -> None:
        client = Client(settings.client_id, settings.client_secret, settings.scopes, settings.pkce)
        super().__init__(client, settings.issuer, around)
        self._asks_userinfo = not settings.id_token_mapping

    async def _userinfo(self, found: Metadata, tokens: Claims, subject: str) -> Claims:
        return await super()._userinfo(found, tokens, subject) if self._asks_userinfo else {}


class OidcIdentityProviders:
    """The plugin."""

    name = "idp_oidc"

    @hookimpl
    def hexkeep_identity_providers(self) -> Iterable[IdpOffer[Any]]:
        """Any OpenID provider."""
        return offered(IdpOffer(OIDC, OidcSettings, OidcProvider, ROLES))
