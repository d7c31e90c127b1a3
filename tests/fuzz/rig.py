"""The whole protocol in one process, with a client of each kind, for requests that nobody has thought of before."""

import asyncio
import base64
import itertools
import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
from joserfc.jwk import ECKey, RSAKey

from hexkeep.core.kernel.event import Log
from hexkeep.core.oidc.rfc7523 import CLIENT_ASSERTION_TYPE
from tests.fuzz.tokens import Signer
from tests.unit.adapters.site import (
    AFTER_LOGOUT,
    CALLBACK,
    ORIGIN,
    VERIFIER,
    Site,
    Tenant,
    answered,
    authorization,
    leads_on,
    running_site,
    sign_in,
)

ALL_GRANTS = (
    *("authorization_code", "implicit", "refresh_token", "client_credentials"),
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:openid:params:grant-type:ciba",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
)
RESPONSE_TYPES = ("code", "id_token", "id_token token", "code id_token", "code token", "code id_token token")
PAYMENT = {"type": "payment", "amount": "5 EUR"}
ERROR = re.compile(r"[a-z_]+")
FORM = "application/x-www-form-urlencoded"
HOME = (f"{CALLBACK}?", f"{CALLBACK}#", f"{AFTER_LOGOUT}?", f"{ORIGIN}/")
Pairs = list[tuple[str, str]]

_addresses = itertools.count(1)


def _address() -> str:
    """Another one for each request, for failures are counted by address."""
    number = next(_addresses)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _encoded(pairs: Pairs) -> str:
    """As a browser would, but for halves of surrogate pairs, which none would send."""
    return urlencode(pairs, errors="surrogatepass")


@dataclass
class Rig:
    """What tests call, each in a loop of its own making."""

    loop: asyncio.Runner
    site: Site
    tenant: Tenant
    web: dict[str, str]
    spa: dict[str, str]
    signer: dict[str, str]
    strict: dict[str, str]
    cookies: httpx.Cookies
    keys: Signer
    tokens: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, *, signed_in: bool = False, **asked: Any) -> httpx.Response:
        """One request, from an address of its own."""
        return self.loop.run(self._send(method, path, signed_in=signed_in, **asked))

    async def _send(self, method: str, path: str, *, signed_in: bool, **asked: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.site.app, client=(_address(), 4711))
        cookies = self.cookies if signed_in else None
        hooks = {"response": [leads_on]}
        async with httpx.AsyncClient(
            transport=transport, base_url=ORIGIN, cookies=cookies, event_hooks=hooks
        ) as client:
            return await client.request(method, path, **asked)

    def post(self, path: str, pairs: Pairs, **asked: Any) -> httpx.Response:
        """A form, whose fields may repeat."""
        headers = {"content-type": FORM, **asked.pop("headers", {})}
        return self.send("POST", path, content=_encoded(pairs), headers=headers, **asked)

    def in_browser(self, method: str, path: str, pairs: Pairs, *, signed_in: bool) -> httpx.Response:
        """The same fields in a query, or in a form of our own pages."""
        if method == "POST":
            return self.post(path, pairs, signed_in=signed_in, headers={"origin": ORIGIN})
        return self.send(method, f"{path}?{_encoded(pairs)}"[:60_000], signed_in=signed_in)

    def written(self) -> int:
        """How many events there are."""
        return self.loop.run(self._written())

    async def _written(self) -> int:
        heads = [await self.site.storage.events.head(self.tenant.id, log) for log in Log]
        return sum(head.position for head in heads)

    def code(self, **changes: str) -> str:
        """A fresh code of the web client."""
        params = authorization(self.web, scope="openid offline_access", **changes)
        return answered(self.send("GET", "/oauth/authorize", params=params, signed_in=True).headers["location"])["code"]

    def assertion(self, client_id: str, **changes: Any) -> dict[str, Any]:
        """The claims of a good assertion."""
        now = int(time.time())
        claims = {"iss": client_id, "sub": client_id, "aud": ORIGIN, "iat": now, "exp": now + 60, "jti": uuid4().hex}
        return claims | changes

    def proof_of(self, client_id: str, alg: str = "ES256") -> Pairs:
        """What proves a client that signs."""
        token = self.keys.signed(self.assertion(client_id), alg)
        return [("client_assertion_type", CLIENT_ASSERTION_TYPE), ("client_assertion", token)]

    def request_object(self, client_id: str, **changes: Any) -> dict[str, Any]:
        """The claims of a good request object."""
        now = int(time.time())
        times = {"iss": client_id, "aud": ORIGIN, "iat": now, "nbf": now, "exp": now + 60, "jti": uuid4().hex}
        return {**authorization({"client_id": client_id}), **times, **changes}


