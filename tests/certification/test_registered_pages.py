"""Modules of the Dynamic plan that look at the login page: what a client has registered of itself is to be seen."""

from urllib.parse import urlsplit

import pytest

from tests.certification.party import Foundation, Party, is_login

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("name", ["policy_uri", "tos_uri"])
async def test_oidcc_registration_uri(foundation: Foundation, basic: Party, name: str) -> None:
    """`oidcc-registration-policy-uri` and `oidcc-registration-tos-uri`: a link that a person can follow."""
    project = (await foundation.tenant.do("GetApplication", client_id=basic.client["client_id"]))["project_id"]
    await foundation.tenant.do("SetClientRegistration", mode="open", project_id=project)
    document = {"redirect_uris": [basic.request()["redirect_uri"]], name: "https://app.example.com/read?a=b&c=d"}
    registered = (await basic.browser.post("/oauth/register", json=document)).json()
    assert registered[name] == document[name]
    response = await basic.goes(client_id=registered["client_id"])
    assert is_login(response)
    page = (await basic.browser.get(response.headers["location"])).text
    assert '<a href="https://app.example.com/read?a=b&amp;c=d" target="_blank" rel="noopener noreferrer">' in page
    other = await basic.goes()
    assert urlsplit(other.headers["location"]).path == "/ui/login"
    assert "noopener" not in (await basic.browser.get(other.headers["location"])).text
