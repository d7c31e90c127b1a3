"""The logo of an application in Chromium: seen on our pages, and asked of nobody but us."""

from html import escape
from pathlib import Path
from typing import cast
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.async_api import Page, Request, expect

from hexkeep.core.connection.messages import Connection
from tests.browser.chromium import SHARING
from tests.browser.conftest import Elsewhere, Served, Visitor, looked_at, serving
from tests.browser.person import allow, expect_heading, sign_in
from tests.fakes.client_site import client_site, picture
from tests.fakes.web_server import answer
from tests.unit.adapters.site import PASSWORD, USER_NAME, authorization

pytestmark = SHARING

NAME = "Northwind Travel Desk"
SIZE = "one => one.decode().then(() => [one.naturalWidth, one.naturalHeight])"


async def expect_logo(page: Page, shot: str) -> None:
    """It is there, whole and named, on a page that everybody can read."""
    logo = page.get_by_role("img", name=f"Logo of {NAME}")
    await expect(logo).to_be_visible()
    assert await logo.evaluate(SIZE) == [256, 128]
    await looked_at(page, shot)


async def expect_logo_elsewhere(page: Page, served: Served, elsewhere: Elsewhere) -> None:
    """A page of somebody else's that lists what applications have of the person shows the same picture."""
    mine = await served.tenant.do("ListUserConnections", user_id=served.tenant.user_id)
    (one,) = cast("tuple[Connection, ...]", mine["connections"])
    elsewhere.html = f'<img alt="Logo" src="{escape(one.logo_uri)}">'
    await page.goto(f"{elsewhere.origin}/applications")
    assert await page.get_by_role("img", name="Logo").evaluate(SIZE) == [256, 128]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_person_sees_the_logo_from_our_own_origin(
    tmp_path: Path, visitor: Visitor, elsewhere: Elsewhere, scheme: str
) -> None:
    """Where she signs in and where she agrees, named for who sees none; the client is asked once, by us."""
    visit, callback = await visitor(color_scheme=scheme, script=True), f"{elsewhere.origin}/callback"
    asked: set[str] = set()

    def note(request: Request) -> None:
        asked.add(urlsplit(request.url).netloc)

    async with client_site(tmp_path, logo=answer(picture())) as site, serving(site.outbound) as served:
        metadata = {"logo_uri": site.url("/logo")}
        client = await served.tenant.application(
            name=NAME, consent_required=True, redirect_uris=(callback,), client_metadata=metadata
        )
        visit.page.on("request", note)
        params = authorization(client, redirect_uri=callback)
        await visit.page.goto(f"{served.origin}/oauth/authorize?{urlencode(params)}")
        await expect_logo(visit.page, f"login-logo-{scheme}")
        await sign_in(visit.page, USER_NAME, PASSWORD)
        await expect_heading(visit.page, "Allow access?")
        await expect_logo(visit.page, f"consent-logo-{scheme}")
        assert asked == {urlsplit(served.origin).netloc}
        assert len(site.server.requests) == 1
        await allow(visit.page)
        await visit.page.wait_for_url(f"{callback}?code=*")
        await expect_logo_elsewhere(visit.page, served, elsewhere)
        assert len(site.server.requests) == 1
    assert visit.complaints == []
