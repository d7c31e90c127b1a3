"""Sign-in in Chromium by identity providers that we did not write, and by those that post their answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

import pytest_asyncio
from playwright.async_api import Page, Route, expect

from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.asgi.types import Receive, Scope, Send
from hexkeep.adapters.outbound.settings import OutboundSettings
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.session.queries import SessionStatus
from hexkeep.testing.idp import Account
from tests.browser.chromium import SHARING
from tests.browser.conftest import Later, Served, Visitor, listening, serving
from tests.browser.person import expect_heading
from tests.browser.test_idp import carried, led_with
from tests.e2e.test_openid_client import NODE, PATIENCE, PROGRAM
from tests.fakes.apple import AppleUpstream
from tests.unit.adapters.site import running_site

pytestmark = SHARING

SECRET = "a secret: with+signs/of%every&kind=?"
Clients = list[dict[str, object]]


class OpenIdProvider:
    """The process of ``op.mjs``."""

    def __init__(self, process: asyncio.subprocess.Process, issuer: str) -> None:
        self.process = process
        self.issuer = issuer

    async def serve(self, clients: Clients) -> None:
        """Let it know its clients."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(clients).encode() + b"\n")
        assert await said(self.process) == "ready"


async def said(process: asyncio.subprocess.Process) -> str:
    """What a process says next."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        line = (await process.stdout.readline()).decode().strip()
    assert line, "the provider has ended"
    return line


@pytest_asyncio.fixture(loop_scope="session")
async def op() -> AsyncIterator[OpenIdProvider]:
    """Npm oidc-provider, listening."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        PROGRAM, "op.mjs", cwd=NODE, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield OpenIdProvider(process, await said(process))
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.wait_for(process.wait(), PATIENCE)


async def made(here: Served, op: OpenIdProvider) -> Clients:
    """A provider of each kind that it can be, which authenticate in each way, and what it has to know of us."""
    openid = {"issuer": op.issuer, "client_id": "as openid"}
    oauth = {
        "client_id": "as oauth",
        "authorization_endpoint": f"{op.issuer}/auth",
        "token_endpoint": f"{op.issuer}/token",
        "userinfo_endpoint": f"{op.issuer}/me",
        "issuer": op.issuer,
        "id_attribute": "sub",
        "scopes": ("openid", "profile", "email"),
        "posts_secret": True,
    }
    clients: Clients = []
    for kind, settings, method in (("Oidc", openid, "client_secret_basic"), ("Oauth", oauth, "client_secret_post")):
        operation = f"CreateInstance{kind}IdentityProvider"
        new = await here.tenant.do(operation, name=f"{kind} login", client_secret=SECRET, **settings)
        callback = f"{here.origin}/ui/idp/callback/{new['identity_provider_id']}"
        registered = {"client_id": settings["client_id"], "client_secret": SECRET, "redirect_uris": [callback]}
        clients.append({**registered, "token_endpoint_auth_method": method, "provider": new["identity_provider_id"]})
    offered = tuple(client.pop("provider") for client in clients)
    await here.tenant.do("SetDefaultLoginProviders", identity_provider_ids=offered)
    return clients


async def test_oidc_provider_signs_people_in_by_either_protocol(visitor: Visitor, op: OpenIdProvider) -> None:
    """Npm oidc-provider accepts our requests and client authentication, and what it tells arrives: twice, as two.

    What goes by OpenID Connect is pushed (RFC 9126): the browser carries a reference, and what is added counts for
    nothing.
    """
    visit = await visitor()
    page = visit.page
    await led_with(page, "prompt=none&max_age=9999999")
    async with serving(OutboundSettings(private_networks=True)) as here:
        await op.serve(await made(here, op))
        asked_there = carried(page, f"{op.issuer}/auth")
        for name, person in (("Oidc login", "grace"), ("Oauth login", "joan")):
            await page.goto(f"{here.origin}/ui/login")
            await page.get_by_role("link", name=name).click()
            await page.wait_for_url(f"{op.issuer}/interaction/*")
            await page.locator("[name=login]").fill(person)
            await page.locator("[name=password]").fill("any will do")
            await page.locator("[type=submit]").click()
            await page.get_by_role("button", name="Continue").click()
            await expect_heading(page, "Choose your account")
            assert urlsplit(page.url).netloc == urlsplit(here.origin).netloc
            await expect(page.get_by_label("User name")).to_have_value(person)
            await expect(page.get_by_label("E-mail address")).to_have_value(f"{person}@example.com")
            await page.unroute("**/ui/idp?*")
            await page.context.clear_cookies()
    assert asked_there[0].keys() == {"client_id", "request_uri", "prompt", "max_age"}
    assert "scope" in asked_there[1], "there is no place to push a request of OAuth 2.0 to"


