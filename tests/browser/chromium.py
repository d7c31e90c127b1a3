"""Chromium, as a person's browser: started for one test, gone afterwards. Import the fixtures where they are needed."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 8_000.0
"""Milliseconds until an element or a page has to be there, on a machine that is busy with other things."""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The system's Chromium without a window."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    assert program, f"the browser tests need one of {', '.join(NAMES)}"
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def window(browser: Browser) -> AsyncIterator[Page]:
    """A page in a profile of its own: no cookies, no history."""
    context = await browser.new_context()
    context.set_default_timeout(PATIENCE)
    try:
        yield await context.new_page()
    finally:
        await context.close()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser for one test."""
    async with chromium() as started:
        yield started


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """An empty page for one test."""
    async with window(browser) as opened:
        yield opened
