"""Bound tokens at every surface that takes tokens: good with what they are bound to, and worth nothing stolen."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
import pytest_asyncio

from hexkeep.adapters.asgi.cookies import SESSION
from hexkeep.adapters.asgi.dispatcher import Dispatcher
from hexkeep.adapters.asgi.front import Front
from hexkeep.adapters.asgi.proxies import ClientCertificates, Proxies
from hexkeep.adapters.asgi.types import ASGIApp
from hexkeep.adapters.assets.app import SEGMENT, create_assets_app
from hexkeep.adapters.oidc.app import SEGMENTS, create_oidc_app
from hexkeep.adapters.rest.app import create_rest_app
from hexkeep.adapters.rpc.app import create_rpc_app
from hexkeep.adapters.rpc.catalog import Catalog
from hexkeep.adapters.web.app import create_web_app
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.paths import SEGMENTS as WEB_SEGMENTS
from hexkeep.core.oidc.errors import ProofRefused
from hexkeep.ports.api import Dpop, Meta
from tests.unit.adapters.grpc.conftest import connected
from tests.unit.adapters.proofs import OFFERED, Holder
from tests.unit.adapters.site import ORIGIN, Site, Tenant, code_for, running_site
from tests.unit.adapters.site import redeem as plainly

pytestmark = pytest.mark.asyncio(loop_scope="module")
ADA, MALLORY = Holder(), Holder()
TOKEN_URL = f"{ORIGIN}/oauth/token"
CERTIFICATE = f":{base64.b64encode(b'certificate of ada').decode()}:"
OTHER = f":{base64.b64encode(b'certificate of mallory').decode()}:"


@dataclass(frozen=True)
class Place:
    """An endpoint that takes tokens."""

    method: str
    path: str
    body: str = ""

    @property
    def url(self) -> str:
        """Where it is."""
        return ORIGIN + self.path

    async def call(self, client: httpx.AsyncClient, headers: Mapping[str, str]) -> httpx.Response:
        """What it answers."""
        extra = {"content-type": "application/json"} if self.body else {}
        return await client.request(self.method, self.path, headers={**headers, **extra}, content=self.body or None)


PLACES = [
    Place("GET", "/oidc/userinfo"),
    Place("POST", "/oidc/userinfo"),
    Place("GET", "/auth/v1/me"),
    Place("POST", "/hexkeep.auth.v1.UserService/GetMyUser", "{}"),
    Place("DELETE", "/assets/v1/me/avatar"),
]
"""Protocol, REST, Connect and pictures. Native gRPC, which is not HTTP to its clients, has a test of its own."""
NAMES = [f"{place.method} {place.path}" for place in PLACES]


@dataclass
class World:
    """A tenant, a browser in which Ada is signed in, and a client that has no cookies."""

    tenant: Tenant
    browser: httpx.AsyncClient
    client: httpx.AsyncClient

    async def application(self, **metadata: Any) -> dict[str, str]:
        """A client whose tokens are good for our own API."""
        return await self.tenant.application(api_access=True, client_metadata=metadata)

    async def token(self, headers: Mapping[str, str], **metadata: Any) -> str:
        """Ada's access token, as a client with these settings gets it."""
        client = await self.application(**metadata)
        code = await code_for(self.browser, client, scope="openid urn:hexkeep:api")
        self.browser.headers.update(headers)
        answer = await plainly(self.browser, client, code)
        for name in headers:
            del self.browser.headers[name]
        return str(answer.json()["access_token"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world() -> AsyncIterator[World]:
    """Everything a server serves, behind a proxy that passes certificates on."""
    async with running_site() as site:
        tenant = await site.tenant()
        app = everything(site)
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1))
        async with (
            httpx.AsyncClient(transport=transport, base_url=ORIGIN) as browser,
            httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client,
        ):
            yield World(tenant, browser, client)


def everything(site: Site) -> Front:
    """The applications as ``bootstrap`` puts them together."""
    pages = WebPages()
    places: dict[str, ASGIApp] = dict.fromkeys(SEGMENTS, create_oidc_app(site.iam, pages))
    places |= dict.fromkeys(WEB_SEGMENTS, create_web_app(site.iam, pages))
    places |= create_rpc_app(site.iam, Catalog.of(site.iam))
    places[SEGMENT] = create_assets_app(site.iam, 10.0)
    proxies = Proxies((ip_network("127.0.0.1/32"),), certificates=ClientCertificates.ANY)
    return Front(Dispatcher(places, create_rest_app(site.iam)), proxies)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def dpop(world: World) -> str:
    """A token bound to Ada's key."""
    return await world.token({"dpop": ADA.proof("POST", TOKEN_URL)})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def certified(world: World) -> str:
    """A token bound to Ada's certificate."""
    return await world.token({"client-cert": CERTIFICATE}, tls_client_certificate_bound_access_tokens=True)


@pytest.mark.parametrize("place", PLACES, ids=NAMES)
async def test_token_is_good_with_its_key(world: World, dpop: str, place: Place) -> None:
    """RFC 9449 section 7.1; the scheme is compared without case (access-token-type-header-case-sensitivity)."""
    for scheme in ("DPoP", "dpop", "DPOP"):
        headers = ADA.headers(place.method, place.url, dpop) | {"authorization": f"{scheme} {dpop}"}
        assert (await place.call(world.client, headers)).is_success