async def hearing(here: Served, op: OpenIdProvider) -> Clients:
    """Two providers that are two clients there: one hears which session is over, the other one whose."""
    clients: Clients = []
    offered: list[object] = []
    for name in ("session", "person"):
        settings = {"issuer": op.issuer, "client_id": name, "client_secret": SECRET}
        new = await here.tenant.do("CreateInstanceOidcIdentityProvider", name=f"By {name}", **settings)
        provider_id = new["identity_provider_id"]
        clients.append(
            {
                "client_id": name,
                "client_secret": SECRET,
                "redirect_uris": [f"{here.origin}/ui/idp/callback/{provider_id}"],
                "backchannel_logout_uri": f"{here.origin}/oidc/rp/backchannel-logout/{provider_id}",
                "backchannel_logout_session_required": name == "session",
            }
        )
        offered.append(provider_id)
    await here.tenant.do("SetDefaultLoginProviders", identity_provider_ids=tuple(offered))
    return clients


async def test_oidc_provider_tells_of_a_sign_out(visitor: Visitor, op: OpenIdProvider) -> None:
    """Npm oidc-provider posts logout tokens with `sid` and without: both end the sessions that began by it."""
    visit = await visitor()
    page = visit.page
    async with serving(OutboundSettings(private_networks=True)) as here:
        await op.serve(await hearing(here, op))
        for name in ("session", "person"):
            await page.goto(f"{here.origin}/ui/login")
            await page.get_by_role("link", name=f"By {name}").click()
            if name == "session":
                await page.wait_for_url(f"{op.issuer}/interaction/*")
                await page.locator("[name=login]").fill("grace")
                await page.locator("[name=password]").fill("any will do")
                await page.locator("[type=submit]").click()
            await page.get_by_role("button", name="Continue").click()
            await expect_heading(page, "Choose your account")
            await page.get_by_label("User name").fill(f"grace-by-{name}")
            await page.get_by_role("button", name="Create the account").click()
            await expect_heading(page, "Your account")
            await page.context.clear_cookies(domain="localhost")
        assert await lasting(here) == 2
        await page.goto(f"{op.issuer}/session/end")
        await page.get_by_role("button", name="Yes, sign me out").click()
        await page.wait_for_url(f"{op.issuer}/session/end/success*")
        assert await lasting(here) == 0


async def lasting(here: Served) -> int:
    """How many sessions of people there are."""
    found = (await here.tenant.do("ListSessions"))["sessions"]
    assert isinstance(found, tuple)
    return sum(one.status is SessionStatus.ACTIVE for one in found)


@asynccontextmanager
async def beside_apple(apple: AppleUpstream) -> AsyncIterator[str]:
    """A Hexkeep with one button, and where it is; what it calls is Apple."""
    behind = Later()
    async with listening(behind) as port, running_site(outbound=apple) as site:
        behind.app, origin = site.app, f"http://localhost:{port}"
        tenant = await site.tenant(origin)
        new = await tenant.do("CreateInstanceAppleIdentityProvider", name="Apple", **apple.settings)
        await tenant.do("SetDefaultLoginProviders", identity_provider_ids=(new["identity_provider_id"],))
        yield origin


@dataclass
class ApplePages:
    """What the browser is shown at Apple: a page that posts the answer at once, as Apple's own does."""

    apple: AppleUpstream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show it."""
        url = f"{self.apple.issuer}{scope['path']}?{scope['query_string'].decode()}"
        answer = await self.apple.sign_in(url, Account())
        fields = "".join(f'<input name="{name}" value="{escape(value)}">' for name, value in answer.items())
        form = f'<form method="post" action="{escape(self.apple.asked(url)["redirect_uri"])}">{fields}</form>'
        html = f"{form}<script>document.forms[0].submit()</script>"
        await Response(200, (("content-type", "text/html"),), html.encode()).send(send)


async def lead_astray(page: Page, apple: AppleUpstream, there: str) -> None:
    """Where we lead a browser to Apple, this one goes to another place: all else is as we have answered it."""

    async def led(route: Route) -> None:
        answer = await route.fetch(max_redirects=0)
        location = answer.headers["location"].replace(apple.issuer, there)
        await route.fulfill(response=answer, headers={**answer.headers, "location": location})

    await page.route("**/ui/idp?*", led)


async def test_apple_posts_its_answer(visitor: Visitor) -> None:
    """A form of another site comes without our cookies, and still signs in the browser that began, with the name."""
    apple = AppleUpstream(SystemClock())
    visit = await visitor(script=True)
    page = visit.page
    async with listening(ApplePages(apple)) as port, beside_apple(apple) as origin:
        await lead_astray(page, apple, f"http://127.0.0.1:{port}")
        await page.goto(f"{origin}/ui/login")
        await page.get_by_role("link", name="Apple").click()
        await expect_heading(page, "Choose your account")
        assert page.url == f"{origin}/ui/idp/account"
        await expect(page.get_by_label("Given name")).to_have_value("Ada")
        await expect(page.get_by_label("E-mail address")).to_have_value("ada@example.net")
        await page.get_by_label("User name").fill("ada-of-apple")
        await page.get_by_role("button", name="Create the account").click()
        await expect_heading(page, "Your account")
        await page.wait_for_load_state()
        assert visit.complaints == []
    assert len(apple.secrets) == 1
