"""Clients that we did not write ask what tokens are worth, and give them back."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client

from tests.e2e import attacker
from tests.e2e.rest import MANAGEMENT, Credentials, World

NODE = Path(__file__).parent / "node"
PROGRAM = Path(sys.executable).with_name("node")
PATIENCE = 30.0
KINDS = ("jwt", "opaque")


@pytest.fixture(scope="module")
def orders(world: World) -> Credentials:
    """An API of the project."""
    made = world.rest.post(f"{MANAGEMENT}/applications/api", project_id=world.project_id, name="Orders")
    return Credentials(made["client_id"], made["client_secret"])


def signed_in(world: World, client: Credentials) -> dict[str, Any]:
    """Tokens of ada."""
    answer = attacker.token(world, client, **attacker.grant(world, client).fields())
    tokens: dict[str, Any] = answer.json()
    world.server.secrets |= {tokens[name] for name in ("access_token", "refresh_token", "id_token")}
    return tokens


def shop(world: World, kind: str) -> Credentials:
    """An application with tokens of a kind."""
    return world.application(attacker.BACK, client_metadata={"access_token_type": kind})


@pytest.fixture
async def sessions() -> AsyncIterator[dict[str, AsyncOAuth2Client]]:
    """Authlib's clients, by name; closed at the end."""
    opened: dict[str, AsyncOAuth2Client] = {}
    yield opened
    for session in opened.values():
        await session.aclose()


@pytest.mark.parametrize("kind", KINDS)
async def test_authlib_introspects_and_revokes(
    world: World, orders: Credentials, sessions: dict[str, AsyncOAuth2Client], kind: str
) -> None:
    """RFC 7662 for the API, RFC 7009 for the client: the access token alone, then everything."""
    client, origin = shop(world, kind), world.server.origin
    for name, one in (("api", orders), ("client", client)):
        sessions[name] = AsyncOAuth2Client(one.client_id, one.client_secret, trust_env=False)
    api, own = sessions["api"], sessions["client"]

    async def told(by: AsyncOAuth2Client, token: str) -> dict[str, Any]:
        answer = await by.introspect_token(f"{origin}/oauth/introspect", token)
        document: dict[str, Any] = answer.json()
        return document

    first = signed_in(world, client)
    document = await told(api, first["access_token"])
    assert (document["active"], document["sub"], document["client_id"]) == (True, world.ada.user_id, client.client_id)
    assert (await told(own, first["refresh_token"]))["active"]
    assert await told(api, first["refresh_token"]) == {"active": False}
    revoke: Callable[..., Awaitable[httpx2.Response]] = own.revoke_token  # its stub has no types
    revoked = await revoke(f"{origin}/oauth/revoke", first["access_token"], "access_token")
    assert revoked.status_code == 200
    assert await told(api, first["access_token"]) == {"active": False}
    assert (await told(own, first["refresh_token"]))["active"]
    await revoke(f"{origin}/oauth/revoke", first["refresh_token"], "refresh_token")
    assert await told(own, first["refresh_token"]) == {"active": False}
    refused = attacker.token(world, client, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(("kind", "algorithm"), [("jwt", "ES256"), ("jwt", "RS256"), ("opaque", "unspecified")])
async def test_oauth4webapi_verifies_signed_answers(world: World, kind: str, algorithm: str) -> None:
    """RFC 9701 and RFC 9068 with the algorithms and keys that discovery tells, then RFC 7009."""
    metadata = {"access_token_type": kind, "access_token_signed_response_alg": algorithm}
    client = world.application(attacker.BACK, client_metadata=metadata)
    tokens = signed_in(world, client)
    asked = {
        "issuer": world.server.origin,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "token": tokens["access_token"],
        "audience": world.project_id,
    }
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(PROGRAM, "api.mjs", cwd=NODE, stdin=pipe, stdout=pipe, stderr=pipe)
    async with asyncio.timeout(PATIENCE):
        said, wrong = await process.communicate(json.dumps(asked).encode() + b"\n")
    assert said, wrong.decode()
    answer = json.loads(said)
    for document in answer["before"]:
        assert document.get("token_introspection", document)["sub"] == world.ada.user_id
    for document in answer["after"]:
        assert document.get("token_introspection", document) == {"active": False}
