"""Sign-in by an identity provider in Chromium; the provider is another Hexkeep."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import pytest
from joserfc import jws
from playwright.async_api import Page, Request, Route, expect

from hexkeep.adapters.outbound.settings import OutboundSettings
from tests.browser.chromium import SHARING
from tests.browser.conftest import AXE, SCREENSHOTS, Elsewhere, Served, Visitor, serving
from tests.browser.person import allow, expect_heading, sign_in
from tests.fakes.web_server import answer, web_server
from tests.unit.adapters.site import PASSWORD, USER_NAME, VERIFIER, answered, authorization
from tests.waiting import until

pytestmark = SHARING

NAME = "Northwind login"


@asynccontextmanager
async def both(channel: str = "back") -> AsyncIterator[tuple[Served, Served]]:
    """A Hexkeep that people sign in to by another one; they may call each other although both are on this machine."""
    near = OutboundSettings(private_networks=True)
    async with serving(near) as here, serving(near, "login.localhost") as there:
        client = await there.tenant.application(name="Hexkeep")
        made = await here.tenant.do("CreateInstanceOidcIdentityProvider", name=NAME, issuer=there.origin, **client)
        provider_id = made["identity_provider_id"]
        registered = {
            "redirect_uris": (f"{here.origin}/ui/idp/callback/{provider_id}",),
            "client_metadata": {
                f"{channel}channel_logout_uri": f"{here.origin}/oidc/rp/{channel}channel-logout/{provider_id}",
                f"{channel}channel_logout_session_required": True,
            },
        }
        await there.tenant.do("UpdateOidcApplication", client_id=client["client_id"], **registered)
        await here.tenant.do("SetDefaultLoginProviders", identity_provider_ids=(provider_id,))
        yield here, there


async def expect_accessible(page: Page, shot: str) -> None:
    """A page that everybody can read and use."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{shot}.png", full_page=True)
    await page.evaluate(AXE.read_text())
    assert await page.evaluate("axe.run().then(r => r.violations.map(v => v.id))") == []


async def press(page: Page, name: str, role: str = "button") -> None:
    """Go on with the keyboard until the focus is there, and press it."""
    wanted = page.get_by_role(role, name=name)  # type: ignore[arg-type]  # one of the roles of ARIA
    for _ in range(20):
        if await wanted.evaluate("one => one === document.activeElement"):
            break
        await page.keyboard.press("Tab")
    await expect(wanted).to_be_focused()
    await page.keyboard.press("Enter")


Carried = list[dict[str, list[str]]]


def carried(page: Page, place: str) -> Carried:
    """What a browser carries to a place from now on: the parameters of each request."""
    found: Carried = []

    def note(request: Request) -> None:
        url, _, query = request.url.partition("?")
        if url == place:
            found.append(parse_qs(query))

    page.on("request", note)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_keyboard_signs_in_by_another_hexkeep(visitor: Visitor, elsewhere: Elsewhere, scheme: str) -> None:
    """The first time an account is made, back at the application with a code; the next time nothing is asked.

    Unless the application wants the person to sign in again: a session there that is young enough does for less. What
    is wanted is pushed (RFC 9126), and the browser carries a reference alone.
    """
    visit, callback = await visitor(color_scheme=scheme, script=True), f"{elsewhere.origin}/callback"
    page = visit.page
    async with both() as (here, there):
        client = await here.tenant.application(redirect_uris=(callback,))
        wish = f"{here.origin}/oauth/authorize?{urlencode(authorization(client, redirect_uri=callback))}"
        asked_there = carried(page, f"{there.origin}/oauth/authorize")
        await page.goto(wish)
        await expect_accessible(page, f"login-providers-{scheme}")
        await press(page, NAME, "link")
        await page.wait_for_url(f"{there.origin}/ui/login*")
        await sign_in(page, USER_NAME, PASSWORD)
        await expect_heading(page, "Choose your account")
        await expect_accessible(page, f"idp-account-{scheme}")
        await page.get_by_label("User name").fill("from-there")
        await page.get_by_label("E-mail address").fill("ada@example.com")
        await press(page, "Create the account")
        await page.wait_for_url(f"{callback}?code=*")
        await page.context.clear_cookies(domain="localhost")
        await page.goto(wish)
        await press(page, NAME, "link")
        await page.wait_for_url(f"{callback}?code=*")
        await page.goto(f"{wish}&max_age=7200")
        await page.wait_for_url(f"{callback}?code=*")
        await page.goto(f"{wish}&prompt=login%20consent")
        await press(page, NAME, "link")
        await page.wait_for_url(f"{there.origin}/ui/login*")
        await sign_in(page, USER_NAME, PASSWORD)
        await expect_heading(page, "Allow access?")
        await allow(page)
        await page.wait_for_url(f"{callback}?code=*")
    assert len(asked_there) == 3
    assert all(one.keys() == {"client_id", "request_uri"} for one in asked_there)
    assert visit.complaints == []


async def led_with(page: Page, more: str) -> None:
    """Whoever sits at the browser adds something to where it is led."""

    async def led(route: Route) -> None:
        answer = await route.fetch(max_redirects=0)
        location = f"{answer.headers['location']}&{more}"
        await route.fulfill(response=answer, headers={**answer.headers, "location": location})

    await page.route("**/ui/idp?*", led)


async def stopped(page: Page, place: str) -> str:
    """They sign in there, and keep to themselves where the browser is sent then, which is below a place of ours."""
    stop, paused = await page.context.new_cdp_session(page), asyncio.Queue[dict[str, Any]]()
    stop.on("Fetch.requestPaused", paused.put_nowait)
    await stop.send("Fetch.enable", {"patterns": [{"urlPattern": f"{place}/*"}]})
    signing_in = asyncio.create_task(sign_in(page, USER_NAME, PASSWORD))
    async with asyncio.timeout(30):
        request = await paused.get()
    await stop.send("Fetch.fulfillRequest", {"requestId": request["requestId"], "responseCode": 200})
    await signing_in
    await stop.detach()
    return str(request["request"]["url"])


