"""Chromium, and a real server on the loopback interface."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

from tests.unit.adapters.site import Site, Tenant, running_site

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
AXE = ROOT / "tests" / "e2e" / "node" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@dataclass
class Served:
    """A site that a browser can reach under ``origin``."""

    site: Site
    tenant: Tenant
    origin: str


@dataclass
class Visit:
    """A window of a fresh browser profile, and everything it complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note console messages (that is where CSP violations show), script errors, and what could not be loaded."""
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", lambda request: self.complaints.append(f"{request.url} {request.failure}"))

    def _said(self, message: ConsoleMessage) -> None:
        # Chromium reports every page whose status is an error, which is what such a page is meant to have.
        if "the server responded with a status of 4" not in message.text:
            self.complaints.append(message.text)


Visitor = Callable[..., Awaitable[Visit]]


@asynccontextmanager
async def listening(site: Site) -> AsyncIterator[str]:
    """The site on a free port; its origin."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(site.app, lifespan="off", ws="none", log_config=None, proxy_headers=False)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield f"http://localhost:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """A site with one instance."""
    async with running_site() as site, listening(site) as origin:
        yield Served(site, await site.tenant(origin), origin)


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """A browser process."""
    program = next((path for path in map(which, CHROMIUM) if path), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def visitor(chromium: Browser) -> AsyncIterator[Visitor]:
    """Opens windows; keyword arguments are those of a Playwright context."""
    contexts: list[BrowserContext] = []

    async def opened(**options: object) -> Visit:
        context = await chromium.new_context(java_script_enabled=bool(options.pop("script", False)), **options)  # type: ignore[arg-type]  # passed on as they are
        contexts.append(context)
        visit = Visit(await context.new_page())
        visit.watch()
        return visit

    yield opened
    for context in contexts:
        await context.close()