@pytest.mark.parametrize("place", PLACES, ids=NAMES)
async def test_stolen_token_is_worth_nothing(world: World, dpop: str, place: Place) -> None:
    """RFC 9449 section 7: neither as a bearer token, nor with another key, nor with a proof seen elsewhere."""
    url = place.url
    seen = ADA.headers(place.method, url, dpop)
    assert (await place.call(world.client, seen)).is_success
    attacks = {
        "as a bearer token": {"authorization": f"Bearer {dpop}"},
        "as a bearer token, with a proof": ADA.headers(place.method, url, dpop) | {"authorization": f"Bearer {dpop}"},
        "without a proof": {"authorization": f"DPoP {dpop}"},
        "with another key": MALLORY.headers(place.method, url, dpop),
        "with a proof that was used": seen,
        "with a proof for another token": ADA.headers(place.method, url, dpop) | {"dpop": ADA.proof(place.method, url)},
        "with a proof for another method": ADA.headers("PATCH", url, dpop),
        "with a proof for another place": ADA.headers(place.method, TOKEN_URL, dpop),
        "with an old proof": ADA.headers(place.method, url, dpop, iat=1),
    }
    for how, headers in attacks.items():
        answer = await place.call(world.client, headers)
        assert answer.status_code == 401, how
        assert "invalid" in answer.headers["www-authenticate"], how


@pytest.mark.parametrize("place", PLACES, ids=NAMES)
async def test_challenge_names_what_is_wrong(world: World, dpop: str, place: Place) -> None:
    """RFC 9449 section 7.1: the scheme, the error, and the algorithms that proofs may be signed with."""
    answer = await place.call(world.client, MALLORY.headers(place.method, place.url, dpop))
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith('DPoP realm="hexkeep", error="invalid_dpop_proof", algs="')
    assert "ES256" in challenge
    assert "HS256" not in challenge
    unknown = await place.call(world.client, ADA.headers(place.method, place.url, dpop[:-4]))
    assert 'error="invalid_token"' in unknown.headers["www-authenticate"]


@pytest.mark.parametrize("place", PLACES, ids=NAMES)
async def test_bearer_token_is_none_of_the_other_scheme(world: World, place: Place) -> None:
    """RFC 9449 section 7.1: a proof with a token that is bound to nothing proves nothing."""
    token = await world.token({})
    assert (await place.call(world.client, {"authorization": f"Bearer {token}"})).is_success
    answer = await place.call(world.client, ADA.headers(place.method, place.url, token))
    assert (answer.status_code, 'error="invalid_token"' in answer.headers["www-authenticate"]) == (401, True)


@pytest.mark.parametrize("place", PLACES, ids=NAMES)
async def test_nonce_is_asked_for_at_resources(world: World, place: Place) -> None:
    """RFC 9449 section 9: a client that has to repeat nonces is told one, and gets in with it."""
    client = await world.application(dpop_bound_access_tokens=True, dpop_nonce_required=True)
    code = await code_for(world.browser, client, scope="openid urn:hexkeep:api")

    async def asked(**said: str) -> httpx.Response:
        world.browser.headers["dpop"] = ADA.proof("POST", TOKEN_URL, **said)
        answer = await plainly(world.browser, client, code)
        del world.browser.headers["dpop"]
        return answer

    first = await asked()
    assert (first.status_code, first.json()["error"]) == (400, "use_dpop_nonce")
    second = await asked(nonce=first.headers["dpop-nonce"])
    assert second.headers["dpop-nonce"]
    token = second.json()["access_token"]
    refused = await place.call(world.client, ADA.headers(place.method, place.url, token))
    assert (refused.status_code, 'error="use_dpop_nonce"' in refused.headers["www-authenticate"]) == (401, True)
    headers = ADA.headers(place.method, place.url, token, nonce=refused.headers["dpop-nonce"])
    answered = await place.call(world.client, headers)
    assert (answered.is_success, bool(answered.headers["dpop-nonce"])) == (True, True)


@pytest.mark.parametrize("place", PLACES, ids=NAMES)
async def test_certificate_bound_token_needs_its_certificate(world: World, certified: str, place: Place) -> None:
    """RFC 8705 section 3: on the connection, as the proxy says; a bearer token by its scheme."""
    bearer = {"authorization": f"Bearer {certified}"}
    assert (await place.call(world.client, bearer | {"client-cert": CERTIFICATE})).is_success
    for stolen in (bearer, bearer | {"client-cert": OTHER}, ADA.headers(place.method, place.url, certified)):
        answer = await place.call(world.client, stolen)
        assert (answer.status_code, "invalid_token" in answer.headers["www-authenticate"]) == (401, True)


