"""A person who has no account yet, sent by an application that knows that."""

from urllib.parse import urlencode

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Elsewhere, Served, Visitor
from tests.browser.person import expect_heading
from tests.browser.test_pages import register
from tests.unit.adapters.site import PASSWORD, authorization

pytestmark = pytest.mark.browser


async def test_keyboard_makes_an_account_for_an_application(
    served: Served, visitor: Visitor, elsewhere: Elsewhere
) -> None:
    """`prompt=create`: form, mail, code and password, and back with a code; a problem has the focus."""
    await served.tenant.do("SetDefaultLoginPolicy", registration_allowed=True)
    callback = f"{elsewhere.origin}/callback"
    client = await served.tenant.application(name="Northwind Travel Desk", redirect_uris=(callback,))
    visit = await visitor()
    page = visit.page
    wish = authorization(client, redirect_uri=callback, prompt="create")
    await page.goto(f"{served.origin}/oauth/authorize?{urlencode(wish)}")
    await expect_heading(page, "Create an account")
    await register(page)
    await expect_heading(page, "Confirm your e-mail address")
    await expect(page.get_by_label("Code")).to_be_focused()
    code = (await served.mail.next("register_user")).values["code"]
    await page.keyboard.type("ZZZZZZZZ")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type(code.lower())
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{callback}?code=*")
    assert visit.complaints == []
