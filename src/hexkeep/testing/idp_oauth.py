"""The other side of OAuth 2.0, for ``hexkeep.testing.idp``: an authorization server in memory that can misbehave."""

import base64
import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import JsonValue

from hexkeep.ports.clock import Clock
from hexkeep.ports.outbound import OutboundFailed, WebRequest, WebResponse
from hexkeep.testing.idp import Account, Misbehaviour, Unreached

ISSUER = "https://login.example.net"
CLIENT_ID = "hexkeep"
CLIENT_SECRET = "the secret of a client, long enough for a MAC"
SIGNS_NOTHING = frozenset(
    {
        Misbehaviour.WRONG_AUDIENCE,
        Misbehaviour.WRONG_PARTY,
        Misbehaviour.WRONG_ISSUER,
        Misbehaviour.WRONG_NONCE,
        Misbehaviour.NO_NONCE,
        Misbehaviour.UNSIGNED,
        Misbehaviour.FOREIGN_SIGNATURE,
        Misbehaviour.SIGNED_WITH_SECRET,
        Misbehaviour.EXPIRED,
        Misbehaviour.STALE,
        Misbehaviour.ISSUED_LATER,
        Misbehaviour.OTHER_SUBJECT,
    }
)
"""What a server of OAuth 2.0 cannot do wrong: it signs nothing, and tells of one subject alone."""
Handler = Callable[[WebRequest], Awaitable[WebResponse]]


@dataclass(slots=True)
class Grant:
    """What a code stands for."""

    account: Account
    challenge: str
    redirect_uri: str
    nonce: str = ""


@dataclass
class OAuthUpstream(Unreached):
    """An authorization server with one client. ``claims`` are added to what it tells of everybody.

    Another kind of server has other paths, or other answers of ``places``.
    """

    clock: Clock
    issuer: str = ISSUER
    claims: dict[str, JsonValue] = field(default_factory=dict)
    requests: list[WebRequest] = field(default_factory=list)
    """What it was asked for over HTTP."""
    how: Misbehaviour | None = None
    """What it does wrong."""
    grants: dict[str, Grant] = field(default_factory=dict)
    tokens: dict[str, Account] = field(default_factory=dict)

    AUTHORIZE: ClassVar[str] = "/authorize"
    TOKEN: ClassVar[str] = "/token"
    USERINFO: ClassVar[str] = "/userinfo"
    NAMES_ISSUER: ClassVar[bool] = True
    """Whether its responses say whose they are (RFC 9207)."""

    async def sign_in(self, url: str, account: Account) -> Mapping[str, str]:
        """RFC 6749 section 4.1.2: a code, and whose it is."""
        asked = self.asked(url)
        code = secrets.token_urlsafe(16)
        challenge = asked.get("code_challenge", "")
        self.grants[code] = Grant(account, challenge, asked["redirect_uri"], asked.get("nonce", ""))
        wrong = self.how is Misbehaviour.OTHER_RESPONSE_ISSUER
        issuer = "https://other.example.net" if wrong else self.issuer
        return {"code": code, "state": asked["state"], **({"iss": issuer} if wrong or self.NAMES_ISSUER else {})}

    async def cancel(self, url: str) -> Mapping[str, str]:
        """RFC 6749 section 4.1.2.1."""
        issuer = {"iss": self.issuer} if self.NAMES_ISSUER else {}
        return {"error": "access_denied", "state": self.asked(url)["state"], **issuer}

    def misbehave(self, how: Misbehaviour | None) -> None:
        """From now on it does this wrong."""
        self.how = how

    async def send(self, request: WebRequest) -> WebResponse:
        """What it answers."""
        self.requests.append(request)
        asked = f"{request.method} {request.url.partition('?')[0]}"
        if asked in self.failing():
            if self.how is Misbehaviour.UNREACHABLE:
                raise OutboundFailed("unreachable")
            if self.how is Misbehaviour.TOO_LARGE:
                raise OutboundFailed("too_large")
            if self.how is Misbehaviour.FAILS:
                return answer(request, {}, 503)
            if self.how is Misbehaviour.NO_JSON:
                return WebResponse(request.url, 200, {}, b"<html>")
        handler = self.places().get(asked)
        if handler is None:
            raise OutboundFailed("unreachable")
        return await handler(request)

    def failing(self) -> frozenset[str]:
        """Which of its places fail when it does."""
        return frozenset({f"POST {self.issuer}{self.TOKEN}"})

    def places(self) -> Mapping[str, Handler]:
        """What answers to a method and a URL without its query."""
        return {
            f"POST {self.issuer}{self.TOKEN}": self._token,
            f"GET {self.issuer}{self.USERINFO}": self._userinfo,
        }

    def asked(self, url: str) -> dict[str, str]:
        """The authorization request behind a URL, if it is one for this server."""
        assert url.startswith(f"{self.issuer}{self.AUTHORIZE}?")
        asked = self.parameters(urlsplit(url).query)
        assert (asked["client_id"], asked["response_type"]) == (CLIENT_ID, "code")
        assert asked.get("code_challenge_method", "S256") == "S256"
        return asked

    def parameters(self, query: str) -> dict[str, str]:
        """What counts of what the browser carries."""
        return dict(parse_qsl(query, strict_parsing=True))

    async def about(self, account: Account) -> dict[str, JsonValue]:
        """What userinfo tells of an account."""
        return {
            "id": account.external_id,
            "preferred_username": account.user_name,
            "given_name": account.given_name,
            "family_name": account.family_name,
            "email": account.email,
            "email_verified": account.email_verified,
        }

    async def issued(self, grant: Grant) -> dict[str, JsonValue]:
        """What the token endpoint answers to a good request."""
        access_token = secrets.token_urlsafe(16)
        self.tokens[access_token] = grant.account
        return {"access_token": access_token, "token_type": "Bearer", "expires_in": 30}

    def authenticated(self, request: WebRequest, fields: Mapping[str, str]) -> bool:
        """RFC 6749 section 2.3.1: in the header, and not besides in the body."""
        pair = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
        client_id, _, secret = pair.partition(":")
        return (unquote(client_id), unquote(secret)) == (CLIENT_ID, CLIENT_SECRET) and "client_secret" not in fields

    def of_token(self, request: WebRequest) -> Account | None:
        """Whose access token came with a request."""
        return self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))

    async def _token(self, request: WebRequest) -> WebResponse:
        fields = dict(parse_qsl(request.body.decode()))
        grant = self.grants.pop(fields.get("code", ""), None)
        if grant is None or not self.authenticated(request, fields) or not _proven(grant, fields):
            return self.refusal(request)
        return answer(request, await self.issued(grant))

    def refusal(self, request: WebRequest) -> WebResponse:
        """RFC 6749 section 5.2."""
        return answer(request, {"error": "invalid_grant", "error_description": "said by a stranger"}, 400)

    async def _userinfo(self, request: WebRequest) -> WebResponse:
        account = self.of_token(request)
        if account is None:
            return answer(request, {"error": "invalid_token"}, 401)
        told = {**await self.about(account), **self.claims}
        if self.how is Misbehaviour.NO_SUBJECT:
            told = {name: value for name, value in told.items() if name not in {"id", "sub"}}
        return answer(request, told)


