"""A person who has no account yet, sent by an application that knows that."""

from urllib.parse import urlencode

import pytest
from playwright.async_api import expect

from tests.browser.chromium import SHARING
from tests.browser.conftest import Elsewhere, Served, Visitor, looked_at
from tests.browser.person import expect_heading
from tests.browser.test_pages import register
from tests.unit.adapters.site import PASSWORD, authorization

pytestmark = SHARING


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_keyboard_makes_an_account_for_an_application(
    served: Served, visitor: Visitor, elsewhere: Elsewhere, scheme: str
) -> None:
    """`prompt=create`: form, mail, code and password, and back with a code; a problem has the focus.

    The account is for one organization, which its form and the sign-in page name.
    """
    meant = (await served.tenant.do("CreateOrganization", name="Contoso Travel"))["organization_id"]
    await served.tenant.do("SetLoginPolicy", organization_id=meant, registration_allowed=True)
    callback = f"{elsewhere.origin}/callback"
    client = await served.tenant.application(name="Northwind Travel Desk", redirect_uris=(callback,))
    visit = await visitor(color_scheme=scheme, script=True)
    page = visit.page
    scope = f"openid urn:hexkeep:organization:id:{meant}"
    wish = authorization(client, redirect_uri=callback, prompt="create", scope=scope)
    await page.goto(f"{served.origin}/oauth/authorize?{urlencode(wish)}")
    await expect(page.get_by_text("The account will belong to Contoso Travel.")).to_be_visible()
    await looked_at(page, f"register-organization-{scheme}")
    await page.get_by_role("link", name="Sign in").press("Enter")
    await expect(page.get_by_text("This is for people of Contoso Travel.")).to_be_visible()
    await looked_at(page, f"login-organization-{scheme}")
    await page.get_by_role("link", name="Create an account").press("Enter")
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