@contextmanager
def running() -> Iterator[Rig]:
    """A rig, for as long as a module needs it."""
    with asyncio.Runner() as loop:
        made = _made(loop)
        rig = loop.run(made.__aenter__())
        try:
            yield rig
        finally:
            loop.run(made.__aexit__(None, None, None))


@asynccontextmanager
async def _made(loop: asyncio.Runner) -> AsyncIterator[Rig]:
    async with running_site() as site:
        tenant = await site.tenant()
        keys = Signer(ECKey.generate_key("P-256", {"kid": "ec"}), RSAKey.generate_key(2048, {"kid": "rsa"}))
        kinds = [{"name": "amount", "kind": "text", "required": True, "label": "Amount"}]
        await tenant.do("CreateAuthorizationDetailsType", type="payment", name="A payment", details_fields=kinds)
        free: dict[str, Any] = {"grant_types": ALL_GRANTS, "consent_required": False}
        metadata = {
            "response_types": RESPONSE_TYPES,
            "authorization_details_types": ["payment"],
            "request_uris": ["https://app.example.com/request"],
            "backchannel_token_delivery_mode": "poll",
            "jwks": json.dumps(keys.public),
        }
        web = await tenant.application(**free, client_metadata=metadata)
        spa = await tenant.application(application_type="spa", consent_required=False)
        signing = {"auth_method": "private_key_jwt"}
        signer = await tenant.application(**free, **signing, client_metadata=metadata)
        fapi = {"jwks": metadata["jwks"], "profile": "fapi_2_message_signing"}
        strict = await tenant.application(consent_required=False, **signing, client_metadata=fapi)
        for alg in ("RSA-OAEP-256", "ECDH-ES"):  # there are keys to encrypt to once a client needs them
            needs = {"request_object_encryption_alg": alg, "jwks": metadata["jwks"]}
            await tenant.application(**signing, client_metadata=needs)
        async with site.browser() as browser:
            await sign_in(browser)
            cookies = browser.cookies
        project = (await tenant.do("GetApplication", client_id=web["client_id"]))["project_id"]
        await tenant.do("SetClientRegistration", mode="open", project_id=project)
        yield Rig(loop, site, tenant, web, spa, signer, strict, cookies, keys)


def basic(client: dict[str, str]) -> dict[str, str]:
    """A client's secret in the header."""
    plain = f"{client['client_id']}:{client['client_secret']}"
    return {"authorization": "Basic " + base64.b64encode(plain.encode()).decode()}


def leads_home(location: str) -> bool:
    """Whether a redirect goes to a registered URI, or stays with us."""
    if location.startswith("/"):
        return not location.startswith("//")
    return location == AFTER_LOGOUT or location.startswith(HOME)


def refused_plainly(rig: Rig, answer: httpx.Response, *, secrets: tuple[str, ...] = ()) -> None:
    """An error in the words of OAuth, that tells nothing it was told in confidence."""
    assert 400 <= answer.status_code < 500, answer.text
    if answer.content:
        body = answer.json()
        assert ERROR.fullmatch(body["error"]), body
        assert isinstance(body["error_description"], str)
    assert not any(secret in answer.text for secret in (rig.web["client_secret"], VERIFIER, *secrets))


def shown_or_sent_home(answer: httpx.Response) -> None:
    """A page of ours, or a redirect to somewhere registered, and no header that somebody else wrote."""
    assert answer.status_code < 500, answer.text
    assert "set-cookie" not in answer.headers or "a=b" not in answer.headers["set-cookie"]
    if "location" in answer.headers:
        assert leads_home(answer.headers["location"]), answer.headers["location"]
    elif answer.status_code == 200:
        assert answer.headers["content-type"].startswith("text/html")
