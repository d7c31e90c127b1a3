"""Sign-in by something in front that puts a JWT into a header of the request, in a browser that keeps cookies."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import httpx
import pytest

from hexkeep.adapters.system.clock import SystemClock
from hexkeep.testing.idp import Account
from tests.fakes.jwt_front import HEADER, SETTINGS, FrontUpstream
from tests.unit.adapters.site import ORIGIN, Site, running_site
from tests.unit.adapters.web.test_idp import gone

NAMED = "__Host-hexkeep-idp-header"


@dataclass
class Behind:
    """A site behind something that signs, and where people come back to."""

    site: Site
    front: FrontUpstream
    callback: str

    async def back(self, browser: httpx.AsyncClient, brought: Mapping[str, str], **headers: str) -> httpx.Response:
        """The browser comes back with a state, and with what was put into its request."""
        return await browser.get(self.callback, params={"state": brought["state"]}, headers=headers)


@pytest.fixture
async def behind() -> AsyncIterator[Behind]:
    """One provider, which asks first."""
    front = FrontUpstream(SystemClock())
    async with running_site(outbound=front) as site:
        tenant = await site.tenant()
        made = await tenant.do("CreateInstanceJwtIdentityProvider", name="Front", **SETTINGS)
        await tenant.do("SetDefaultLoginProviders", identity_provider_ids=(made["identity_provider_id"],))
        yield Behind(site, front, f"{ORIGIN}/ui/idp/callback/{made['identity_provider_id']}")


async def test_header_signs_in(behind: Behind, caplog: pytest.LogCaptureFixture) -> None:
    """Who comes back with the header is known, and the JWT stands in no log."""
    async with behind.site.browser() as browser:
        brought = await behind.front.sign_in(await gone(browser), Account())
        answer = await behind.back(browser, brought, **{HEADER: brought[HEADER]})
        assert answer.headers["location"] == "/ui/idp/account"
        assert "Ada" in (await browser.get("/ui/idp/account")).text
    assert brought[HEADER] not in "\n".join(one.getMessage() for one in caplog.records)


async def test_jwt_counts_once(behind: Behind) -> None:
    """One that was seen on its way signs nobody else in, not even in an attempt of their own."""
    behind.front.claims = {"nonce": None}
    async with behind.site.browser() as person, behind.site.browser() as thief:
        brought = await behind.front.sign_in(await gone(person), Account())
        assert (await behind.back(person, brought, **{HEADER: brought[HEADER]})).status_code == 303
        own = await behind.front.sign_in(await gone(thief), Account("thief"))
        answer = await behind.back(thief, own, **{HEADER: brought[HEADER]})
        assert (answer.status_code, "idp_malformed" in answer.text) == (401, True)


@pytest.mark.parametrize("name", ["", "cookie", "Cookie", "host", "x-other"])
async def test_nothing_but_the_header_is_told(behind: Behind, name: str) -> None:
    """A browser that says another header is wanted gets nobody signed in by it; nor does a JWT in the address."""
    async with behind.site.browser() as browser:
        brought = await behind.front.sign_in(await gone(browser), Account())
        browser.cookies.set(NAMED, name, domain=httpx.URL(ORIGIN).host)
        answer = await behind.back(browser, {**brought, HEADER: brought[HEADER]}, **{"x-other": "no JWT"})
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers or "idp-proof" not in answer.headers["set-cookie"]


async def test_repeated_header_is_none(behind: Behind) -> None:
    """Where two are in a request, nobody knows which one is from what is in front."""
    async with behind.site.browser() as browser:
        brought = await behind.front.sign_in(await gone(browser), Account())
        twice = [(HEADER, brought[HEADER]), (HEADER, "another")]
        answer = await browser.get(behind.callback, params={"state": brought["state"]}, headers=twice)
        assert answer.status_code == 400