@dataclass
class GitHubUpstream(OAuthUpstream):
    """A GitHub Enterprise Server, or GitHub itself. ``addresses`` are listed beside the account's own, primary one."""

    issuer: str = "https://github.com"
    api: str = "https://api.github.com"
    addresses: list[JsonValue] = field(default_factory=list)
    lists_addresses: bool = True

    AUTHORIZE: ClassVar[str] = "/login/oauth/authorize"
    TOKEN: ClassVar[str] = "/login/oauth/access_token"
    NAMES_ISSUER: ClassVar[bool] = False

    def places(self) -> Mapping[str, Handler]:
        """The API has a place of its own."""
        return {
            f"POST {self.issuer}{self.TOKEN}": self._token,
            f"GET {self.api}/user": self._userinfo,
            f"GET {self.api}/user/emails": self._emails,
        }

    async def about(self, account: Account) -> dict[str, JsonValue]:
        """What the API tells of a user."""
        number = int(account.external_id.rpartition("-")[2])
        return {"id": number, "login": account.user_name, "name": account.given_name, "email": "shown@example.net"}

    def authenticated(self, request: WebRequest, fields: Mapping[str, str]) -> bool:
        """Both stand in the body."""
        return (fields.get("client_id"), fields.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)

    def refusal(self, request: WebRequest) -> WebResponse:
        """GitHub answers errors with 200."""
        return answer(request, {"error": "bad_verification_code", "error_description": "said by a stranger"})

    async def _emails(self, request: WebRequest) -> WebResponse:
        account = self.of_token(request)
        if account is None or not self.lists_addresses:
            return answer(request, {"message": "Not Found"}, 404)
        own = {"email": account.email, "verified": account.email_verified, "primary": True}
        return WebResponse(request.url, 200, {}, json.dumps([*self.addresses, own]).encode())


def answer(request: WebRequest, content: Mapping[str, JsonValue], status: int = 200) -> WebResponse:
    """An answer in JSON."""
    return WebResponse(request.url, status, {"content-type": "application/json"}, json.dumps(content).encode())


def _proven(grant: Grant, fields: Mapping[str, str]) -> bool:
    """RFC 7636 section 4.6, and the redirect URI of the request."""
    digest = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return grant.challenge in {"", challenge} and fields.get("redirect_uri") == grant.redirect_uri
