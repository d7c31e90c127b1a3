"""The relying party of the suite: it registers, sends its browser off, reads what comes back and verifies all of it."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.session.sign_in import WINDOW_SECONDS
from tests.unit.adapters.site import CALLBACK, CHALLENGE, ORIGIN, VERIFIER, Site, Tenant, hidden, sign_in

PERSON = {
    "user_name": "grace",
    "given_name": "Grace",
    "family_name": "Hopper",
    "nickname": "Amazing",
    "gender": "female",
    "preferred_language": "en",
    "email": "grace@example.com",
    "phone": "+12125550123",
    "street_address": "1 Navy Way\nRoom 2",
    "locality": "Arlington",
    "region": "Virginia",
    "postal_code": "22202",
    "country": "United States",
}
"""Of whom all is known that can be."""

AUTHORIZE, TOKEN, USERINFO, JWKS = "/oauth/authorize", "/oauth/token", "/oidc/userinfo", "/oauth/jwks"
NONCE, STATE = "n-0S6_WzA2Mj", "af0ifjsldkj"
ACTION = re.compile(r'<form[^>]* action="([^"]+)"')
FORM_POST = "form_post"
Params = dict[str, str]
Claims = dict[str, Any]
NO_PARAMS: Mapping[str, str] = {}


class Later(SystemClock):
    """The machine's clock, set forward by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        """The time here."""
        return super().now() + self.ahead

    def monotonic(self) -> float:
        """Seconds."""
        return super().monotonic() + self.ahead.total_seconds()

    def passes(self, seconds: float) -> None:
        """That much later."""
        self.ahead += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Variant:
    """A response type, and whether its answer is posted as a form: what the plans differ in."""

    response_type: str = "code"
    form_post: bool = False

    def __str__(self) -> str:
        """For the names of tests."""
        return self.response_type.replace(" ", "+") + (f":{FORM_POST}" if self.form_post else "")

    @property
    def parts(self) -> set[str]:
        """What an answer carries."""
        return set(self.response_type.split())

    @property
    def grants(self) -> tuple[str, ...]:
        """The grants that such a client registers."""
        code = ("authorization_code", "refresh_token") if "code" in self.parts else ()
        return (*code, "implicit") if self.parts - {"code"} else code


@dataclass(frozen=True)
class Signed:
    """All that a sign-in gave: the answer of the authorization endpoint, that of the token endpoint, the ID token."""

    answer: Params
    tokens: Claims
    id_token: str
    claims: Claims
    access_token: str


