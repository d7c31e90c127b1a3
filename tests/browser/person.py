"""What a person does on our pages, by what stands there to be read."""

import re

from playwright.async_api import Page, expect


async def sign_in(page: Page, user_name: str, password: str) -> None:
    """On the login page: fill it in and send it."""
    await page.get_by_label("User name").fill(user_name)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()


async def allow(page: Page) -> None:
    """On the consent page: say yes."""
    await page.get_by_role("button", name="Allow", exact=True).click()


async def deny(page: Page) -> None:
    """On the consent page: say no."""
    await page.get_by_role("button", name="Do not allow").click()


async def expect_heading(page: Page, text: str) -> None:
    """The page that is meant to be there now is there."""
    await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(re.escape(text)))
