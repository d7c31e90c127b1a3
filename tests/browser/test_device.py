"""Letting a device in, in Chromium: by keyboard alone, seen in both schemes and by axe-core where that is installed."""

import re

import httpx
from playwright.async_api import Page, expect

from hexkeep.core.application.state import GrantType
from tests.browser.chromium import SHARING
from tests.browser.conftest import AXE, SCREENSHOTS, Served, Visitor
from tests.browser.person import expect_heading
from tests.browser.test_pages import DESKTOP, NARROW, PHONE, WCAG, type_in
from tests.unit.adapters.site import PASSWORD, USER_NAME

pytestmark = SHARING


async def begun(served: Served, rest: httpx.AsyncClient) -> tuple[str, dict[str, str]]:
    """A device's client id, and what it got."""
    application = await served.tenant.application(
        name="Northwind Television",
        application_type="native",
        auth_method="none",
        redirect_uris=(),
        post_logout_redirect_uris=(),
        grant_types=(GrantType.DEVICE_CODE, GrantType.REFRESH_TOKEN),
    )
    form = {"client_id": application["client_id"], "scope": "openid profile offline_access"}
    answer = await rest.post("/oauth/device_authorization", data=form)
    assert answer.status_code == 200, answer.text
    return application["client_id"], answer.json()


async def looked_at(page: Page, title: str) -> None:
    """Pictures of a page in both schemes and three widths, and what axe-core has to say."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        for name, size in (("desktop", DESKTOP), ("phone", PHONE), ("narrow", NARROW)):
            await page.set_viewport_size(size)  # type: ignore[arg-type]  # a mapping of width and height
            await page.screenshot(path=SCREENSHOTS / f"{title}-{scheme}-{name}.png", full_page=True)
            assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (title, name)
        if AXE.exists():
            await page.evaluate(AXE.read_text(encoding="utf-8"))  # by the debugger, past the page's policy
            run = f"axe.run({{runOnly: {WCAG}}}).then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
            assert await page.evaluate(run) == [], title


async def test_keyboard_lets_a_device_in(served: Served, visitor: Visitor) -> None:
    """Wrong code, right code, sign-in on the way, the question with the code to compare, and tokens for the device."""
    visit = await visitor(script=AXE.exists())
    page = visit.page
    async with httpx.AsyncClient(base_url=served.origin) as rest:
        client_id, device = await begun(served, rest)
        await page.goto(device["verification_uri"])
        await expect(page.get_by_label("Code")).to_be_focused()
        await page.keyboard.type("BCDF")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_be_focused()
        described = re.compile("Eight letters, such as .* Enter the eight letters that your device shows")
        await expect(page.get_by_label("Code")).to_have_accessible_description(described)
        await looked_at(page, "device-code")
        await page.get_by_label("Code").fill(device["user_code"].lower())
        await page.keyboard.press("Enter")
        await type_in(page, USER_NAME, PASSWORD)
        await expect_heading(page, "Connect this device?")
        await expect(page.get_by_role("group", name="Your device has to show exactly this code:")).to_contain_text(
            device["user_code"]
        )
        await looked_at(page, "device-confirm")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Use another account")).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect_heading(page, "Your device is connected")
        await looked_at(page, "device-done")
        form = {"grant_type": GrantType.DEVICE_CODE.value, "device_code": device["device_code"], "client_id": client_id}
        assert (await rest.post("/oauth/token", data=form)).json()["token_type"] == "Bearer"
    assert visit.complaints == []
