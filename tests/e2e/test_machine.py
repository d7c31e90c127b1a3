"""Machine users get tokens by the client credentials grant, with Authlib's client, and use them where they are good."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from hexkeep.client.positions import HEADER
from tests.e2e.authlib_party import DISCOVERY
from tests.e2e.rest import MANAGEMENT, Credentials, Rest, World

API = "urn:hexkeep:api"
OTHER_USER, OTHER_PASSWORD = "warden", "violet-harbour-lantern-7"


@asynccontextmanager
async def client_of(world: World, credentials: Credentials) -> AsyncIterator[AsyncOAuth2Client]:
    """Authlib's client for a machine user, which has discovered the token endpoint."""
    async with AsyncOAuth2Client(credentials.client_id, credentials.client_secret, trust_env=False) as client:
        metadata = (await client.request("GET", world.server.origin + DISCOVERY, withhold_token=True)).json()
        client.metadata["token_endpoint"] = metadata["token_endpoint"]
        yield client


async def token_of(world: World, client: AsyncOAuth2Client, scope: str = "") -> dict[str, Any]:
    """A token by client credentials."""
    token = await client.fetch_token(grant_type="client_credentials", scope=scope)
    world.server.secrets.add(token["access_token"])
    return dict(token)


@pytest.fixture(scope="module")
def machine(world: World) -> Credentials:
    """A machine user that may read its organization."""
    credentials = world.machine("importer")
    world.rest.post(
        f"{MANAGEMENT}/memberships",
        user_id=credentials.client_id,
        level="organization",
        scope_id=world.organization_id,
        roles=["ORGANIZATION_OWNER"],
    )
    return credentials


async def test_token_for_the_api_calls_it(world: World, machine: Credentials) -> None:
    """With the scope of the API the machine acts there as the user it is, with what that user may do."""
    async with client_of(world, machine) as client:
        token = await token_of(world, client, API)
        assert "refresh_token" not in token
        assert (await client.get(f"{world.server.origin}/auth/v1/me")).json()["user_id"] == machine.client_id
        known = {HEADER: str(world.server.positions)}
        users = (await client.get(f"{world.server.origin}{MANAGEMENT}/users", headers=known)).json()["users"]
        assert {"importer", "ada"} <= {user["user_name"] for user in users}
        refused = await client.get(f"{world.server.origin}/admin/v1/signing-keys")
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")


async def test_token_without_the_scope_does_not(world: World, machine: Credentials) -> None:
    """A token that was not asked for the API is meant for others, and is refused like no token at all."""
    async with client_of(world, machine) as client:
        await token_of(world, client)
        refused = await client.get(f"{world.server.origin}/auth/v1/me")
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
        assert refused.headers["www-authenticate"].startswith("Bearer")


async def test_wrong_secret_gets_no_token(world: World, machine: Credentials) -> None:
    """Wrong secret, unknown client and a person's id are answered alike, with the challenge of RFC 6749 section 5.2."""
    answers = set()
    for client_id in (machine.client_id, "nobody", world.ada.user_id):
        async with client_of(world, Credentials(client_id, "not-the-secret")) as client:
            with pytest.raises(OAuthError) as refused:
                await token_of(world, client, API)
            answers.add((refused.value.error, refused.value.description))
    assert answers == {("invalid_client", "Client authentication failed")}


@pytest.fixture
def other_instance(world: World) -> str:
    """The host of a second instance in the same installation, made by the operator while the server rests."""
    server = world.server
    host = f"other.localhost:{server.port}"
    server.secrets.add(OTHER_PASSWORD)
    fields = {
        "name": "Other",
        "origin": f"http://{host}",
        "organization_name": "Others",
        "user_name": OTHER_USER,
        "given_name": "Wanda",
        "family_name": "Warden",
        "email": "warden@example.com",
        "password": OTHER_PASSWORD,
    }
    server.stop()
    server.command("call", "--local", "CreateInstance", *(f"{name}={value}" for name, value in fields.items()))
    server.start()
    return host


async def test_token_of_another_instance_is_worthless(world: World, machine: Credentials, other_instance: str) -> None:
    """Each instance answers under its own host, and refuses the tokens, sessions and users of the other."""
    async with client_of(world, machine) as client:
        token = (await token_of(world, client, API))["access_token"]
        assert (await client.get(f"{world.server.origin}/auth/v1/me")).status_code == 200
    with Rest(world.server, host=other_instance) as other:
        session = other.sign_in(OTHER_USER, OTHER_PASSWORD)
        assert other.get("/auth/v1/me")["user_name"] == OTHER_USER
    for host, foreign in ((other_instance, token), ("", session)):
        with Rest(world.server, foreign, host=host) as stranger:
            refused = stranger.send("GET", "/auth/v1/me")
            assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
            userinfo = stranger.send("GET", "/oidc/userinfo")
            assert (userinfo.status_code, userinfo.json()["error"]) == (401, "invalid_token")
    with Rest(world.server, host=other_instance) as other:
        wrong = other.send("POST", "/auth/v1/sessions", json={"login_name": "ada", "password": world.ada.password})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_credentials")
