"""Sign-in by a directory in Chromium; the directory is OpenLDAP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.async_api import Page, expect

from hexkeep.adapters.outbound.settings import OutboundSettings
from tests.browser.chromium import SHARING
from tests.browser.conftest import Elsewhere, Served, Visitor, looked_at, serving
from tests.browser.person import expect_heading, sign_in
from tests.certificates import Authority
from tests.slapd import PASSWORD, running_slapd
from tests.unit.adapters.site import PASSWORD as SITE_PASSWORD
from tests.unit.adapters.site import USER_NAME, authorization

pytestmark = SHARING

NAME = "Northwind directory"


@asynccontextmanager
async def with_directory(folder: Path) -> AsyncIterator[Served]:
    """A Hexkeep whose people are in a directory, which its operator lets it reach."""
    authority = Authority(folder)
    near = OutboundSettings(private_networks=True, certificates=str(authority.certificate))
    with running_slapd(folder / "slapd", authority) as slapd:
        async with serving(near) as here:
            options = {"creation_allowed": True, "auto_creation": True, "linking_allowed": True}
            made = await here.tenant.do("CreateInstanceLdapIdentityProvider", name=NAME, **slapd.settings, **options)
            offered = (made["identity_provider_id"],)
            await here.tenant.do("SetDefaultLoginProviders", identity_provider_ids=offered)
            yield here


async def type_in(page: Page, password: str) -> None:
    """As somebody without a mouse: the focus is at the name, and then goes on from field to field."""
    name = page.get_by_label("User name")
    await expect(name).to_be_visible()
    if await name.input_value() == "":
        await expect(name).to_be_focused()
        await page.keyboard.type("grace")
    else:
        await name.focus()
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("Password")).to_be_focused()
    await page.keyboard.type(password)
    await page.keyboard.press("Enter")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_person_of_a_directory_signs_in(
    visitor: Visitor, elsewhere: Elsewhere, tmp_path: Path, scheme: str
) -> None:
    """After a mistyped password, back at the application with a code and an account; the next time it is the same."""
    visit, callback = await visitor(color_scheme=scheme, script=True), f"{elsewhere.origin}/callback"
    page = visit.page
    async with with_directory(tmp_path) as here:
        client = await here.tenant.application(redirect_uris=(callback,))
        wish = f"{here.origin}/oauth/authorize?{urlencode(authorization(client, redirect_uri=callback))}"
        await page.goto(wish)
        await page.get_by_role("link", name=NAME).press("Enter")
        await expect_heading(page, f"Sign in with {NAME}")
        await looked_at(page, f"idp-password-{scheme}")
        await type_in(page, "wrong")
        await expect(page.get_by_role("alert")).to_contain_text("or the password is wrong")
        await expect(page.get_by_label("Password")).to_have_value("")
        await looked_at(page, f"idp-password-wrong-{scheme}")
        await type_in(page, PASSWORD)
        await page.wait_for_url(f"{callback}?code=*")
        shown = []
        for _ in range(2):
            await page.context.clear_cookies(domain="localhost")
            await page.goto(f"{here.origin}/ui/login")
            await page.get_by_role("link", name=NAME).press("Enter")
            await expect_heading(page, f"Sign in with {NAME}")
            await type_in(page, PASSWORD)
            await expect_heading(page, "Your account")
            shown.append(await page.get_by_role("main").inner_text())
        assert shown[0] == shown[1]
        assert "grace@example.net" in shown[0]
    assert visit.complaints == []


async def test_person_may_sign_in_another_way(visitor: Visitor, tmp_path: Path) -> None:
    """Who has come to the page by mistake gets back to the choice, without a script."""
    visit = await visitor()
    page = visit.page
    async with with_directory(tmp_path) as here:
        await page.goto(f"{here.origin}/ui/login")
        await page.get_by_role("link", name=NAME).press("Enter")
        await page.get_by_role("link", name="Sign in another way").press("Enter")
        await page.wait_for_url(f"{here.origin}/ui/login*")
    assert visit.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_person_links_the_account_in_the_directory(visitor: Visitor, tmp_path: Path, scheme: str) -> None:
    """By keyboard, from the page of sessions and back to it, after a mistyped password; then the directory will do."""
    visit = await visitor(color_scheme=scheme, script=True)
    page = visit.page
    async with with_directory(tmp_path) as here:
        await page.goto(f"{here.origin}/ui/login")
        await sign_in(page, USER_NAME, SITE_PASSWORD)
        await expect_heading(page, "Your account")
        await page.goto(f"{here.origin}/ui/access")
        await page.get_by_role("button", name=f"Link {NAME}").press("Enter")
        await expect_heading(page, f"Link {NAME}")
        await looked_at(page, f"idp-link-password-{scheme}")
        await type_in(page, "wrong")
        await expect(page.get_by_role("alert")).to_contain_text("or the password is wrong")
        await looked_at(page, f"idp-link-password-wrong-{scheme}")
        await type_in(page, PASSWORD)
        await expect(page.get_by_role("status")).to_contain_text("signs you in from now on")
        await looked_at(page, f"access-linked-{scheme}")
        await page.context.clear_cookies()
        await page.goto(f"{here.origin}/ui/login")
        await page.get_by_role("link", name=NAME).press("Enter")
        await expect_heading(page, f"Sign in with {NAME}")
        await type_in(page, PASSWORD)
        await expect(page.get_by_role("main")).to_contain_text("Ada")
    assert visit.complaints == []
