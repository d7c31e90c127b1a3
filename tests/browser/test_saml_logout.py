"""Single logout by SAML in Chromium: from one service provider to the next, each of which keeps a cookie of its own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.asgi.types import Receive, Scope, Send
from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.ports.api import Meta, System
from tests.browser.chromium import SHARING
from tests.browser.conftest import Served, Visitor, listening, looked_at
from tests.browser.person import expect_heading, sign_in
from tests.browser.test_pages import form_to
from tests.saml_parties import OneLogin, PySaml2, Told
from tests.unit.adapters.site import PASSWORD, USER_NAME

pytestmark = SHARING
HTML = ("content-type", "text/html")


@dataclass
class Site:
    """A service provider with pages: it signs somebody in to a cookie, and out of that alone."""

    party: OneLogin | PySaml2 | None = None
    silent: bool = False
    signed_in: list[Told] = field(default_factory=list)
    sees_itself: list[bool] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What the application and its cookie are called."""
        return type(self.party).__name__

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Where answers come, where logout messages come, and a page at every other path."""
        body = (await receive()).get("body", b"") if scope["method"] == "POST" else b""
        fields = dict(parse_qsl(body.decode()))
        query = scope["query_string"].decode()
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        url = f"http://{headers['host']}{scope['path']}{'?' if query else ''}{query}"
        await self._answer(url, fields, headers.get("cookie", "")).send(send)

    def _answer(self, url: str, fields: dict[str, str], cookie: str) -> Response:
        assert self.party is not None
        if url == self.party.consumer:
            self.signed_in.append(self.party.accept(fields))
            own = ("set-cookie", f"{self.name}=1; HttpOnly; SameSite=Lax")
            return Response(200, (HTML, own), b"<h1>In")
        told = url.replace("app.localhost", "127.0.0.1")
        if not told.startswith(self.party.logout):
            return Response(200, (HTML,), b"<h1>The application")
        if self.silent:
            return Response(200, (HTML,), b"<h1>Nothing works here")
        if told == url:
            self.sees_itself.append(self.name in cookie)
        if fields and told == url:  # on to another origin of it, with all that was posted
            return Response(307, (("location", url.replace("127.0.0.1", "app.localhost")),), b"")
        action, posted = self.party.hear(told, fields)
        if posted:
            return Response(200, (HTML,), form_to(action, posted).encode())
        return Response(302, (("location", action),), b"")

    async def join(self, served: Served, page: Page, *, first: bool, script: bool, origin: str = "") -> None:
        """Register it, and have the browser's person sign in, on another host of the instance if one is named."""
        assert self.party is not None
        async with httpx.AsyncClient(base_url=served.origin, trust_env=False) as program:
            self.party.know((await program.get("/saml/metadata")).text)
        project = await served.tenant.do("CreateProject", organization_id=served.tenant.organization_id, name="Wiki")
        asked = {"project_id": project["project_id"], "name": self.name, "metadata_xml": self.party.metadata()}
        await served.tenant.do("CreateSamlApplication", **asked)
        await page.goto(self.party.begin()[0].replace(served.origin, origin or served.origin))
        if first:
            await sign_in(page, USER_NAME, PASSWORD)
        if not script:
            await page.get_by_role("button", name="Continue").click()
        await page.wait_for_url(self.party.consumer)


@pytest_asyncio.fixture(loop_scope="session")
async def sites(tmp_path: Path) -> AsyncIterator[tuple[Site, Site]]:
    """One that hears by redirect, and one that hears by a form."""
    first, second = Site(), Site()
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(listening(first))
        first.party = OneLogin(f"http://127.0.0.1:{port}")
        port = await stack.enter_async_context(listening(second))
        second.party = PySaml2(f"http://127.0.0.1:{port}", tmp_path)
        yield first, second


async def sign_out(origin: str, page: Page) -> None:
    """On our own page."""
    await page.goto(f"{origin}/ui/logout")
    await page.get_by_role("button", name="Sign out").click()


async def on_another_host(served: Served) -> str:
    """The origin of one more host of the instance."""
    operation = served.tenant.iam.operation("AddInstanceHost")
    asked = operation.input(instance_id=served.tenant.id, host="shop.localhost")
    await served.tenant.iam.call(operation, asked, System(), Meta(instance=SYSTEM_INSTANCE, timeout=60))
    return served.origin.replace("localhost", "shop.localhost")


@pytest.mark.parametrize(("script", "elsewhere"), [(True, False), (False, False), (True, True)])
async def test_sign_out_goes_to_each_service_provider(
    served: Served, visitor: Visitor, sites: tuple[Site, Site], *, script: bool, elsewhere: bool
) -> None:
    """By itself, or by its buttons. One that is redirected to sees its cookie, one with a form not; all ends here.

    So it does on another host of the instance, though service providers come back to the primary one.
    """
    visit, page = (made := await visitor(script=script)), made.page
    origin = await on_another_host(served) if elsewhere else served.origin
    for site in sites:
        await site.join(served, page, first=site is sites[0], script=script, origin=origin)
    await sign_out(origin, page)
    if not script:
        await expect_heading(page, "Signing you out")
        await page.get_by_role("link", name="Continue").press("Enter")
        await expect(page.get_by_text("Signed out: OneLogin.")).to_be_visible()
        await page.get_by_role("button", name="Continue").press("Enter")
    await page.get_by_role("button", name="Go").click()
    await expect_heading(page, "You are signed out")
    assert page.url == f"{origin}/ui/signed-out"
    assert [site.sees_itself for site in sites] == [[True], [False]]
    assert not [one for one in await page.context.cookies() if "session" in one["name"] or "signing" in one["name"]]
    assert visit.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_service_provider_that_keeps_the_browser_is_left_behind(
    served: Served, visitor: Visitor, sites: tuple[Site, Site], scheme: str
) -> None:
    """Who goes back is told that nothing came, and may go on; in the end it is said who has not answered."""
    visit = await visitor(script=True, color_scheme=scheme)
    page = visit.page
    sites[0].silent = True
    for site in sites:
        await site.join(served, page, first=site is sites[0], script=True)
    await sign_out(served.origin, page)
    await expect_heading(page, "Nothing works here")
    await page.go_back()
    await expect(page.get_by_role("status")).to_contain_text("OneLogin has not answered yet")
    await expect(page.get_by_role("link", name="Try again")).to_be_visible()
    await looked_at(page, f"saml-logout-{scheme}")
    await page.get_by_role("link", name="Go on without OneLogin").press("Enter")
    await page.get_by_role("button", name="Go").click()
    await expect_heading(page, "You are signed out")
    await expect(page.get_by_text("Not known to have signed you out: OneLogin.")).to_be_visible()
    await looked_at(page, f"saml-logout-partial-{scheme}")
    await page.get_by_role("link", name="Continue").click()
    await page.wait_for_url(f"{served.origin}/ui/signed-out")
    assert visit.complaints == []
