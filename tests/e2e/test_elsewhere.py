"""npm openid-client, which we did not write, whose person is elsewhere: the device flow (RFC 8628) and CIBA."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page

from hexkeep.core.application.state import GrantType
from tests.browser.person import expect_heading, sign_in
from tests.e2e.rest import Credentials, World
from tests.e2e.test_openid_client import NODE, PATIENCE, PROGRAM

pytestmark = pytest.mark.browser


class Elsewhere:
    """The process of ``elsewhere.mjs``, spoken to line by line."""

    def __init__(self, process: asyncio.subprocess.Process, world: World) -> None:
        self.process = process
        self.world = world

    async def begin(self, flow: str, client: Credentials, **parameters: str) -> dict[str, Any]:
        """Have it begin; what it got to show. From now on it polls."""
        assert self.process.stdin is not None
        wish = {
            "flow": flow,
            "issuer": self.world.server.origin,
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "parameters": parameters,
        }
        self.process.stdin.write(json.dumps(wish).encode() + b"\n")
        begun = await self.said()
        self.world.server.secrets |= {begun[name] for name in ("device_code", "auth_req_id") if name in begun}
        return begun

    async def said(self) -> dict[str, Any]:
        """What it says next."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            said: dict[str, Any] = json.loads(await self.process.stdout.readline())
        for tokens in (said.get("tokens"), said.get("secrets")):
            names = ("access_token", "refresh_token", "id_token")
            self.world.server.secrets |= {str(tokens[name]) for name in names if tokens and tokens.get(name)}
        return said


@pytest.fixture
async def party(world: World) -> AsyncIterator[Elsewhere]:
    """The relying party, at an instance whose applications may ask every second."""
    changed = world.rest.send("PATCH", "/admin/v1/policies/lifetime", json={"polling_interval": "PT1S"})
    assert changed.is_success, changed.text
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(PROGRAM, "elsewhere.mjs", cwd=NODE, stdin=pipe, stdout=pipe)
    try:
        yield Elsewhere(process, world)
    finally:
        assert process.stdin is not None
        process.stdin.close()  # `node` of the wheel may be a wrapper; this reaches the program itself
        await asyncio.wait_for(process.wait(), PATIENCE)


async def test_device_polls_until_its_person_has_said_yes_or_no(world: World, party: Elsewhere, page: Page) -> None:
    """A link with the code, the question, tokens that refresh; and a second device that is refused."""
    grants = [GrantType.DEVICE_CODE, GrantType.REFRESH_TOKEN]
    device = world.application(kind="native", auth_method="none", grant_types=grants)
    begun = await party.begin("device", device, scope="openid profile offline_access")
    await page.goto(begun["verification_uri_complete"])
    await page.get_by_role("button", name="Continue").click()
    await sign_in(page, world.ada.user_name, world.ada.password)
    await page.get_by_role("button", name="The code is the same: connect").click()
    await expect_heading(page, "Your device is connected")
    got = await party.said()
    assert got["claims"]["sub"] == got["refreshed"]["sub"] == world.ada.user_id
    assert got["claims"]["aud"] == device.client_id
    begun = await party.begin("device", device, scope="openid")
    await page.goto(begun["verification_uri_complete"])
    await page.get_by_role("button", name="Do not connect").click()
    await expect_heading(page, "Your device is not connected")
    assert (await party.said())["error"] == "access_denied"


async def test_application_polls_until_the_person_has_answered(world: World, party: Elsewhere) -> None:
    """The person's own app is where the answer is given; a no is told as one."""
    bank = world.application(grant_types=[GrantType.CIBA])
    for verb, outcome in (("approve", "claims"), ("deny", "error")):
        await party.begin("backchannel", bank, scope="openid", login_hint="ada", binding_message="W4SCT")
        app = {"headers": {"authorization": f"Bearer {world.ada_session}"}}
        (waiting,) = world.rest.send("GET", "/auth/v1/backchannel-requests", **app).json()["requests"]
        assert waiting["binding_message"] == "W4SCT"
        path = f"/auth/v1/backchannel-requests/{waiting['request_id']}/{verb}"
        assert world.rest.send("POST", path, **app).is_success
        got = await party.said()
        assert (got[outcome] == "access_denied") if verb == "deny" else got[outcome]["sub"] == world.ada.user_id
