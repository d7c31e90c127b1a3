"""Chromium, as a person's browser, started for one test: import the fixtures where they are needed.

Half of what a test with it costs is its start. Tests that share one, ``shared_browser``, each with windows of their own
profile, are marked by ``SHARING``: it lives in the event loop of the session, and so do they and their fixtures.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
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
SHARING = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
"""Marks of a module whose tests have the shared browser."""
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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_browser() -> AsyncIterator[Browser]:
    """A browser for every test that shares it."""
    async with chromium() as started:
        yield started


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
