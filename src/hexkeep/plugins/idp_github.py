"""Sign-in by GitHub, and by a GitHub Enterprise Server of one's own: OAuth 2.0, where the API tells who it is.

https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps. An address is taken from the list
of addresses, where GitHub says which is the primary one and whether it is verified; the one of the profile is whatever
the person shows to others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import JsonValue

from hexkeep.core.idp.catalog import GITHUB, GITHUB_ENTERPRISE
from hexkeep.core.idp.templates import GitHubEnterpriseSettings, GitHubSettings
from hexkeep.plugins import oauth_client
from hexkeep.plugins.idp_oauth import external_id
from hexkeep.plugins.oauth_client import POST, Claims, Client, TokenEndpoint, offered
from hexkeep.ports.hooks import hookimpl
from hexkeep.ports.idp import (
    Begun,
    Identity,
    IdpMalformed,
    IdpOffer,
    RedirectProvider,
    SignInAsked,
    SignInReturned,
    Surroundings,
)

ACCEPT = "application/vnd.github+json"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the pages and the API of a GitHub are."""

    pages: str
    api: str


GITHUB_COM = Places("https://github.com", "https://api.github.com")


class GitHubProvider:
    """A GitHub, as it is called once."""

    def __init__(self, settings: GitHubSettings, around: Surroundings, places: Places = GITHUB_COM) -> None:
        self._client = Client(settings.client_id, settings.client_secret, settings.scopes)
        self._around = around
        self._places = places

    async def begin(self, asked: SignInAsked) -> Begun:
        """The authorization request; ``login`` is the account that is suggested."""
        oauth_client.insist_on_no_age(asked)
        endpoint = f"{self._places.pages}/login/oauth/authorize"
        return oauth_client.begun(self._client, endpoint, asked, self._around, login=asked.login_hint)

    async def finish(self, returned: SignInReturned) -> Identity:
        """The token for the code, the user whose it is, and which of the addresses is the primary one."""
        code = oauth_client.code_of(returned.parameters)
        endpoint = TokenEndpoint(f"{self._places.pages}/login/oauth/access_token", POST)
        tokens = await oauth_client.redeemed(self._client, endpoint, returned, code, self._around)
        response = await oauth_client.told(f"{self._places.api}/user", tokens, self._around, accept=ACCEPT)
        user = oauth_client.json_object(response, "user")
        address, verified = await self._primary(tokens)
        names = {"user_name": "login", "display_name": "name", "picture": "avatar_url", "email": "email"}
        fields: dict[str, Any] = {field: user.get(name) for field, name in names.items()}
        fields |= {"email": address, "email_verified": verified} if address else {}
        try:
            return Identity(external_id=external_id(user.get("id")), claims=dict(user), **fields)
        except ValueError:
            raise IdpMalformed("user_id") from None

    async def _primary(self, tokens: Claims) -> tuple[str, bool]:
        """The primary address and whether it is verified; none where ``user:email`` was not granted."""
        url = f"{self._places.api}/user/emails?per_page=100"
        response = await oauth_client.told(url, tokens, self._around, accept=ACCEPT)
        if response.status in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
            return "", False
        listed = oauth_client.json_value(response, "emails")
        return next(filter(None, map(_address, listed)), ("", False)) if isinstance(listed, list) else ("", False)


class GitHubEnterpriseProvider(GitHubProvider):
    """A GitHub Enterprise Server: its API is below its own address."""

    def __init__(self, settings: GitHubEnterpriseSettings, around: Surroundings) -> None:
        base = settings.base_url.rstrip("/")
        super().__init__(settings, around, Places(base, f"{base}/api/v3"))


def _address(entry: JsonValue) -> tuple[str, bool] | None:
    """An address of the list, if it is the primary one."""
    if not isinstance(entry, dict) or entry.get("primary") is not True:
        return None
    address = entry.get("email")
    return (address, entry.get("verified") is True) if isinstance(address, str) else None


class GitHubIdentityProviders:
    """The plugin."""

    name = "idp_github"

    @hookimpl
    def hexkeep_identity_providers(self) -> Iterable[IdpOffer[Any]]:
        """GitHub itself, and a server of one's own."""
        roles = frozenset({RedirectProvider})
        return offered(
            IdpOffer(GITHUB, GitHubSettings, GitHubProvider, roles),
            IdpOffer(GITHUB_ENTERPRISE, GitHubEnterpriseSettings, GitHubEnterpriseProvider, roles),
        )
