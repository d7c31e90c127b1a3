"""The other side of OpenID Connect, for ``hexkeep.testing.idp``: an OpenID provider in memory that can misbehave."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import JsonValue

from hexkeep.adapters.joserfc.jose import JoserfcJose
from hexkeep.core.kernel.ask import KeyPair
from hexkeep.ports.clock import Clock
from hexkeep.ports.outbound import OutboundFailed, WebRequest, WebResponse
from hexkeep.testing.idp import Account, Misbehaviour, Unreached

ISSUER = "https://login.example.net"
CLIENT_ID = "hexkeep"
CLIENT_SECRET = "the secret of a client, long enough for a MAC"


@dataclass(slots=True)
class _Grant:
    """What a code stands for."""

    account: Account
    nonce: str
    challenge: str
    redirect_uri: str


@dataclass
class OidcUpstream(Unreached):
    """An OpenID provider with one client. ``claims`` are added to what it tells of everybody."""

    clock: Clock
    issuer: str = ISSUER
    claims: dict[str, JsonValue] = field(default_factory=dict)
    supported: tuple[str, ...] = ("ES256",)
    requests: list[WebRequest] = field(default_factory=list)
    """What it was asked for over HTTP."""
    _how: Misbehaviour | None = None
    _grants: dict[str, _Grant] = field(default_factory=dict)
    _tokens: dict[str, Account] = field(default_factory=dict)
    _keys: list[KeyPair] = field(default_factory=list)
    _jose: JoserfcJose = field(default_factory=JoserfcJose)

    async def sign_in(self, url: str, account: Account) -> Mapping[str, str]:
        """OIDC Core section 3.1.2.5: a code, and whose it is (RFC 9207)."""
        asked = self._asked(url)
        code = secrets.token_urlsafe(16)
        self._grants[code] = _Grant(account, asked["nonce"], asked.get("code_challenge", ""), asked["redirect_uri"])
        wrong = self._how is Misbehaviour.OTHER_RESPONSE_ISSUER
        return {"code": code, "state": asked["state"], "iss": "https://other.example.net" if wrong else self.issuer}

    async def cancel(self, url: str) -> Mapping[str, str]:
        """OIDC Core section 3.1.2.6."""
        return {"error": "access_denied", "state": self._asked(url)["state"], "iss": self.issuer}

    def misbehave(self, how: Misbehaviour | None) -> None:
        """From now on it does this wrong."""
        self._how = how

    def rotate(self) -> None:
        """It signs with another key from now on, and publishes that one alone."""
        self._keys.clear()

    async def send(self, request: WebRequest) -> WebResponse:
        """What it answers."""
        self.requests.append(request)
        path = request.url.removeprefix(self.issuer)
        if path == request.url or (self._how is Misbehaviour.UNREACHABLE and path == "/token"):
            raise OutboundFailed("unreachable")
        match request.method, path:
            case "GET", "/.well-known/openid-configuration":
                return _json(request, self._metadata())
            case "GET", "/keys":
                return _json(request, {"keys": [dict((await self._key()).public)]})
            case "POST", "/token":
                return await self._token(request)
            case "GET", "/userinfo":
                return self._userinfo(request)
        return _json(request, {"error": "not_found"}, 404)

    def _asked(self, url: str) -> dict[str, str]:
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query, strict_parsing=True))
        assert url.startswith(f"{self.issuer}/authorize?")
        assert (asked["client_id"], asked["response_type"]) == (CLIENT_ID, "code")
        assert "openid" in asked["scope"].split()
        assert asked.get("code_challenge_method", "S256") == "S256"
        return asked

    def _metadata(self) -> dict[str, JsonValue]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": [*self.supported],
            "authorization_response_iss_parameter_supported": True,
        }

    async def _key(self) -> KeyPair:
        if not self._keys:
            self._keys.append(await self._jose.new_key("ES256"))
        return self._keys[0]

    async def _token(self, request: WebRequest) -> WebResponse:
        if self._how is Misbehaviour.FAILS:
            return _json(request, {}, 503)
        if self._how is Misbehaviour.TOO_LARGE:
            raise OutboundFailed("too_large")
        if self._how is Misbehaviour.NO_JSON:
            return WebResponse(request.url, 200, {}, b"<html>")
        fields = dict(parse_qsl(request.body.decode()))
        grant = self._grants.pop(fields.get("code", ""), None)
        if grant is None or not _authenticated(request) or not _proven(grant, fields):
            return _json(request, {"error": "invalid_grant"}, 400)
        access_token = secrets.token_urlsafe(16)
        self._tokens[access_token] = grant.account
        tokens: dict[str, JsonValue] = {
            "access_token": access_token,
            "token_type": "Bearer",
            "id_token": await self._id_token(grant),
        }
        return _json(request, tokens)

    async def _id_token(self, grant: _Grant) -> str:
        now = int(self.clock.now().timestamp())
        claims: dict[str, JsonValue] = {
            "iss": self.issuer,
            "sub": grant.account.external_id,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": grant.nonce,
            **self._wrong(now),
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        if self._how is Misbehaviour.UNSIGNED:
            return f"{_part({'alg': 'none'})}.{_part(claims)}."
        if self._how is Misbehaviour.SIGNED_WITH_SECRET:
            return _maced(claims)
        foreign = self._how is Misbehaviour.FOREIGN_SIGNATURE
        key = await self._jose.new_key("ES256") if foreign else await self._key()
        return await self._jose.sign(key.private, "", claims)

    def _wrong(self, now: int) -> dict[str, JsonValue]:
        match self._how:
            case Misbehaviour.WRONG_AUDIENCE:
                return {"aud": "somebody else"}
            case Misbehaviour.WRONG_PARTY:
                return {"aud": [CLIENT_ID, "somebody else"], "azp": "somebody else"}
            case Misbehaviour.WRONG_ISSUER:
                return {"iss": f"{self.issuer}.example.org"}
            case Misbehaviour.WRONG_NONCE | Misbehaviour.NO_NONCE:
                return {"nonce": "another" if self._how is Misbehaviour.WRONG_NONCE else None}
            case Misbehaviour.EXPIRED:
                return {"exp": now - 120, "iat": now - 300}
            case Misbehaviour.STALE | Misbehaviour.ISSUED_LATER:
                return {"iat": now - 3600 if self._how is Misbehaviour.STALE else now + 3600}
            case Misbehaviour.NO_SUBJECT:
                return {"sub": None}
        return {}

    def _userinfo(self, request: WebRequest) -> WebResponse:
        account = self._tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if account is None:
            return _json(request, {"error": "invalid_token"}, 401)
        told: dict[str, JsonValue] = {
            "sub": "somebody else" if self._how is Misbehaviour.OTHER_SUBJECT else account.external_id,
            "preferred_username": account.user_name,
            "given_name": account.given_name,
            "family_name": account.family_name,
            "email": account.email,
            "email_verified": account.email_verified,
            **self.claims,
        }
        return _json(request, told)


def _authenticated(request: WebRequest) -> bool:
    """RFC 6749 section 2.3.1."""
    pair = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
    client_id, _, secret = pair.partition(":")
    return (unquote(client_id), unquote(secret)) == (CLIENT_ID, CLIENT_SECRET)


def _proven(grant: _Grant, fields: Mapping[str, str]) -> bool:
    """RFC 7636 section 4.6, and the redirect URI of the request."""
    digest = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return grant.challenge in {"", challenge} and fields.get("redirect_uri") == grant.redirect_uri


def _maced(claims: Mapping[str, JsonValue]) -> str:
    signed = f"{_part({'alg': 'HS256'})}.{_part(claims)}"
    return f"{signed}.{_text(hmac.digest(CLIENT_SECRET.encode(), signed.encode(), 'sha256'))}"


def _part(content: Mapping[str, JsonValue]) -> str:
    return _text(json.dumps(content).encode())


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _json(request: WebRequest, content: Mapping[str, JsonValue], status: int = 200) -> WebResponse:
    return WebResponse(request.url, status, {"content-type": "application/json"}, json.dumps(content).encode())
