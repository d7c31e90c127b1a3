"""Sign-in by Microsoft Entra ID: OpenID Connect, where the issuer depends on the directory that an account is in.

https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc and ``…/access-tokens#multitenant-applications``.
An account is its directory and its id there, which administrators can look up. An address is whatever a directory says;
only where the directory has shown to own its domain, or the settings trust the directory, does it count as verified.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from pydantic import JsonValue

from hexkeep.core.idp.catalog import ENTRA_ID
from hexkeep.core.idp.choices import EntraTenant
from hexkeep.core.idp.templates import DIRECTORY_ID, EntraIdSettings
from hexkeep.plugins.oauth_client import Claims, Client, offered
from hexkeep.plugins.oidc_flow import Metadata, identity_of, read_metadata
from hexkeep.plugins.oidc_logout import OpenIdFrames
from hexkeep.ports.hooks import hookimpl
from hexkeep.ports.idp import (
    FrontChannelLogoutProvider,
    Identity,
    IdpMalformed,
    IdpOffer,
    IdpRefused,
    RedirectProvider,
    SignInReturned,
    Surroundings,
)

LOGIN = "https://login.microsoftonline.com"
PLACEHOLDER = "{tenantid}"
ISSUER = f"{LOGIN}/{PLACEHOLDER}/v2.0"
"""What the documents of ``common`` and ``organizations`` call their issuer: the directory is told by the ID token."""
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The directory of personal accounts."""
YES = frozenset({"1", "true"})
"""How ``xms_edov`` says that the owner of an address's domain is known; it has been a number, a text and a boolean."""


class EntraProvider(OpenIdFrames):
    """Entra ID, as it is called once."""

    FRAMES_NAME_ISSUER: ClassVar[bool] = False

    def __init__(self, settings: EntraIdSettings, around: Surroundings) -> None:
        client = Client(settings.client_id, settings.client_secret, settings.scopes)
        super().__init__(client, f"{LOGIN}/{settings.directory or settings.tenant.value}/v2.0", around)
        self._settings = settings

    async def _metadata(self) -> Metadata:
        """The document of the directory, or of all of them. Userinfo has nothing that the ID token has not."""
        found = read_metadata(await self._document(self._issuer))
        if not self._is_own(found.issuer):
            raise IdpMalformed("discovery_issuer")
        return replace(found, userinfo_endpoint="")

    def _is_own(self, issuer: str) -> bool:
        settings = self._settings
        if settings.tenant is EntraTenant.CONSUMERS:
            return issuer == issuer_of(PERSONAL)
        if not settings.directory:
            return issuer == ISSUER
        named = re.fullmatch(DIRECTORY_ID, settings.directory.lower())
        return issuer == issuer_of(settings.directory.lower()) if named else directory_of(issuer) != ""

    def _is_issuer(self, found: Metadata, issuer: JsonValue) -> bool:
        if found.issuer != ISSUER:
            return super()._is_issuer(found, issuer)
        return isinstance(issuer, str) and directory_of(issuer) != ""

    async def _by_a_key(
        self, token: str, keys: Sequence[Claims], algorithms: Sequence[str], type_: str
    ) -> Claims | None:
        """A key is good for the issuer that the key set names beside it, and no other."""
        for issuer in dict.fromkeys(str(key.get("issuer", "")) for key in keys):
            fitting = [key for key in keys if str(key.get("issuer", "")) == issuer]
            claims = await super()._by_a_key(token, fitting, algorithms, type_)
            if claims is not None:
                signed = issuer.replace(PLACEHOLDER, str(claims.get("tid")))
                return claims if not issuer or signed == claims.get("iss") else None
        return None

    def _judge(self, found: Metadata, claims: Claims, nonce: str | None) -> None:
        super()._judge(found, claims, nonce)
        directory, settings = claims.get("tid"), self._settings
        if not isinstance(directory, str) or claims.get("iss") != issuer_of(directory):
            raise IdpMalformed("id_token_tid")
        if not isinstance(claims.get("oid"), str):
            raise IdpMalformed("id_token_oid")
        if settings.tenant is EntraTenant.ORGANIZATIONS and directory == PERSONAL:
            raise IdpRefused("directory")
        if settings.allowed_directories and directory not in settings.allowed_directories:
            raise IdpRefused("directory")

    def _identity(self, told: Claims, _returned: SignInReturned) -> Identity:
        owned = told.get("xms_edov")
        verified = self._settings.email_verified if owned is None else str(owned).lower() in YES
        if str(told.get("hasgroups")).lower() in YES:  # as it says in some tokens what ``_claim_names`` says in others
            told = {**told, "_claim_names": {"groups": "elsewhere"}}
        return identity_of(told, f"{told['tid']}/{told['oid']}", email_verified=verified)


def issuer_of(directory: str) -> str:
    """The issuer of a directory's ID tokens."""
    return ISSUER.replace(PLACEHOLDER, directory)


def directory_of(issuer: str) -> str:
    """The id of the directory whose issuer it is; empty for what is none."""
    found = re.fullmatch(f"{re.escape(LOGIN)}/({DIRECTORY_ID})/v2[.]0", issuer)
    return found[1] if found else ""


class EntraIdentityProviders:
    """The plugin."""

    name = "idp_entra"

    @hookimpl
    def hexkeep_identity_providers(self) -> Iterable[IdpOffer[Any]]:
        """Entra ID: one directory, several, or personal accounts."""
        roles = frozenset({RedirectProvider, FrontChannelLogoutProvider})
        return offered(IdpOffer(ENTRA_ID, EntraIdSettings, EntraProvider, roles))
