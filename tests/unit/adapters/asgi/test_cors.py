"""Scripts of other origins: which may call, and what they may see."""

import httpx
import pytest

from hexkeep.adapters.asgi.cors import Cors, Origins
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.asgi.types import Receive, Scope, Send
from tests.unit.adapters.site import Tenant, browser, site, tenant
from tests.unit.adapters.test_limits import DISCOVERY, limit
from tests.waiting import until

__all__ = ["browser", "site", "tenant"]

APP = "https://app.example.com"
PREFLIGHT = {"access-control-request-method": "PATCH", "access-control-request-headers": "authorization"}


async def plain(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that knows nothing of origins."""
    await Response(200, (("hexkeep-position", "p"),), b"here").send(send)


def client_of(allowed: frozenset[str]) -> httpx.AsyncClient:
    """A client of an application that lets scripts of these origins call."""

    async def judge(host: str, origin: str) -> bool:
        return host == "id.example.com" and origin in allowed

    return httpx.AsyncClient(transport=httpx.ASGITransport(app=Cors(plain, judge)), base_url="https://id.example.com")


async def test_an_allowed_origin_may_read_the_answer() -> None:
    """And the headers that callers need; the browser's credentials are never allowed."""
    async with client_of(frozenset({APP})) as client:
        answer = await client.get("/", headers={"origin": APP})
    assert answer.headers["access-control-allow-origin"] == APP
    assert "Hexkeep-Position" in answer.headers["access-control-expose-headers"]
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_preflight_of_an_allowed_origin_is_answered() -> None:
    """With what the surfaces take; the application is not asked."""
    async with client_of(frozenset({APP})) as client:
        answer = await client.options("/", headers={"origin": APP, **PREFLIGHT})
    assert (answer.status_code, answer.content) == (204, b"")
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    for name in ("Authorization", "X-Grpc-Web", "Connect-Protocol-Version", "If-Match", "Idempotency-Key"):
        assert name in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{APP}.evil.example", "", "x" * 301, f"{APP}:444"])
async def test_no_other_origin_is_allowed_anything(origin: str) -> None:
    """The application answers, but no script may read it; caches are told that answers differ."""
    async with client_of(frozenset({APP})) as client:
        for method, headers in (("GET", {}), ("OPTIONS", PREFLIGHT)):
            answer = await client.request(method, "/", headers={"origin": origin, **headers})
            assert not [name for name in answer.headers if name.startswith("access-control")]
            assert answer.headers["vary"] == "Origin"


async def test_several_origins_are_none() -> None:
    """A browser sends one; two are somebody's try to confuse."""
    async with client_of(frozenset({APP})) as client:
        answer = await client.get("/", headers=[("origin", APP), ("origin", "https://evil.example")])
    assert "access-control-allow-origin" not in answer.headers


async def settled(tenant: Tenant) -> None:
    """Every view is as new as its log."""

    async def still() -> bool:
        return not any(one.lag for one in await tenant.iam.machinery.survey.status())

    await until(still)


def host_of(tenant: Tenant) -> str:
    """The tenant's host, as it stands in the header."""
    return httpx.URL(tenant.origin).netloc.decode()


class Hands:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_origins_are_those_of_active_applications(tenant: Tenant) -> None:
    """Of redirect URIs and settings, of this instance alone, and no more once the application is switched off."""
    application = await tenant.application(additional_origins=("https://more.example.com",))
    clock = Hands()
    origins = Origins(tenant.iam, clock)

    async def allowed(origin: str, host: str = host_of(tenant)) -> bool:
        clock.now += 60
        return await origins.allowed(host, origin)

    await settled(tenant)
    assert await allowed(APP)
    assert await allowed("https://more.example.com")
    assert not await allowed("https://app.example.com:8443")
    assert not await allowed("http://app.example.com")
    assert not await allowed(APP, "elsewhere.example.com")
    await tenant.do("DeactivateApplication", client_id=application["client_id"])
    assert not await allowed(APP)
    await tenant.do("ReactivateApplication", client_id=application["client_id"])
    assert await allowed(APP)
    await tenant.do(
        "UpdateOidcApplication", client_id=application["client_id"], redirect_uris=("https://new.example.com/",)
    )
    await settled(tenant)
    assert not await allowed(APP)
    assert await allowed("https://more.example.com")


async def test_what_was_found_out_is_remembered_for_a_while(tenant: Tenant) -> None:
    """Half a minute later it is asked anew."""
    application = await tenant.application()
    clock = Hands()
    origins = Origins(tenant.iam, clock)
    await settled(tenant)
    assert await origins.allowed(host_of(tenant), APP)
    await tenant.do("DeactivateApplication", client_id=application["client_id"])
    clock.now = 29
    assert await origins.allowed(host_of(tenant), APP)
    clock.now = 31
    assert not await origins.allowed(host_of(tenant), APP)


async def test_asking_is_no_call(tenant: Tenant, browser: httpx.AsyncClient) -> None:
    """An origin that anybody may invent uses up no limit, and who is limited may read so: scripts see the 429."""
    await tenant.application()
    await settled(tenant)
    await limit(tenant, calls_per_minute=2)
    origins = Origins(tenant.iam)
    for number in range(5):
        assert not await origins.allowed(host_of(tenant), f"https://{number}.example.org")
    statuses = [(await browser.get(DISCOVERY)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert await origins.allowed(host_of(tenant), APP)