async def test_certificates_are_believed_of_proxies_alone(world: World, certified: str) -> None:
    """RFC 9440 section 2.4: also where the applications stand without our front before them."""
    app: Any = create_rest_app(world.tenant.iam)
    bare = httpx.ASGITransport(app=app)
    headers = {"authorization": f"Bearer {certified}", "client-cert": CERTIFICATE}
    async with httpx.AsyncClient(transport=bare, base_url=ORIGIN) as client:
        assert (await client.get("/auth/v1/me", headers=headers)).status_code == 401


@pytest.mark.parametrize("place", PLACES, ids=NAMES)
async def test_no_nonce_is_told_to_who_need_not_repeat_one(world: World, dpop: str, place: Place) -> None:
    """RFC 9449 section 8.2: a client that is given one has to use it from then on."""
    answer = await place.call(world.client, ADA.headers(place.method, place.url, dpop))
    assert (answer.is_success, "dpop-nonce" in answer.headers) == (True, False)


@pytest.mark.parametrize("place", PLACES, ids=NAMES)
async def test_both_schemes_are_offered(world: World, place: Place) -> None:
    """RFC 9449 section 7.2: to who presents no token, with the algorithms for proofs."""
    answer = await place.call(world.client, {})
    assert answer.status_code == 401
    assert OFFERED.fullmatch(answer.headers["www-authenticate"])


async def test_native_grpc_takes_bound_tokens(world: World, dpop: str) -> None:
    """RFC 9449 section 7 in metadata: the proof is for the URL of the method. Stolen the token is worth nothing."""
    method = "/hexkeep.auth.v1.UserService/GetMyUser"
    url = f"{ORIGIN}{method}"
    async with connected(world.tenant.iam, host=ORIGIN.removeprefix("https://")) as client:
        seen = ADA.headers("POST", url, dpop)
        answered = await client.call("GetMyUser", tuple(seen.items()))
        assert answered.user_id == world.tenant.user_id
        attacks = {
            "as a bearer token": {"authorization": f"Bearer {dpop}"},
            "without a proof": {"authorization": f"DPoP {dpop}"},
            "with another key": MALLORY.headers("POST", url, dpop),
            "with a proof that was used": seen,
            "with a proof for another method": ADA.headers("POST", f"{url}s", dpop),
        }
        for how, headers in attacks.items():
            error = await client.refused("GetMyUser", tuple(headers.items()))
            assert error.code().name == "UNAUTHENTICATED", how


async def test_native_grpc_tells_nonces(world: World) -> None:
    """RFC 9449 section 9: in the trailing metadata of the refusal, and in the initial one of the answer."""
    url = f"{ORIGIN}/hexkeep.auth.v1.UserService/GetMyUser"
    client, proof = await world.application(dpop_nonce_required=True), ADA.proof("POST", TOKEN_URL)
    code = await code_for(world.browser, client, scope="openid urn:hexkeep:api")
    world.browser.headers["dpop"] = proof
    nonce = (await plainly(world.browser, client, code)).headers["dpop-nonce"]
    world.browser.headers["dpop"] = ADA.proof("POST", TOKEN_URL, nonce=nonce)
    token = (await plainly(world.browser, client, code)).json()["access_token"]
    del world.browser.headers["dpop"]
    async with connected(world.tenant.iam, host=ORIGIN.removeprefix("https://")) as channel:
        error = await channel.refused("GetMyUser", tuple(ADA.headers("POST", url, token).items()))
        wanted = dict(error.trailing_metadata())
        assert 'error="use_dpop_nonce"' in wanted["www-authenticate"]
        call = channel.call("GetMyUser", tuple(ADA.headers("POST", url, token, nonce=wanted["dpop-nonce"]).items()))
        assert (await call).user_id == world.tenant.user_id
        assert dict(await call.initial_metadata())["dpop-nonce"]


async def test_proof_may_name_the_host_that_was_called(world: World, dpop: str) -> None:
    """A query does not count; percent-encoding does not part a place from itself."""
    url = f"{ORIGIN}/oidc/user%69nfo"
    answer = await world.client.get("/oidc/userinfo?x=1", headers=ADA.headers("GET", f"{url}?y=2", dpop))
    assert answer.is_success


async def test_proof_is_good_for_a_whole_stream_and_for_one(world: World, dpop: str) -> None:
    """Each batch is a call of its own; the proof was for the request that they all answer."""
    url, iam = f"{ORIGIN}/admin/v1/events/feed", world.tenant.iam
    credentials = Dpop(dpop, ADA.proof("GET", url, dpop), "GET", url)
    watch = iam.operation("WatchEvents")
    meta = Meta(host=ORIGIN.removeprefix("https://"))
    async with aclosing(iam.stream(watch, watch.input(limit=1), credentials, meta)) as batches:
        await anext(batches)
        await world.application()
        assert (await anext(batches)).output
    with pytest.raises(ProofRefused, match="used before"):
        await anext(iam.stream(watch, watch.input(), credentials, meta))


async def test_sessions_and_personal_tokens_come_as_bearer_tokens(world: World) -> None:
    """They are bound to nothing."""
    await world.token({})
    session = world.browser.cookies[SESSION]
    headers = ADA.headers("GET", f"{ORIGIN}/auth/v1/me", session)
    assert (await world.client.get("/auth/v1/me", headers=headers)).status_code == 401
