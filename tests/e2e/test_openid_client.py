"""npm openid-client, which we did not write, is a real relying party in a process of its own."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.person import expect_heading, sign_in
from tests.e2e.rest import ROLE, World

pytestmark = pytest.mark.browser

NODE = Path(__file__).parent / "node"
PROGRAM = Path(sys.executable).with_name("node")
PATIENCE = 15.0
SCOPE = "openid profile email offline_access urn:hexkeep:roles urn:hexkeep:organization"


class NodeParty:
    """The process of ``rp.mjs``, spoken to line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.origin = ""

    async def line(self) -> str:
        """What it says next."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = (await self.process.stdout.readline()).decode().strip()
        assert line, "the relying party has ended"
        return line

    async def configure(self, world: World, kind: str) -> None:
        """Register it as an application and let it discover its provider."""
        registered = world.application(
            f"{self.origin}/callback", kind=kind, post_logout_redirect_uris=[f"{self.origin}/signed-out"]
        )
        configuration = {
            "issuer": world.server.origin,
            "client_id": registered.client_id,
            "client_secret": registered.client_secret,
            "scope": SCOPE,
        }
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(configuration).encode() + b"\n")
        assert await self.line() == "ready"


@pytest.fixture
async def party() -> AsyncIterator[NodeParty]:
    """The relying party, listening, with no provider yet."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(PROGRAM, "rp.mjs", cwd=NODE, stdin=pipe, stdout=pipe)
    party = NodeParty(process)
    try:
        party.origin = await party.line()
        yield party
    finally:
        assert process.stdin is not None
        process.stdin.close()  # `node` of the wheel may be a wrapper; this reaches the program itself
        await asyncio.wait_for(process.wait(), PATIENCE)


@pytest.mark.parametrize("kind", ["web", "spa"])
async def test_person_is_signed_in_and_out(world: World, party: NodeParty, page: Page, kind: str) -> None:
    """Discovery, code with PKCE, userinfo, refresh, and a logout after which the next sign-in asks again."""
    await party.configure(world, kind)
    await page.goto(f"{party.origin}/sign-in")
    await sign_in(page, world.ada.user_name, world.ada.password)
    await page.wait_for_url(f"{party.origin}/callback*")
    seen = await shown(page)
    world.server.secrets |= set(seen["secrets"])
    assert seen["claims"]["iss"] == world.server.origin
    assert seen["claims"]["urn:hexkeep:roles"] == {world.project_id: [ROLE]}
    assert seen["refreshed"]["sub"] == seen["claims"]["sub"] == world.ada.user_id
    assert seen["refreshed"]["auth_time"] == seen["claims"]["auth_time"]
    assert seen["userinfo"] == seen["userinfo_after_refresh"]
    assert seen["userinfo"]["email"] == "ada@example.com"
    assert len(set(seen["secrets"])) == len(seen["secrets"])
    await page.goto(f"{party.origin}/sign-out")
    await page.wait_for_url(f"{party.origin}/signed-out*")
    assert await shown(page) == {"state": "bye"}
    await page.goto(f"{party.origin}/sign-in")
    await expect_heading(page, "Sign in")


async def shown(page: Page) -> dict[str, Any]:
    """The JSON document that the relying party shows; its failures are shown in the same way."""
    document: dict[str, Any] = json.loads(await page.inner_text("body"))
    assert "error" not in document, document
    return document
