"""The first minute with Hexkeep: an empty folder, one command, a browser."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.chromium import chromium, window
from tests.browser.person import expect_heading, sign_in
from tests.e2e.server import serving

pytestmark = pytest.mark.browser

BAR = 3.0
"""Seconds from the start of the process to its printed URL, on a machine that has nothing else to do."""
BUSY = 5
"""How much slower a machine may be that runs other tests beside."""


async def test_printed_administrator_signs_in(tmp_path: Path) -> None:
    """What the first start prints is enough to sign in, to see the account, and to sign out again."""
    with serving(tmp_path / "empty") as server:
        async with chromium() as browser, window(browser) as page:
            await page.goto(server.origin)
            await sign_in(page, server.administrator.user_name, server.administrator.password)
            await expect_heading(page, "Your account")
            await expect(page.get_by_text("You are signed in.")).to_be_visible()
            await expect(page.get_by_role("definition").filter(has_text="admin@localhost")).to_be_visible()
            await page.get_by_role("button", name="Sign out").click()
            await expect_heading(page, "You are signed out")
            await page.goto(f"{server.origin}/ui/account")
            await expect_heading(page, "Sign in")


async def test_what_is_printed_leads_somewhere(tmp_path: Path) -> None:
    """Each address that the start prints opens in a browser."""
    with serving(tmp_path / "empty") as server:
        printed = [word for word in server.said.split() if word.startswith(server.origin)]
        assert len(printed) >= 4
        async with chromium() as browser, window(browser) as page:
            for url in printed:
                answer = await page.goto(url)
                assert answer is not None
                assert answer.ok, url


def test_empty_folder_is_set_up_at_once(tmp_path: Path) -> None:
    """From the start of the process to the printed URL; the second start finds everything and prints no password."""
    with serving(tmp_path / "empty") as server:
        first = server.said
        assert server.printed_after < BAR * BUSY, f"{server.printed_after:.2f} s"
        server.stop()
        server.start()
        assert "Password" in first
        assert "Password" not in server.said[len(first) :]
