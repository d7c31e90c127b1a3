"""A client that nobody registered is known by a document on a real HTTPS server, with Authlib's client."""

import asyncio
import html
import json
from pathlib import Path

import httpx
import pytest
from authlib.integrations.base_client import OAuthError

from tests.e2e.authlib_party import Party, query_of
from tests.e2e.rest import Credentials, Rest, World
from tests.e2e.server import HexkeepServer, assert_well_behaved, installed
from tests.fakes.name_server import name_server
from tests.fakes.web_server import WebServer, answer, certified, web_server
from tests.unit.adapters.site import hidden, leads_on

HOST, PATH = "tool.example.net", "/client.json"
BACK = "http://localhost:5173/back"
NAME = "A tool of many trades"


def document(client_id: str) -> bytes:
    """What the client says of itself."""
    said = {"client_id": client_id, "client_name": NAME, "application_type": "native", "redirect_uris": [BACK]}
    return answer(json.dumps(said).encode(), "200 OK", "content-type: application/json")


async def test_client_that_nobody_registered_signs_people_in(tmp_path: Path) -> None:
    """Unknown until the instance allows it; then people see its name and where it is, before it gets a code."""
    certificate, tls = certified(HOST, tmp_path)
    async with name_server({(HOST, "A"): ["127.0.0.1"]}) as names, web_server({}, tls) as site:
        settings = {
            "HEXKEEP_OUTBOUND__NAMESERVERS": f'["{names.address}"]',
            "HEXKEEP_OUTBOUND__PRIVATE_NETWORKS": "true",
            "HEXKEEP_OUTBOUND__CERTIFICATES": str(certificate),
        }
        client_id = f"https://{HOST}:{site.port}{PATH}"
        site.answers[PATH] = document(client_id)
        with installed(tmp_path, settings) as server:
            await asyncio.to_thread(server.start)
            with Rest(server) as rest:
                world = await asyncio.to_thread(World, server, rest)
                await signed_in(world, server, site, client_id)
            await asyncio.to_thread(server.stop)
        assert_well_behaved(server)


async def signed_in(world: World, server: HexkeepServer, site: WebServer, client_id: str) -> None:
    """Ada comes with a session, and is asked all the same."""
    session = await asyncio.to_thread(lambda: world.ada_session)
    cookie = {"cookie": f"__Host-hexkeep-session={session}"}
    party = Party(server, Credentials(client_id), BACK, "openid")
    hooks = {"response": [leads_on]}
    async with httpx.AsyncClient(base_url=server.origin, headers=cookie, trust_env=False, event_hooks=hooks) as browser:
        assert (await browser.get(await party.begin())).status_code == 400
        assert site.requests == []
        allowed = {"mode": "token", "project_id": world.project_id, "metadata_documents": True}
        answered = await asyncio.to_thread(world.rest.send, "PUT", "/admin/v1/client-registration", json=allowed)
        assert answered.is_success, answered.text
        began = await browser.get(await party.begin())
        assert began.headers["location"].startswith("/ui/consent"), began.headers
        asked = await browser.get(began.headers["location"])
        assert f"{NAME} ({HOST})" in html.unescape(asked.text)
        form = {**hidden(asked.text), "decision": "allow"}
        kept = "; ".join([cookie["cookie"], *(one.split(";")[0] for one in asked.headers.get_list("set-cookie"))])
        own = {"origin": server.origin, "cookie": kept}
        agreed = await browser.post(began.headers["location"], data=form, headers=own)
        back = agreed.headers["location"]
        assert back.startswith(f"{BACK}?")
        token = await party.redeem(back)
        assert (await party.claims(token))["aud"] == client_id
        with pytest.raises(OAuthError, match="invalid_grant"):
            await party.redeem(back)
        silent = query_of((await browser.get(await party.begin(prompt="none"))).headers["location"])
        assert silent["code"]
    assert len(site.requests) == 1
    with Rest(server, session) as ada:
        (shown,) = (await asyncio.to_thread(ada.get, "/auth/v1/connections"))["connections"]
        assert (shown["client_id"], shown["client_name"]) == (client_id, f"{NAME} ({HOST})")