async def test_who_sits_at_the_browser_takes_no_wish_away(visitor: Visitor, elsewhere: Elsewhere) -> None:
    """RFC 9126: what is added to the URL counts for nothing, and a request of one's own signs nobody in."""
    visit, callback = await visitor(script=True), f"{elsewhere.origin}/callback"
    page = visit.page
    async with both() as (here, there):
        client = await here.tenant.application(redirect_uris=(callback,))
        asked = authorization(client, redirect_uri=callback, prompt="login")
        wish, asked_there = f"{here.origin}/oauth/authorize?{urlencode(asked)}", f"{there.origin}/oauth/authorize"
        await page.goto(f"{there.origin}/ui/login")
        await sign_in(page, USER_NAME, PASSWORD)
        await expect_heading(page, "Your account")
        await led_with(page, urlencode({"prompt": "none", "max_age": "9999999", "scope": "openid", "nonce": "own"}))
        seen = carried(page, asked_there)
        await page.goto(wish)
        await press(page, NAME, "link")
        await page.wait_for_url(f"{there.origin}/ui/login*")
        assert seen[0]["prompt"] == ["none"], "it was added"
        back = await stopped(page, f"{here.origin}/ui/idp/callback")
        own = {"client_id": seen[0]["client_id"][0], "redirect_uri": back.partition("?")[0], "response_type": "code"}
        await page.goto(f"{asked_there}?{urlencode({**own, 'scope': 'openid', 'state': answered(back)['state']})}")
        await expect_heading(page, "You could not be signed in there")
        assert answered(page.url).keys() >= {"code", "state"}, "the provider has taken it"
        await page.goto(f"{here.origin}/ui/account")
        await expect(page.get_by_role("link", name=NAME)).to_be_visible()
    assert visit.complaints == []


async def test_person_links_the_account_that_there_is(visitor: Visitor) -> None:
    """By signing in here once more; and unlinks it, having signed in there a moment ago."""
    visit = await visitor(script=True)
    page = visit.page
    async with both() as (here, there):
        await page.goto(f"{here.origin}/ui/login")
        await press(page, NAME, "link")
        await page.wait_for_url(f"{there.origin}/ui/login*")
        await sign_in(page, USER_NAME, PASSWORD)
        await press(page, "Sign in to link it")
        await sign_in(page, USER_NAME, PASSWORD)
        await press(page, f"Link it to {USER_NAME}")
        await expect_heading(page, "Your account")
        await page.context.clear_cookies(domain="localhost")
        await page.goto(f"{here.origin}/ui/login")
        await press(page, NAME, "link")
        await expect_heading(page, "Your account")
        await page.goto(f"{here.origin}/ui/access")
        await press(page, f"Unlink: {NAME}")
        await expect(page.get_by_role("status")).to_contain_text("does not sign you in any more")
    assert visit.complaints == []


@pytest.mark.parametrize("channel", ["back", "front"])
async def test_sign_out_there_ends_the_session_here_and_in_the_applications(
    visitor: Visitor, elsewhere: Elsewhere, channel: str
) -> None:
    """From the provider to us by a logout token or a frame, and from us to our applications by the queue."""
    visit, callback = await visitor(script=True), f"{elsewhere.origin}/callback"
    page = visit.page
    async with both(channel) as (here, there), web_server({"/backchannel": answer()}) as web:
        hears = {"backchannel_logout_uri": f"http://localhost:{web.port}/backchannel"}
        client = await here.tenant.application(redirect_uris=(callback,), client_metadata=hears)
        await page.goto(f"{here.origin}/oauth/authorize?{urlencode(authorization(client, redirect_uri=callback))}")
        await press(page, NAME, "link")
        await page.wait_for_url(f"{there.origin}/ui/login*")
        await sign_in(page, USER_NAME, PASSWORD)
        await page.get_by_label("User name").fill("from-there")
        await page.get_by_label("E-mail address").fill("ada@example.com")
        await press(page, "Create the account")
        await page.wait_for_url(f"{callback}?code=*")
        sid = await redeemed(here, client, answered(page.url)["code"], callback)
        await page.goto(f"{here.origin}/ui/account")
        await expect_heading(page, "Your account")
        await page.goto(f"{there.origin}/ui/account")
        await press(page, "Sign out")
        await expect_heading(page, "You are signed out")

        async def heard() -> bool:
            return bool(web.bodies)

        await until(heard, 30)
        (token,) = parse_qs(web.bodies[0].decode())["logout_token"]
        assert claims_in(token)["sid"] == sid
        await page.goto(f"{here.origin}/ui/account")
        await expect(page.get_by_role("link", name=NAME)).to_be_visible()
    assert visit.complaints == []


async def redeemed(here: Served, client: dict[str, str], code: str, callback: str) -> object:
    """The name of the session in the ID token that an application gets for a code."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback, "code_verifier": VERIFIER}
    async with httpx.AsyncClient(trust_env=False) as program:
        auth = (client["client_id"], client["client_secret"])
        tokens = await program.post(f"{here.origin}/oauth/token", data=form, auth=auth)
    return claims_in(tokens.json()["id_token"])["sid"]


def claims_in(token: str) -> dict[str, object]:
    """What stands in a token, whoever has signed it."""
    claims: dict[str, object] = json.loads(jws.extract_compact(token.encode()).payload)
    return claims
