"""Answering what an application asks elsewhere, in Chromium: from the mail to the answer, with the keyboard alone."""

import httpx
from playwright.async_api import expect

from hexkeep.core.application.state import GrantType
from tests.browser.chromium import SHARING
from tests.browser.conftest import AXE, Served, Visitor
from tests.browser.person import expect_heading
from tests.browser.test_device import looked_at
from tests.browser.test_pages import type_in
from tests.unit.adapters.site import PASSWORD, USER_NAME

pytestmark = SHARING


async def test_keyboard_answers_two_applications(served: Served, visitor: Visitor) -> None:
    """Both are on one page, each with a heading of its own; the account page tells of what is left."""
    visit = await visitor(script=AXE.exists())
    page = visit.page
    async with httpx.AsyncClient(base_url=served.origin) as rest:
        for name, said in (("Northwind Bank", "W4SCT"), ("Northwind Travel Desk", "")):
            made = await served.tenant.application(name=name, redirect_uris=(), grant_types=(GrantType.CIBA,))
            form = {"scope": "openid profile", "login_hint": USER_NAME, "binding_message": said}
            secret = (made["client_id"], made["client_secret"])
            answer = await rest.post("/oauth/bc-authorize", data=form, auth=secret)
            assert answer.status_code == 200, answer.text
    await page.goto(f"{served.origin}/approve")
    await type_in(page, USER_NAME, PASSWORD)
    await expect_heading(page, "An application asks for you")
    bank = page.get_by_role("region", name="Northwind Bank would like to:")
    await expect(bank.get_by_role("group")).to_contain_text("W4SCT")
    await looked_at(page, "approve")
    await page.keyboard.press("Tab")
    await expect(bank.get_by_role("button", name="Allow", exact=True)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect_heading(page, "The application has access")
    await page.goto(f"{served.origin}/ui/account")
    await page.get_by_role("link", name="An application asks for you").press("Enter")
    await expect(page.get_by_role("region")).to_have_count(1)
    await page.get_by_role("button", name="Do not allow").press("Enter")
    await expect_heading(page, "The application has no access")
    await page.goto(f"{served.origin}/approve")
    await expect_heading(page, "Nothing waits for you")
    assert visit.complaints == []
