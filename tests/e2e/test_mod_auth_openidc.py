"""mod_auth_openidc, which we did not write, guards a page of an Apache."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.person import expect_heading, sign_in
from tests.e2e.apache import AVAILABLE, WHY_NOT, Apache, apache
from tests.e2e.rest import Rest, World
from tests.e2e.server import HexkeepServer, serving
from tests.waiting import until

OK = 200
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not AVAILABLE, reason=WHY_NOT)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HexkeepServer]:
    """A server on SQLite that may reach the Apache beside it."""
    settings = {"HEXKEEP_OUTBOUND__PRIVATE_NETWORKS": "true"}
    with serving(tmp_path_factory.mktemp("sqlite"), settings) as server:
        yield server


@pytest.fixture
def party(world: World, server: HexkeepServer, tmp_path: Path) -> Iterator[Apache]:
    """Apache with its private page."""
    with apache(world, server, tmp_path) as party:
        yield party


async def test_private_page_is_seen_by_who_signed_in(world: World, party: Apache, page: Page) -> None:
    """The page, the claims that the module hands on, and a sign-out after which the page is private again."""
    await page.goto(party.private)
    await sign_in(page, world.ada.user_name, world.ada.password)
    await page.wait_for_url(party.private)
    await expect_heading(page, "Private")
    again = await page.goto(party.private)
    assert again is not None
    assert again.headers["x-subject"] == world.ada.user_id
    assert again.headers["x-mail"] == "ada@example.com"
    await page.goto(party.sign_out)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bye")
    await page.goto(party.private)
    await expect_heading(page, "Sign in")
    assert "error" not in party.log.lower(), party.log


async def test_private_page_is_private_again_when_the_session_ends_elsewhere(
    world: World, server: HexkeepServer, party: Apache, page: Page
) -> None:
    """OIDC Back-Channel Logout 1.0: the module hears of it from server to server, and its own session is over."""
    await page.goto(party.private)
    await sign_in(page, world.ada.user_name, world.ada.password)
    await page.wait_for_url(party.private)
    seen = await page.goto(party.private)
    assert seen is not None
    with Rest(server, world.ada_session) as ada:
        ended = await asyncio.to_thread(ada.send, "DELETE", f"/auth/v1/sessions/{seen.headers['x-session']}")
        assert ended.is_success, ended.text

    async def signed_out() -> bool:
        answer = await page.request.get(party.private, max_redirects=0)
        return answer.status != OK

    await until(signed_out, 15)
    await page.goto(party.private)
    await expect_heading(page, "Sign in")
    assert "error" not in party.log.lower(), party.log
