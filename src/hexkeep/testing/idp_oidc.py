"""The other side of OpenID Connect, for ``hexkeep.testing.idp``: an OpenID provider in memory that can misbehave."""

import base64
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from pydantic import JsonValue

from hexkeep.adapters.joserfc.jose import JoserfcJose
from hexkeep.core.kernel.ask import KeyPair
from hexkeep.ports.idp import Identity
from hexkeep.ports.outbound import OutboundFailed, WebRequest, WebResponse
from hexkeep.testing.idp import Account, Misbehaviour
from hexkeep.testing.idp_oauth import CLIENT_ID, CLIENT_SECRET, ISSUER, Grant, Handler, OAuthUpstream, answer

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "ISSUER", "OidcUpstream", "Pushed", "RequestUnknown", "Signer"]

PUSHED_HOLDS = timedelta(seconds=60)
"""How long a pushed request is good."""


@dataclass
class Signer:
    """Who signs tokens, as well or as ill as it is told to."""

    algorithm: str = "ES256"
    jose: JoserfcJose = field(default_factory=JoserfcJose)
    _keys: list[KeyPair] = field(default_factory=list)

    def rotate(self) -> None:
        """It signs with another key from now on, and publishes that one alone."""
        self._keys.clear()

    async def key(self) -> KeyPair:
        """The key that it signs with."""
        if not self._keys:
            self._keys.append(await self.jose.new_key(self.algorithm))
        return self._keys[0]

    async def jwks(self) -> dict[str, JsonValue]:
        """Its keys as it publishes them."""
        return {"keys": [dict((await self.key()).public)]}

    async def signed(self, claims: Mapping[str, JsonValue], how: Misbehaviour | None, type_: str = "") -> str:
        """A token of a type; claims that are ``None`` are left out."""
        told = {name: value for name, value in claims.items() if value is not None}
        typed: dict[str, JsonValue] = {"typ": type_} if type_ else {}
        if how is Misbehaviour.UNSIGNED:
            return f"{_part({'alg': 'none', **typed})}.{_part(told)}."
        if how is Misbehaviour.SIGNED_WITH_SECRET:
            return _maced(told, typed)
        foreign = how is Misbehaviour.FOREIGN_SIGNATURE
        key = await self.jose.new_key(self.algorithm) if foreign else await self.key()
        return await self.jose.sign(key.private, type_, told)


def wrong_claims(how: Misbehaviour | None, issuer: str, now: int) -> dict[str, JsonValue]:
    """What stands in a token instead of what should."""
    match how:
        case Misbehaviour.WRONG_AUDIENCE:
            return {"aud": "somebody else"}
        case Misbehaviour.WRONG_PARTY:
            return {"aud": [CLIENT_ID, "somebody else"], "azp": "somebody else"}
        case Misbehaviour.WRONG_ISSUER:
            return {"iss": f"{issuer}.example.org"}
        case Misbehaviour.WRONG_NONCE | Misbehaviour.NO_NONCE:
            return {"nonce": "another" if how is Misbehaviour.WRONG_NONCE else None}
        case Misbehaviour.EXPIRED:
            return {"exp": now - 120, "iat": now - 300}
        case Misbehaviour.STALE | Misbehaviour.ISSUED_LATER:
            return {"iat": now - 3600 if how is Misbehaviour.STALE else now + 3600}
        case Misbehaviour.NO_SUBJECT:
            return {"sub": None}
    return {}


@dataclass(slots=True)
class Pushed:
    """A request that a client has pushed (RFC 9126): good for somebody, once, until it is over."""

    parameters: dict[str, str]
    until: datetime
    used: bool = False


class RequestUnknown(AssertionError):
    """The person is shown that there is no such request: nobody has pushed it, it is over, or it was used."""


