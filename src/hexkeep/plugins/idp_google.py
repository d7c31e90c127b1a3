"""Sign-in by Google: OpenID Connect, with the domains of Google Workspace.

https://developers.google.com/identity/openid-connect/reference.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pydantic import JsonValue

from hexkeep.core.idp.catalog import GOOGLE
from hexkeep.core.idp.templates import GoogleSettings
from hexkeep.plugins.oauth_client import Claims, Client, offered
from hexkeep.plugins.oidc_flow import AUTH_TIME, Metadata, OpenIdFlow, identity_of
from hexkeep.ports.hooks import hookimpl
from hexkeep.ports.idp import (
    Identity,
    IdpOffer,
    IdpRefused,
    RedirectProvider,
    SignInAsked,
    SignInReturned,
    Surroundings,
)

ISSUER = "https://accounts.google.com"
NAMES = frozenset({ISSUER, "accounts.google.com"})
"""Google says either, and means itself."""
OWN_DOMAIN = "@gmail.com"
ANY = "*"


class GoogleProvider(OpenIdFlow):
    """Google, as it is called once."""

    PROMPTS_LOGIN: ClassVar[bool] = False

    def __init__(self, settings: GoogleSettings, around: Surroundings) -> None:
        super().__init__(Client(settings.client_id, settings.client_secret, settings.scopes), ISSUER, around)
        self._domains = settings.hosted_domains

    def _parameters(self, asked: SignInAsked) -> Mapping[str, str]:
        """``hd`` has Google offer the right accounts; it keeps nobody out, and so is judged in the ID token.

        When somebody has signed in Google tells whoever asks for that claim, if the client is set up for it
        (https://developers.google.com/identity/siwg/security-bundle).
        """
        domain = "".join(self._domains) if len(self._domains) == 1 else ANY
        return {**super()._parameters(asked), "claims": AUTH_TIME, "hd": domain if self._domains else ""}

    def _is_issuer(self, found: Metadata, issuer: JsonValue) -> bool:
        return isinstance(issuer, str) and issuer in NAMES

    def _judge(self, found: Metadata, claims: Claims, nonce: str | None) -> None:
        super()._judge(found, claims, nonce)
        if self._domains and str(claims.get("hd", "")).lower() not in self._domains:
            raise IdpRefused("hosted_domain")

    def _identity(self, told: Claims, _returned: SignInReturned) -> Identity:
        """An address elsewhere may be somebody else's by now: verified are those that Google itself gives out."""
        own = str(told.get("email", "")).lower().endswith(OWN_DOMAIN) or bool(told.get("hd"))
        verified = told.get("email_verified") is True and own
        return identity_of(told, str(told["sub"]), email_verified=verified)


class GoogleIdentityProviders:
    """The plugin."""

    name = "idp_google"

    @hookimpl
    def hexkeep_identity_providers(self) -> Iterable[IdpOffer[Any]]:
        """Google."""
        return offered(IdpOffer(GOOGLE, GoogleSettings, GoogleProvider, frozenset({RedirectProvider})))
