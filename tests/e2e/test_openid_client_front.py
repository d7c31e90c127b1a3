"""npm openid-client takes its answers from the front: hybrid and implicit, posted by a form in a real browser."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page

from tests.browser.person import sign_in
from tests.e2e.rest import World
from tests.e2e.test_openid_client import NODE, PATIENCE, PROGRAM, NodeParty, shown

pytestmark = pytest.mark.browser


@pytest.fixture
async def party(world: World) -> AsyncIterator[NodeParty]:
    """The process of ``front.mjs``, registered for what it asks for: on the loopback interface, so as a native one."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(PROGRAM, "front.mjs", cwd=NODE, stdin=pipe, stdout=pipe)
    party = NodeParty(process)
    try:
        party.origin = await party.line()
        registered = world.application(
            f"{party.origin}/callback/hybrid",
            f"{party.origin}/callback/implicit",
            kind="native",
            grant_types=["authorization_code", "implicit"],
            client_metadata={"response_types": ["code", "code id_token", "id_token"]},
        )
        configuration = {"issuer": world.server.origin, "client_id": registered.client_id}
        assert process.stdin is not None
        process.stdin.write(json.dumps(configuration).encode() + b"\n")
        assert await party.line() == "ready"
        yield party
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.wait_for(process.wait(), PATIENCE)


async def test_front_channel_answers_are_accepted(world: World, party: NodeParty, page: Page) -> None:
    """Signature, `nonce`, `c_hash`, `s_hash` and `iss` are checked there; single claims come in the ID token."""
    await page.goto(f"{party.origin}/sign-in/hybrid")
    await sign_in(page, world.ada.user_name, world.ada.password)
    await page.wait_for_url(f"{party.origin}/callback/hybrid")
    hybrid = await shown(page)
    world.server.secrets |= set(hybrid["secrets"])
    assert (hybrid["method"], hybrid["userinfo"]["email"]) == ("POST", "ada@example.com")
    await page.goto(f"{party.origin}/sign-in/implicit")
    await page.wait_for_url(f"{party.origin}/callback/implicit")
    implicit = await shown(page)
    world.server.secrets |= set(implicit["secrets"])
    assert implicit["claims"]["sub"] == hybrid["claims"]["sub"] == world.ada.user_id
    assert implicit["claims"]["email"] == "ada@example.com"
    for one in (hybrid, implicit):
        assert one["claims"]["given_name"] == "Ada"
        assert one["claims"]["acr"] == "urn:hexkeep:acr:pwd"
