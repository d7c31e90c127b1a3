"""An application hears of the end of a session from server to server (OIDC Back-Channel Logout 1.0)."""

import asyncio
import json
import sys
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from joserfc.jwk import ECKey

from tests.e2e.authlib_party import Party, came_back
from tests.e2e.rest import Rest, World
from tests.e2e.server import HexkeepServer, assert_well_behaved, installed
from tests.fakes.web_server import WebServer, answer, web_server
from tests.waiting import until

NODE = Path(__file__).parent / "node"
PROGRAM = Path(sys.executable).with_name("node")
SETTINGS = {"HEXKEEP_OUTBOUND__PRIVATE_NETWORKS": "true"}
HEARS = "/backchannel"
ENCRYPTION = "ECDH-ES+A256KW"


async def verified(server: HexkeepServer, client_id: str, body: bytes, key: str = "") -> dict[str, object]:
    """The claims of the logout token in a form, as npm jose reads them with the published keys.

    With the private JWK of a client the token has to be encrypted to it.
    """
    token = token_of(body)
    server.secrets.add(token)
    pipe = asyncio.subprocess.PIPE
    command = (str(PROGRAM), "logout_token.mjs", server.origin, client_id, *([key] if key else []))
    process = await asyncio.create_subprocess_exec(*command, cwd=NODE, stdin=pipe, stdout=pipe)
    told, _ = await process.communicate(token.encode())
    assert process.returncode == 0
    claims: dict[str, object] = json.loads(told)
    return claims


def application(world: World, web: WebServer, **more: object) -> Party:
    """One that listens for logouts, and its Authlib client."""
    origin = f"http://localhost:{web.port}"
    metadata = {"backchannel_logout_uri": origin + HEARS, "backchannel_logout_session_required": True, **more}
    credentials = world.application(f"{origin}/back", client_metadata=metadata)
    return Party(world.server, credentials, f"{origin}/back", "openid")


@pytest.mark.skipif(not (NODE / "node_modules" / "jose").exists(), reason="run npm ci in tests/e2e/node")
async def test_both_applications_of_a_session_are_told_of_its_end(tmp_path: Path) -> None:
    """Each gets a token of its own, encrypted if its ID tokens are. The same where user or organization are gone."""
    async with web_server({HEARS: answer()}) as web:
        with installed(tmp_path, SETTINGS) as server:
            await asyncio.to_thread(server.start)
            with Rest(server) as rest:
                world = await asyncio.to_thread(World, server, rest)
                key = ECKey.generate_key("P-256", {"use": "enc", "alg": ENCRYPTION})
                parties = [
                    await asyncio.to_thread(application, world, web),
                    await asyncio.to_thread(lambda: application(world, web, **encrypted_to(key))),
                ]
                session = await asyncio.to_thread(lambda: world.ada_session)
                session_id = session.removeprefix("hks_").rpartition("_")[0].partition("_")[0]
                for party in parties:
                    await party.redeem(await came_back(party, session))
                with Rest(server, session) as ada:
                    ended = await asyncio.to_thread(ada.send, "DELETE", f"/auth/v1/sessions/{session_id}")
                    assert ended.is_success, ended.text
                await heard(web, 2)
                plain, secret = sorted(web.bodies, key=lambda body: token_of(body).count("."))
                private = json.dumps(key.as_dict(private=True))
                claims = [
                    await verified(server, str(parties[0].app.client_id), plain),
                    await verified(server, str(parties[1].app.client_id), secret, private),
                ]
                assert {(one["sub"], one["sid"]) for one in claims} == {(world.ada.user_id, session_id)}
                assert len({one["jti"] for one in claims}) == 2
                await deactivated(world, parties[0], web)
                await switched_off(world, parties[0], web)
            await asyncio.to_thread(server.stop)
        assert_well_behaved(server)


async def heard(web: WebServer, number: int) -> None:
    """Wait for so many logout tokens, and for none more."""

    async def come() -> bool:
        return len(web.bodies) >= number

    await until(come, 15)
    assert len(web.bodies) == number


async def deactivated(world: World, party: Party, web: WebServer) -> None:
    """What happens in the durable log ends sessions in the other one."""
    bob = await asyncio.to_thread(world.person, "bob")
    opened = await asyncio.to_thread(
        lambda: world.rest.post("/auth/v1/sessions", login_name=bob.user_name, password=bob.password)
    )
    await party.redeem(await came_back(party, opened["session_token"]))
    await asyncio.to_thread(world.rest.post, f"/management/v1/users/{bob.user_id}/deactivate")
    await heard(web, 3)
    claims = await verified(world.server, str(party.app.client_id), web.bodies[2])
    assert (claims["sub"], claims["sid"]) == (bob.user_id, opened["session_id"])


async def switched_off(world: World, party: Party, web: WebServer) -> None:
    """The same with the whole organization of a person."""
    elsewhere = await asyncio.to_thread(lambda: world.organization("Other"))
    eve = await asyncio.to_thread(lambda: world.person("eve", elsewhere))
    opened = await asyncio.to_thread(
        lambda: world.rest.post("/auth/v1/sessions", login_name=eve.user_name, password=eve.password)
    )
    await party.redeem(await came_back(party, opened["session_token"]))
    await asyncio.to_thread(world.rest.post, f"/management/v1/organizations/{elsewhere}/deactivate")
    await heard(web, 4)
    claims = await verified(world.server, str(party.app.client_id), web.bodies[3])
    assert (claims["sub"], claims["sid"]) == (eve.user_id, opened["session_id"])


def encrypted_to(key: ECKey) -> dict[str, object]:
    """What a client registers whose ID tokens are for its eyes alone."""
    keys = {"keys": [key.as_dict(private=False)]}
    return {"jwks": json.dumps(keys), "id_token_encrypted_response_alg": ENCRYPTION}


def token_of(body: bytes) -> str:
    """The logout token in a form."""
    (token,) = parse_qs(body.decode())["logout_token"]
    return token