@dataclass
class OidcUpstream(OAuthUpstream):
    """An OpenID provider with one client. ``claims`` are added to what it tells of everybody.

    ``in_id_token`` are added to every ID token; a provider without userinfo puts all that it knows there. With
    ``pushes`` it has requests pushed (RFC 9126), and with ``requires_pushed`` it takes no others.
    """

    supported: tuple[str, ...] = ("ES256",)
    in_id_token: dict[str, JsonValue] = field(default_factory=dict)
    signer: Signer = field(default_factory=Signer)
    pushes: bool = False
    requires_pushed: bool = False
    pushed: dict[str, Pushed] = field(default_factory=dict)
    """What was pushed, by what it is called."""

    PUSH: ClassVar[str] = "/pushed"
    KEYS: ClassVar[str] = "/keys"
    LOGOUT: ClassVar[str] = "/logout"
    REVOKE: ClassVar[str] = "/revoke"
    DISCOVERY: ClassVar[str] = "/.well-known/openid-configuration"
    HAS_USERINFO: ClassVar[bool] = True

    accounts: dict[str, Account] = field(default_factory=dict)
    """What it knows of the accounts that have signed in, by their ids."""
    refreshing: dict[str, str] = field(default_factory=dict)
    """Whose refresh tokens are good, once."""
    sessions: dict[str, str] = field(default_factory=dict)
    """The last session of each account."""

    async def sign_in(self, url: str, account: Account) -> Mapping[str, str]:
        """The account is there from now on, in a new session."""
        self._use(url)
        self.change(account)
        self.sessions[account.external_id] = secrets.token_urlsafe(16)
        return await super().sign_in(url, account)

    async def end(self, external_id: str, *, whole: bool = False) -> Mapping[str, str]:
        """Back-Channel Logout sections 2.4 and 2.5."""
        sid = None if whole else self.sessions.get(external_id, "none")
        return {"logout_token": await self.logout_token({"sub": external_id, "sid": sid})}

    def frame(self, external_id: str) -> Mapping[str, str]:
        """Front-Channel Logout section 2."""
        other = f"{self.issuer}.example.org" if self.how is Misbehaviour.WRONG_ISSUER else self.issuer
        return {"iss": other, "sid": self.sessions.get(external_id, "none")}

    async def mistaken(self, external_id: str) -> Mapping[str, str]:
        """An ID token without a nonce, as they come with refreshed tokens."""
        return {"logout_token": await self.id_token(Grant(Account(external_id), "", ""))}

    async def logout_token(self, claims: Mapping[str, JsonValue], type_: str = "logout+jwt") -> str:
        """Back-Channel Logout section 2.4, with these claims: those that are ``None`` are left out."""
        now = int(self.clock.now().timestamp())
        told: dict[str, JsonValue] = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_urlsafe(16),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            **claims,
            **wrong_claims(self.how, self.issuer, now),
            **({"sid": None} if self.how is Misbehaviour.NO_SUBJECT else {}),
        }
        return await self.signer.signed(told, self.how, type_)

    async def sign_out(self, url: str) -> Mapping[str, str]:
        """RP-Initiated Logout sections 2 and 3, for whoever an ID token of its own names."""
        asked = dict(parse_qsl(urlsplit(url).query, strict_parsing=True))
        assert url.startswith(f"{self.issuer}{self.LOGOUT}?")
        keys = [dict((await self.signer.key()).public)]
        assert await self.signer.jose.verify(asked["id_token_hint"], keys, "", ("ES256",)) is not None
        assert asked["post_logout_redirect_uri"]
        return {"state": asked["state"]} if "state" in asked else {}

    def signed_in_at(self, moment: datetime) -> None:
        """OIDC Core section 2, ``auth_time``."""
        self.in_id_token["auth_time"] = int(moment.timestamp())

    def wants_new_sign_in(self, url: str) -> bool:
        """OIDC Core section 3.1.2.1."""
        return "login" in self.asked(url).get("prompt", "").split()

    def change(self, account: Account) -> None:
        """What it tells of the account from now on."""
        self.accounts[account.external_id] = account

    def remove(self, external_id: str) -> None:
        """From now on there is none."""
        del self.accounts[external_id]

    def rotate(self) -> None:
        """It signs with another key from now on, and publishes that one alone."""
        self.signer.rotate()

    def of_token(self, request: WebRequest) -> Account | None:
        """As it is by now, if it still is."""
        account = super().of_token(request)
        return self.accounts.get(account.external_id) if account else None

    def holds(self, identity: Identity) -> bool:
        """Whether the refresh token is good that came with a sign-in."""
        return json.loads(identity.session)["refresh_token"] in self.refreshing

    async def cancel(self, url: str) -> Mapping[str, str]:
        """RFC 6749 section 4.1.2.1; that is what a pushed request was for as well."""
        self._use(url)
        return await super().cancel(url)

    def _use(self, url: str) -> None:
        """RFC 9126 section 4: a request that was pushed is good once."""
        found = self._found(urlsplit(url).query)
        if found is not None:
            if found.used:
                raise RequestUnknown("it was used")
            found.used = True

    def _found(self, query: str) -> Pushed | None:
        """The pushed request that a browser names, if it names one."""
        carried = dict(parse_qsl(query))
        found = self.pushed.get(carried.get("request_uri", ""))
        if "request_uri" in carried and (found is None or found.until <= self.clock.now()):
            raise RequestUnknown("nobody has pushed it, or it is over")
        if found is None and self.requires_pushed:
            raise RequestUnknown("requests have to be pushed")
        if found is not None and carried.get("client_id") != found.parameters["client_id"]:
            raise RequestUnknown("another client has pushed it")
        return found

    def parameters(self, query: str) -> dict[str, str]:
        """RFC 9126 section 4: of a request that was pushed nothing counts that the browser carries besides."""
        found = self._found(query)
        return super().parameters(query) if found is None else found.parameters

    def failing(self) -> frozenset[str]:
        """Where requests are pushed to as well."""
        return super().failing() | {f"POST {self.issuer}{self.PUSH}"}

    async def _push(self, request: WebRequest) -> WebResponse:
        """RFC 9126 sections 2.1 and 2.2, for what could be asked for by a browser as well."""
        pairs = parse_qsl(request.body.decode(), strict_parsing=True)
        fields = dict(pairs)
        if not self.authenticated(request, fields):
            return answer(request, {"error": "invalid_client", "error_description": "said by a stranger"}, 401)
        if len(pairs) != len(fields) or "request_uri" in fields or fields.get("client_id") != CLIENT_ID:
            return answer(request, {"error": "invalid_request"}, 400)
        request_uri = f"urn:ietf:params:oauth:request_uri:{secrets.token_urlsafe(16)}"
        self.pushed[request_uri] = Pushed(fields, self.clock.now() + PUSHED_HOLDS)
        told: dict[str, JsonValue] = {"request_uri": request_uri, "expires_in": int(PUSHED_HOLDS.total_seconds())}
        return answer(request, told, 201)

    def places(self) -> Mapping[str, Handler]:
        """Discovery, keys, revocation and, if there is one, the place for pushed requests as well."""
        return {
            **super().places(),
            f"GET {self.issuer}{self.DISCOVERY}": self._discovery,
            f"GET {self.issuer}{self.KEYS}": self._keys,
            f"POST {self.issuer}{self.REVOKE}": self._revoke,
            **({f"POST {self.issuer}{self.PUSH}": self._push} if self.pushes else {}),
        }

    def asked(self, url: str) -> dict[str, str]:
        """OIDC Core section 3.1.2.1: ``openid`` is among the scopes."""
        asked = super().asked(url)
        assert "openid" in asked["scope"].split()
        return asked

    def metadata(self) -> dict[str, JsonValue]:
        """What the discovery document says."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}{self.AUTHORIZE}",
            "token_endpoint": f"{self.issuer}{self.TOKEN}",
            "jwks_uri": f"{self.issuer}{self.KEYS}",
            "end_session_endpoint": f"{self.issuer}{self.LOGOUT}",
            "revocation_endpoint": f"{self.issuer}{self.REVOKE}",
            "id_token_signing_alg_values_supported": [*self.supported],
            **({"userinfo_endpoint": f"{self.issuer}{self.USERINFO}"} if self.HAS_USERINFO else {}),
            **({"authorization_response_iss_parameter_supported": True} if self.NAMES_ISSUER else {}),
            **({"pushed_authorization_request_endpoint": f"{self.issuer}{self.PUSH}"} if self.pushes else {}),
            **({"require_pushed_authorization_requests": True} if self.requires_pushed else {}),
        }

    async def about(self, account: Account) -> dict[str, JsonValue]:
        """OIDC Core section 5.1."""
        told = await super().about(account)
        del told["id"]
        other = self.how is Misbehaviour.OTHER_SUBJECT
        return {"sub": "somebody else" if other else account.external_id, **told}

    async def issued(self, grant: Grant) -> dict[str, JsonValue]:
        """OIDC Core section 3.1.3.3: an ID token as well."""
        refresh_token = secrets.token_urlsafe(16)
        self.refreshing[refresh_token] = grant.account.external_id
        more = {"refresh_token": refresh_token, "id_token": await self.id_token(grant)}
        return {**await super().issued(grant), **more}

    async def _token(self, request: WebRequest) -> WebResponse:
        """RFC 6749 section 6: a refresh token is as good as a code, once, as long as the account is there."""
        fields = dict(parse_qsl(request.body.decode()))
        account = self.accounts.get(self.refreshing.pop(fields.get("refresh_token", ""), ""))
        if account is None or not self.authenticated(request, fields):
            return await super()._token(request)
        return answer(request, await self.issued(Grant(account, "", "")))

    async def _revoke(self, request: WebRequest) -> WebResponse:
        """RFC 7009 section 2: whoever it is of, once the client is who it says; unknown tokens are no error."""
        if self.how is Misbehaviour.UNREACHABLE:
            raise OutboundFailed("unreachable")
        if self.how is Misbehaviour.FAILS:
            return answer(request, {}, 503)
        fields = dict(parse_qsl(request.body.decode()))
        if not self.authenticated(request, fields):
            return answer(request, {"error": "invalid_client"}, 401)
        assert fields["token_type_hint"] == "refresh_token"
        self.refreshing.pop(fields["token"], "")
        return WebResponse(request.url, 200, {}, b"")

    async def id_token(self, grant: Grant) -> str:
        """OIDC Core section 2."""
        now = int(self.clock.now().timestamp())
        told = {} if self.HAS_USERINFO else await self.about(grant.account)
        claims: dict[str, JsonValue] = {
            "iss": self.issuer,
            **told,
            "sub": grant.account.external_id,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": grant.nonce or None,
            "sid": self.sessions.get(grant.account.external_id),
            **self.in_id_token,
            **wrong_claims(self.how, self.issuer, now),
        }
        return await self.signer.signed(claims, self.how)

    async def _discovery(self, request: WebRequest) -> WebResponse:
        return answer(request, self.metadata())

    async def _keys(self, request: WebRequest) -> WebResponse:
        return answer(request, await self.signer.jwks())


def _maced(claims: Mapping[str, JsonValue], typed: Mapping[str, JsonValue]) -> str:
    signed = f"{_part({'alg': 'HS256', **typed})}.{_part(claims)}"
    return f"{signed}.{_text(hmac.digest(CLIENT_SECRET.encode(), signed.encode(), 'sha256'))}"


def _part(content: Mapping[str, JsonValue]) -> str:
    return _text(json.dumps(content).encode())


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