@dataclass
class Party:
    """One application with a browser of its own."""

    tenant: Tenant
    browser: httpx.AsyncClient
    variant: Variant
    clock: Later
    client: Params = field(default_factory=dict)

    def request(self, **changes: str) -> Params:
        """A good authorization request, changed; an empty value takes a parameter away."""
        usual = {
            "client_id": self.client["client_id"],
            "redirect_uri": CALLBACK,
            "response_type": self.variant.response_type,
            "scope": "openid",
            "state": STATE,
            "nonce": NONCE,
            **({"response_mode": FORM_POST} if self.variant.form_post else {}),
        }
        return {name: value for name, value in {**usual, **changes}.items() if value}

    async def goes(self, **changes: str) -> httpx.Response:
        """The browser at the authorization endpoint."""
        return await self.browser.get(AUTHORIZE, params=self.request(**changes))

    async def through(self, response: httpx.Response) -> Params:
        """What comes back to the application after the person has signed in, if that is asked for."""
        if is_login(response):
            response = await self.submits(response)
        return self.answered(response)

    async def submits(self, response: httpx.Response) -> httpx.Response:
        """What follows once the person has filled in the form that a response leads to."""
        return await sign_in(self.browser, response.headers["location"], PERSON["user_name"])

    def answered(self, response: httpx.Response) -> Params:
        """What an answer says, carried as the request wanted it and in no other way."""
        if self.variant.form_post:
            assert (response.status_code, response.headers["cache-control"]) == (200, "no-store"), response.text
            (action,) = ACTION.findall(response.text)
            assert html.unescape(action) == CALLBACK
            fields = {name: html.unescape(value) for name, value in hidden(response.text).items()}
        else:
            assert response.status_code == (200 if "refresh" in response.headers else 303), response.text
            place = urlsplit(response.headers["location"])
            assert f"{place.scheme}://{place.netloc}{place.path}" == CALLBACK
            asked, other = (place.query, place.fragment) if self.variant.parts == {"code"} else (place.fragment, "")
            assert not (other if self.variant.parts == {"code"} else place.query)
            fields = dict(parse_qsl(asked, strict_parsing=True))
        assert fields["iss"] == ORIGIN
        return fields

    async def signs_in(self, token_request: Mapping[str, str] = NO_PARAMS, /, **changes: str) -> Signed:
        """The usual flow of the suite from end to end; everything in it is verified."""
        answer = await self.through(await self.goes(**changes))
        return await self.completed(answer, self.request(**changes), token_request)

    async def completed(self, answer: Params, request: Params, token_request: Mapping[str, str]) -> Signed:
        """What an answer leads to."""
        parts = self.variant.parts
        beside = {"token_type", "expires_in", "scope"} if "token" in parts else set()
        names = {"token": "access_token"}
        expected = {names.get(part, part) for part in parts} | {"state", "iss"} | beside
        assert answer.keys() - {"session_state"} == (expected if "state" in request else expected - {"state"}), answer
        assert answer.get("state") == request.get("state")
        tokens = await self.redeemed(answer["code"], token_request) if "code" in parts else {}
        front, back = answer.get("id_token", ""), tokens.get("id_token", "")
        seen = [await self.verified(one, request) for one in (front, back) if one]
        if front:
            self.insist_on_hashes(seen[0], answer)
        assert len({(claims["iss"], claims["sub"]) for claims in seen}) == 1
        token = str(tokens.get("access_token") or answer.get("access_token", ""))
        return Signed(answer, tokens, back or front, seen[-1], token)

    async def redeemed(self, code: str, changes: Mapping[str, str]) -> Claims:
        """The answer of the token endpoint (RFC 6749 section 5.1)."""
        response = await self.redeems(code, **changes)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].startswith("application/json")
        assert response.headers["cache-control"] == "no-store"
        tokens: Claims = response.json()
        assert tokens["token_type"].lower() == "bearer"
        assert tokens["expires_in"] > 0
        return tokens

    async def redeems(self, code: str, **changes: str) -> httpx.Response:
        """A code at the token endpoint, with the secret in the header."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **changes}
        return await self.asks_for_tokens(form)

    async def asks_for_tokens(self, form: Mapping[str, str]) -> httpx.Response:
        """Any token request."""
        secret = (self.client["client_id"], self.client["client_secret"])
        return await self.browser.post(TOKEN, data=dict(form), auth=secret)

    async def verified(self, token: str, request: Params) -> Claims:
        """OIDC Core sections 3.1.3.7 and 3.2.2.11: an ID token that is for us, now, and signed by a published key."""
        keys = KeySet.import_key_set((await self.browser.get(JWKS)).json())
        header = header_of(token)
        assert header["kid"] in {key.kid for key in keys.keys}
        claims: Claims = jwt.decode(token, keys, algorithms=["RS256"]).claims
        assert (claims["iss"], claims["aud"]) == (ORIGIN, self.client["client_id"])
        assert claims["iat"] <= self.clock.now().timestamp() < claims["exp"]
        assert claims.get("nonce") == request.get("nonce")
        assert claims["sub"]
        return claims

    def insist_on_hashes(self, claims: Claims, answer: Params) -> None:
        """OIDC Core sections 3.2.2.10 and 3.3.2.11: bound to what it came with."""
        for name, part in (("at_hash", "access_token"), ("c_hash", "code")):
            assert claims.get(name) == (half_hash(answer[part]) if part in answer else None)

    async def userinfo(self, signed: Signed) -> Claims:
        """What userinfo tells; its subject is the ID token's (OIDC Core section 5.3.2)."""
        response = await self.browser.get(USERINFO, headers={"authorization": f"Bearer {signed.access_token}"})
        assert response.status_code == 200, response.text
        claims: Claims = response.json()
        assert claims["sub"] == signed.claims["sub"]
        return claims

    async def told(self, signed: Signed) -> Claims:
        """What a scope brings: in userinfo, or in the ID token where there is nothing to ask userinfo with."""
        return await self.userinfo(signed) if signed.access_token else signed.claims


@dataclass
class Foundation:
    """The suite with its site: it makes parties."""

    site: Site
    tenant: Tenant
    clock: Later

    async def party(self, variant: Variant | None = None, **fields: Any) -> Party:
        """A new application and a new browser in which nobody is signed in, after what limits sign-ins has passed."""
        self.clock.passes(WINDOW_SECONDS)
        chosen = variant or Variant()
        metadata = {"response_types": (chosen.response_type,), **fields.pop("client_metadata", {})}
        settings = {"grant_types": chosen.grants, "client_metadata": metadata, **fields}
        client = await self.tenant.application(**settings)
        return Party(self.tenant, self.site.browser(), chosen, self.clock, client)


PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
PKCE_VERIFIER = {"code_verifier": VERIFIER}


def is_login(response: httpx.Response) -> bool:
    """Whether the person has to sign in."""
    return response.status_code == 303 and response.headers["location"].startswith("/ui/login?request=")


def is_error_page(response: httpx.Response) -> bool:
    """Whether the person sees an error of ours, and the browser goes nowhere."""
    told = response.headers["content-type"].startswith("text/html")
    return told and 400 <= response.status_code < 500 and "location" not in response.headers


def header_of(token: str) -> Claims:
    """The header of a JWT."""
    first = token.partition(".")[0]
    header: Claims = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    return header


def half_hash(text: str) -> str:
    """OIDC Core section 3.1.3.6, for RS256."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).decode().rstrip("=")
