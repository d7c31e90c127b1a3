"""Around identity providers in Chromium, by another Hexkeep: linking, being led by a domain, and signing out there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import expect

from hexkeep.adapters.outbound.settings import OutboundSettings
from tests.browser.chromium import SHARING
from tests.browser.conftest import Served, Visitor, serving
from tests.browser.person import expect_heading, sign_in
from tests.browser.test_idp import NAME, expect_accessible, press
from tests.unit.adapters.site import PASSWORD, USER_NAME

pytestmark = SHARING


@asynccontextmanager
async def both() -> AsyncIterator[tuple[Served, Served]]:
    """A Hexkeep whose people of one domain are led to another one, and signed out there as well."""
    near = OutboundSettings(private_networks=True)
    async with serving(near) as here, serving(OutboundSettings(), "login.localhost") as there:
        client = await there.tenant.application(
            name="Hexkeep",
            post_logout_redirect_uris=(f"{here.origin}/ui/idp/signed-out",),
        )
        chosen = {"provider_logout": True, "email_domains": ("partner.example",)}
        made = await here.tenant.do(
            "CreateInstanceOidcIdentityProvider", name=NAME, issuer=there.origin, **client, **chosen
        )
        provider_id = made["identity_provider_id"]
        callback = f"{here.origin}/ui/idp/callback/{provider_id}"
        await there.tenant.do("UpdateOidcApplication", client_id=client["client_id"], redirect_uris=(callback,))
        await here.tenant.do("SetDefaultLoginProviders", identity_provider_ids=(provider_id,))
        yield here, there


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_keyboard_links_is_led_and_signs_out_everywhere(visitor: Visitor, scheme: str) -> None:
    """The account is linked from the page of sessions, a domain leads to it, and signing out ends both sessions."""
    visit = await visitor(color_scheme=scheme, script=True)
    page = visit.page
    async with both() as (here, there):
        await page.goto(f"{here.origin}/ui/login")
        await sign_in(page, USER_NAME, PASSWORD)
        await expect_heading(page, "Your account")
        await page.goto(f"{here.origin}/ui/access")
        await expect_accessible(page, f"access-linking-{scheme}")
        await press(page, f"Link {NAME}")
        await page.wait_for_url(f"{there.origin}/ui/login*")
        await sign_in(page, USER_NAME, PASSWORD)
        await expect(page.get_by_role("status")).to_have_text("That account signs you in from now on")
        await page.context.clear_cookies(name="__Host-hexkeep-session", domain="localhost")
        await page.goto(f"{here.origin}/ui/login")
        await page.get_by_label("User name").fill("ada@partner.example")
        await expect_accessible(page, f"login-realm-{scheme}")
        await press(page, "Use your organization's sign-in")
        await expect_heading(page, "Your account")
        await page.goto(f"{here.origin}/ui/logout")
        await press(page, "Sign out")
        await expect_heading(page, "You are signed out")
        assert page.url == f"{here.origin}/ui/signed-out"
        for site in (here, there):
            await page.goto(f"{site.origin}/ui/account")
            await page.wait_for_url(f"{site.origin}/ui/login*")
    assert visit.complaints == []
