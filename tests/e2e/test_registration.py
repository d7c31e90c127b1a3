"""Clients that register themselves over sockets, with npm openid-client, which we did not write."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.rest import MANAGEMENT, Rest, World
from tests.e2e.server import assert_well_behaved, installed
from tests.e2e.test_openid_client import NODE, PATIENCE, PROGRAM

METADATA = {
    "client_name": "A program",
    "redirect_uris": ["https://client.example.com/cb"],
    "grant_types": ["authorization_code", "client_credentials"],
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server whose instance lets in who has a token."""
    with installed(tmp_path_factory.mktemp("registration")) as server:
        server.start()
        with Rest(server) as rest:
            made = World(server, rest)
            answer = rest.send("PUT", "/admin/v1/client-registration", json={"mode": "token"})
            assert answer.is_success, answer.text
            yield made
        server.stop()
    assert_well_behaved(server)


async def program(asked: dict[str, Any]) -> dict[str, Any]:
    """What becomes of a client that asks so."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(PROGRAM, "register.mjs", cwd=NODE, stdin=pipe, stdout=pipe)
    said, _ = await asyncio.wait_for(process.communicate(json.dumps(asked).encode() + b"\n"), PATIENCE)
    answer: dict[str, Any] = json.loads(said)
    return answer


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_client_registers_itself_and_is_known(world: World, method: str) -> None:
    """RFC 7591: with an initial access token; then it authenticates as what it has become, and looks after itself."""
    issued = world.rest.post(f"{MANAGEMENT}/initial-access-tokens", project_id=world.project_id, name="Partner")
    world.server.secrets.add(issued["token"])
    asked = {"issuer": world.server.origin, "token": issued["token"]}
    told = await program({**asked, "metadata": {**METADATA, "token_endpoint_auth_method": method}})
    registered = told["registered"]
    world.server.secrets |= {registered["client_secret"], registered["registration_access_token"], *told["secrets"]}
    assert told["scope"] == "urn:hexkeep:organization"
    shown = world.rest.get(f"{MANAGEMENT}/applications/{registered['client_id']}")
    assert (shown["name"], shown["registered"], shown["project_id"]) == ("A program", True, world.project_id)
    own = httpx.Headers({"authorization": f"Bearer {registered['registration_access_token']}"})
    async with httpx.AsyncClient(headers=own, trust_env=False) as http:
        assert (await http.get(registered["registration_client_uri"])).json()["token_endpoint_auth_method"] == method
        assert (await http.delete(registered["registration_client_uri"])).status_code == 204
    used_up = await program({**asked, "metadata": METADATA})
    assert used_up["error"] == "OAUTH_WWW_AUTHENTICATE_CHALLENGE"  # what openid-client makes of a 401


async def test_nobody_registers_without_a_token(world: World) -> None:
    """An instance that asks for tokens has no place for others."""
    told = await program({"issuer": world.server.origin, "metadata": METADATA})
    assert told["error"]
