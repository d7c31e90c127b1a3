"""Chromium, and a real server on the loopback interface."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request
from pydantic import SecretStr

import hexkeep
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.asgi.types import ASGIApp, Receive, Scope, Send
from hexkeep.adapters.outbound.settings import OutboundSettings
from hexkeep.bootstrap.embed import Embedded
from hexkeep.bootstrap.http import http_app
from hexkeep.bootstrap.settings import SecretsSettings, ServerSettings, Settings, SetupSettings, StorageChoice
from tests.browser.chromium import shared_browser
from tests.mailbox import Mailbox
from tests.unit.adapters.site import PASSWORD, USER_NAME, Tenant
from tests.unit.engine.rig import QUICK

__all__ = ["shared_browser"]

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
AXE = ROOT / "tests" / "e2e" / "node" / "node_modules" / "axe-core" / "axe.min.js"


@dataclass
class Served:
    """A whole Hexkeep that a browser can reach under ``origin``."""

    tenant: Tenant
    origin: str
    mail: Mailbox


@dataclass
class Visit:
    """A window of a fresh browser profile, and everything it complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note console messages (that is where CSP violations show), script errors, and what could not be loaded."""
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", self._not_loaded)

    def _not_loaded(self, request: Request) -> None:
        # A picture that the person did not wait for, going on to the next page, is no complaint. What a policy blocks
        # or a server does not answer fails with other words.
        if request.is_navigation_request() or request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url} {request.failure}")

    def _said(self, message: ConsoleMessage) -> None:
        # Chromium reports every page whose status is an error, which is what such a page is meant to have.
        if "the server responded with a status of 4" not in message.text:
            self.complaints.append(message.text)


async def looked_at(page: Page, name: str) -> None:
    """A picture for people, and axe-core finds nothing."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
    await page.evaluate(AXE.read_text())
    assert await page.evaluate("axe.run().then(r => r.violations.map(v => v.id))") == []


Visitor = Callable[..., Awaitable[Visit]]


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[int]:
    """An application on a free port of the loopback interface."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, lifespan="off", ws="none", log_config=None, proxy_headers=False)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task
        listener.close()


@pytest_asyncio.fixture(loop_scope="session")
async def served() -> AsyncIterator[Served]:
    """A site as `hexkeep serve` composes it, with one instance, which finds nobody of the tests'."""
    async with serving(OutboundSettings()) as made:
        yield made


@asynccontextmanager
async def serving(outbound: OutboundSettings, host: str = "localhost") -> AsyncIterator[Served]:
    """The same, with a way out of its own, and a name: browsers share cookies among ports."""
    async with AsyncExitStack() as stack:
        behind = Later()
        origin = f"http://{host}:{await stack.enter_async_context(listening(behind))}"
        mail = Mailbox()
        settings = settings_for(origin).model_copy(update={"outbound": outbound})
        embedded = await stack.enter_async_context(hexkeep.open(settings, plugins=[mail]))
        behind.app = http_app(embedded)
        yield Served(await tenant_of(embedded), origin, mail)


class Later:
    """An application that is made once its port is known."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on."""
        await self.app(scope, receive, send)


def settings_for(origin: str) -> Settings:
    """Everything in memory, and an administrator whom the tests know."""
    return Settings(
        server=ServerSettings(public_url=origin),
        storage=StorageChoice(adapter="memory"),
        secrets=SecretsSettings(master_key=SecretStr(base64.urlsafe_b64encode(bytes(32)).decode())),
        hashing=QUICK,
        setup=SetupSettings(
            user_name=USER_NAME, given_name="Ada", family_name="Lovelace", password=SecretStr(PASSWORD)
        ),
    )


async def tenant_of(embedded: Embedded) -> Tenant:
    """The instance that the first run has set up."""
    made = embedded.first_run
    assert made is not None
    tenant = Tenant(embedded.iam, made.instance_id, made.origin, "", made.user_id)
    tenant.organization_id = str((await tenant.do("GetUser", user_id=made.user_id))["organization_id"])
    return tenant


@dataclass
class Elsewhere:
    """Another site, to the browser as foreign as can be; ``html`` is what it shows at every path.

    Where ``sends_on`` is set it shows nothing under its first name: whoever comes is sent on to ``other``.
    """

    origin: str = ""
    html: str = "<p>Somewhere else"
    sends_on: bool = False

    @property
    def other(self) -> str:
        """A page of it under its other name, which is another origin, and another site than ours as well."""
        return f"{self.origin.replace('127.0.0.1', 'app.localhost')}/home"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show it, or send on."""
        if self.sends_on and scope["path"] != "/home":
            await Response(303, (("location", self.other),), b"").send(send)
        else:
            await Response(200, (("content-type", "text/html"),), self.html.encode()).send(send)


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere() -> AsyncIterator[Elsewhere]:
    """A site under a number, and not the name that ours has."""
    site = Elsewhere()
    async with listening(site) as port:
        site.origin = f"http://127.0.0.1:{port}"
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(shared_browser: Browser) -> AsyncIterator[Visitor]:
    """Opens windows; keyword arguments are those of a Playwright context."""
    contexts: list[BrowserContext] = []

    async def opened(**options: object) -> Visit:
        context = await shared_browser.new_context(java_script_enabled=bool(options.pop("script", False)), **options)  # type: ignore[arg-type]  # passed on as they are
        contexts.append(context)
        visit = Visit(await context.new_page())
        visit.watch()
        return visit

    yield opened
    for context in contexts:
        await context.close()
