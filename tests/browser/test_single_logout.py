"""Signing out of several applications at once, through the browser (OIDC Front-Channel Logout 1.0)."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.asgi.types import Receive, Scope, Send
from tests.browser.chromium import SHARING
from tests.browser.conftest import Served, Visitor, listening
from tests.browser.person import sign_in
from tests.unit.adapters.site import PASSWORD, USER_NAME, VERIFIER, answered, authorization

pytestmark = SHARING


@dataclass
class Party:
    """A relying party that notes what its pages are asked for."""

    origin: str = ""
    client: dict[str, str] = field(default_factory=dict)
    id_token: str = ""
    loaded: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A page at every path."""
        self.loaded.append(f"{scope['path']}?{scope['query_string'].decode()}")
        await Response(200, (("content-type", "text/html"),), b"<h1>The application</h1>").send(send)

    async def join(self, served: Served, page: Page) -> None:
        """Have the browser's person sign in, and get the tokens."""
        callback = f"{self.origin}/callback"
        self.client = await served.tenant.application(
            redirect_uris=(callback,),
            post_logout_redirect_uris=(f"{self.origin}/bye",),
            client_metadata={
                "frontchannel_logout_uri": f"{self.origin}/frontchannel",
                "frontchannel_logout_session_required": True,
            },
        )
        asked = authorization(self.client, redirect_uri=callback)
        await page.goto(f"{served.origin}/oauth/authorize?{urlencode(asked)}")
        if page.url.startswith(served.origin):
            await sign_in(page, USER_NAME, PASSWORD)
        await page.wait_for_url(f"{callback}**")
        code = {"code": answered(page.url)["code"], "redirect_uri": callback, "code_verifier": VERIFIER}
        form = {"grant_type": "authorization_code", **code}
        async with httpx.AsyncClient(trust_env=False) as back:
            auth = (self.client["client_id"], self.client["client_secret"])
            tokens = await back.post(f"{served.origin}/oauth/token", data=form, auth=auth)
        self.id_token = tokens.json()["id_token"]

    def farewells(self) -> list[str]:
        """The requests for the page that signs out."""
        return [one for one in self.loaded if one.startswith("/frontchannel")]


@pytest_asyncio.fixture(loop_scope="session")
async def parties() -> AsyncIterator[tuple[Party, Party]]:
    """Two of them, at origins of their own."""
    first, second = Party(), Party()
    async with AsyncExitStack() as stack:
        for party in (first, second):
            party.origin = f"http://127.0.0.1:{await stack.enter_async_context(listening(party))}"
        yield first, second


@pytest.mark.parametrize("script", [True, False])
async def test_one_sign_out_signs_out_of_both(
    served: Served, visitor: Visitor, parties: tuple[Party, Party], *, script: bool
) -> None:
    """Both load their page, with issuer and session; then the browser goes on by itself, or by the link."""
    visit, (first, second) = await visitor(script=script), parties
    page = visit.page
    await first.join(served, page)
    await second.join(served, page)
    bye = f"{first.origin}/bye"
    asked = {"id_token_hint": first.id_token, "post_logout_redirect_uri": bye, "state": "s"}
    await page.goto(f"{served.origin}/oidc/logout?{urlencode(asked)}", wait_until="commit")
    if not script:
        await expect(page.get_by_role("status")).to_contain_text("signing you out")
        await page.wait_for_load_state("load")
        await page.get_by_role("link", name="Continue").click()
    await page.wait_for_url(f"{bye}?state=s")
    for party in parties:
        (farewell,) = party.farewells()
        told = parse_qs(urlsplit(farewell).query)
        assert told["iss"] == [served.origin]
        assert len(told["sid"]) == 1
    assert not any(cookie["name"].endswith("session") for cookie in await page.context.cookies())
    assert visit.complaints == []


async def test_an_application_that_does_not_answer_holds_nobody_up(
    served: Served, visitor: Visitor, parties: tuple[Party, Party]
) -> None:
    """After a while the page goes on without it."""
    visit, (first, second) = await visitor(script=True), parties
    page = visit.page
    await first.join(served, page)
    await page.clock.install()
    await page.route(f"{first.origin}/frontchannel**", lambda _: None)
    asked = {"id_token_hint": first.id_token, "post_logout_redirect_uri": f"{first.origin}/bye"}
    await page.goto(f"{served.origin}/oidc/logout?{urlencode(asked)}", wait_until="commit")
    await expect(page.get_by_role("link", name="Continue")).to_be_visible()
    await page.clock.run_for(5000)
    await page.wait_for_url(f"{first.origin}/bye")
    assert second.farewells() == []
