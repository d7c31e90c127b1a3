"""npm openid-client, which we did not write, held to FAPI 2.0: pushed and signed requests, signed answers."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.attacker import SESSION_COOKIE
from tests.e2e.rest import MANAGEMENT, Credentials, World

NODE = Path(__file__).parent / "node"
PROGRAM = Path(sys.executable).with_name("node")
PATIENCE = 20.0
CALLBACK = "https://shop.example.com/cb"
ALG = "ES256"
PAYMENT = [{"type": "payment", "amount": "5 EUR"}]


class FapiParty:
    """The process of ``fapi.mjs``, spoken to line by line, and the browser of who has signed in already."""

    def __init__(self, world: World, process: asyncio.subprocess.Process) -> None:
        self.world = world
        self.process = process

    async def order(self, **order: object) -> dict[str, Any]:
        """What it makes of an order."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(PATIENCE):
            answer: dict[str, Any] = json.loads(await self.process.stdout.readline())
        self.world.server.secrets |= set(answer.get("secrets", ()))
        return answer

    async def configure(self, credentials: Credentials, **metadata: object) -> None:
        """Give it a key of its own, and let it discover its provider."""
        key_file = self.world.rest.post(
            f"{MANAGEMENT}/application-keys", client_id=credentials.client_id, algorithm=ALG
        )
        key = json.loads(key_file["key_file"])["private_key"]
        self.world.server.secrets.add(key["d"])
        configuration = {
            "issuer": self.world.server.origin,
            "client_id": credentials.client_id,
            "metadata": metadata,
            "key": key,
            "alg": ALG,
            "redirect_uri": CALLBACK,
        }
        assert await self.order(configure=configuration) == {}

    async def visited(self, url: str) -> httpx.Response:
        """What ada's browser gets."""
        cookie = {"cookie": f"{SESSION_COOKIE}={self.world.ada_session}"}
        async with httpx.AsyncClient(trust_env=False, headers=cookie) as browser:
            return await browser.get(url)

    async def signed_in(self, **begin: object) -> dict[str, Any]:
        """What it knows at the end of a sign-in."""
        begun = await self.order(**begin)
        assert "url" in begun, begun
        response = await self.visited(begun["url"])
        assert response.status_code in {302, 303}, response.text
        assert response.headers["location"].startswith(CALLBACK)
        finished = await self.order(finish=response.headers["location"])
        assert "error" not in finished, finished
        return finished


@pytest.fixture
async def party(world: World) -> AsyncIterator[FapiParty]:
    """The relying party, which knows of no provider yet."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(PROGRAM, "fapi.mjs", cwd=NODE, stdin=pipe, stdout=pipe)
    try:
        yield FapiParty(world, process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.wait_for(process.wait(), PATIENCE)


def client(world: World, profile: str, **metadata: object) -> Credentials:
    """A client of a profile."""
    return world.application(CALLBACK, auth_method="private_key_jwt", client_metadata={"profile": profile, **metadata})


async def test_security_profile(world: World, party: FapiParty) -> None:
    """Modules happy-flow, par-attempt-reuse-request_uri: pushed with a key and a DPoP proof, tokens bound to it."""
    await party.configure(client(world, "fapi_2_security"))
    seen = await party.signed_in(begin="par")
    assert (seen["claims"]["sub"], seen["token_type"].lower()) == (world.ada.user_id, "dpop")
    assert seen["userinfo"]["sub"] == world.ada.user_id
    begun = await party.order(begin="par")
    assert (await party.visited(begun["url"])).headers["location"].startswith(CALLBACK)
    assert (await party.visited(begun["url"])).status_code == 400


async def test_message_signing(world: World, party: FapiParty) -> None:
    """A request that is signed and pushed, and an answer in a signed JWT."""
    alg = "ES256"
    await party.configure(
        client(world, "fapi_2_message_signing", authorization_signed_response_alg=alg),
        authorization_signed_response_alg=alg,
    )
    seen = await party.signed_in(begin="signed", response_mode="jwt")
    assert seen["claims"]["sub"] == world.ada.user_id
    assert (await party.order(begin="par"))["error"] == "invalid_request"


async def test_request_object_in_the_browser(world: World, party: FapiParty) -> None:
    """RFC 9101 without a push, for a client of no profile."""
    await party.configure(client(world, "unspecified"))
    assert (await party.signed_in(begin="jar"))["claims"]["sub"] == world.ada.user_id


async def test_what_was_not_registered_is_told_at_once(world: World, party: FapiParty) -> None:
    """RFC 9396 section 5 and RFC 9126 section 2.3, as the library understands them."""
    await party.configure(client(world, "fapi_2_security"))
    refused = await party.order(begin="par", parameters={"authorization_details": json.dumps(PAYMENT)})
    assert refused["error"] == "invalid_authorization_details"
