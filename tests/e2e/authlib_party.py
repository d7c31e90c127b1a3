"""Authlib's asynchronous client as a relying party: OpenID Connect, code flow with PKCE (S256)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from authlib.integrations.base_client import BaseApp
from authlib.integrations.base_client.async_app import AsyncOAuth2Mixin
from authlib.integrations.base_client.async_openid import AsyncOpenIDMixin
from authlib.integrations.httpx_client import AsyncOAuth2Client

from tests.e2e.rest import Credentials
from tests.e2e.server import HexkeepServer

DISCOVERY = "/.well-known/openid-configuration"
Token = dict[str, Any]
SECRET_MEMBERS = ("access_token", "refresh_token", "id_token")


class App(AsyncOAuth2Mixin, AsyncOpenIDMixin, BaseApp):
    """What Authlib's integrations of web frameworks are made of, without a framework."""

    client_cls = AsyncOAuth2Client


class Party:
    """An application's side of the flow. Every secret it comes to know is noted with the server."""

    def __init__(self, server: HexkeepServer, credentials: Credentials, redirect_uri: str, scope: str) -> None:
        self.app = App(
            framework=None,
            client_id=credentials.client_id,
            client_secret=credentials.client_secret or None,
            server_metadata_url=server.origin + DISCOVERY,
            client_kwargs={"scope": scope, "code_challenge_method": "S256", "trust_env": False},
        )
        self._server = server
        self._credentials = credentials
        self._redirect_uri = redirect_uri
        self._asked: dict[str, str] = {}

    async def metadata(self) -> dict[str, Any]:
        """The provider's metadata, found by discovery."""
        return dict(await self.app.load_server_metadata())

    async def begin(self, **parameters: str) -> str:
        """Where the browser has to go to sign somebody in."""
        self._asked = await self.app.create_authorization_url(self._redirect_uri, **parameters)
        self._server.secrets.add(self._asked["code_verifier"])
        return self._asked["url"]

    async def redeem(self, visited: str, **changed: str) -> Token:
        """The tokens for what the browser came back with; Authlib holds the state against the one it made."""
        self._server.secrets |= set(query_of(visited).get("code", ()))
        verifier = {"code_verifier": self._asked["code_verifier"], **changed}
        fetch: Callable[..., Awaitable[Token]] = self.app.fetch_access_token  # its stub has no types
        token = await fetch(self._redirect_uri, authorization_response=visited, state=self._asked["state"], **verifier)
        return self._noted(token)

    async def claims(self, token: Token) -> dict[str, Any]:
        """The ID token's claims, once Authlib has verified signature, issuer, audience, nonce, times and at_hash."""
        return dict(await self.app.parse_id_token(token, self._asked["nonce"]))

    async def userinfo(self, token: Token) -> dict[str, Any]:
        """What the userinfo endpoint tells; raises ``HTTPStatusError``."""
        return dict(await self.app.userinfo(token=token))

    async def refresh(self, token: Token) -> Token:
        """New tokens for the refresh token; raises ``OAuthError``."""
        async with self.session() as session:
            refreshed = await session.refresh_token(
                (await self.metadata())["token_endpoint"], refresh_token=token["refresh_token"]
            )
        return self._noted(refreshed)

    async def logout(self, token: Token, back: str, state: str) -> str:
        """Where the browser has to go to sign out."""
        made = await self.app.create_logout_url(
            post_logout_redirect_uri=back, id_token_hint=token["id_token"], state=state
        )
        return str(made["url"])

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncOAuth2Client]:
        """A client of its own for the token endpoint."""
        async with AsyncOAuth2Client(
            self._credentials.client_id, self._credentials.client_secret or None, trust_env=False
        ) as session:
            yield session

    def _noted(self, token: Token) -> Token:
        self._server.secrets |= {token[name] for name in SECRET_MEMBERS if token.get(name)}
        return dict(token)


async def came_back(party: Party, session_token: str) -> str:
    """Where the browser of somebody with a session ends up: single sign-on, without a page."""
    url = await party.begin()
    async with httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(url, headers={"cookie": f"__Host-hexkeep-session={session_token}"})
    return str(answer.headers["location"])


def query_of(url: str) -> dict[str, list[str]]:
    """The parameters of a URL's query."""
    return parse_qs(urlsplit(url).query, keep_blank_values=True)
