"""Modules of the Dynamic plan that look at the login page: what a client has registered of itself is to be seen."""

import re
from collections.abc import AsyncIterator
from html import unescape
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from hexkeep.adapters.outbound.client import GuardedOutbound
from tests.certification.party import PERSON, Foundation, Later, Party, is_login
from tests.fakes.client_site import ClientSite, client_site, picture
from tests.fakes.web_server import answer
from tests.unit.adapters.site import running_site

pytestmark = pytest.mark.asyncio(loop_scope="module")
LOGO = re.compile(r'<img class="client" src="([^"]+)" alt="Logo of ([^"]+)">')


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ClientSite]:
    """The site of a client, with pictures."""
    logos = {"logo": answer(picture()), "page": answer(b"<!doctype html>", "200 OK", "content-type: image/png")}
    async with client_site(tmp_path_factory.mktemp("client"), **logos) as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def foundation(client: ClientSite) -> AsyncIterator[Foundation]:
    """A site that reaches the client's."""
    clock = Later()
    async with running_site(clock, GuardedOutbound(client.outbound)) as site:
        tenant = await site.tenant()
        await tenant.user(**PERSON)
        yield Foundation(site, tenant, clock)


async def login_page(foundation: Foundation, basic: Party, name: str, value: str) -> str:
    """The login page of a client that has registered something of itself."""
    project = (await foundation.tenant.do("GetApplication", client_id=basic.client["client_id"]))["project_id"]
    await foundation.tenant.do("SetClientRegistration", mode="open", project_id=project)
    document = {"redirect_uris": [basic.request()["redirect_uri"]], name: value}
    registered = (await basic.browser.post("/oauth/register", json=document)).json()
    assert registered[name] == document[name]
    response = await basic.goes(client_id=registered["client_id"])
    assert is_login(response)
    return (await basic.browser.get(response.headers["location"])).text


async def test_oidcc_registration_logo_uri(foundation: Foundation, basic: Party, client: ClientSite) -> None:
    """A picture that a person sees; her browser has it from us, and asks nobody else for anything."""
    page = await login_page(foundation, basic, "logo_uri", client.url("/logo"))
    ((source, _),) = LOGO.findall(page)
    assert "client.example" not in page
    shown = await basic.browser.get(unescape(source))
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    assert shown.content.startswith(b"\x89PNG")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["cache-control"] == "private, max-age=300"
    assert shown.headers["content-security-policy"].startswith("default-src 'none'; sandbox")
    assert len(client.server.requests) == 1


async def test_page_without_a_picture_is_as_it_is(foundation: Foundation, basic: Party, client: ClientSite) -> None:
    """HTML that is called a picture, nobody at the address, and a request that is none of ours."""
    for address in (client.url("/page"), "https://nobody.example/logo"):
        page = await login_page(foundation, basic, "logo_uri", address)
        assert 'type="password"' in page
        assert not LOGO.search(page)
    for query in ("", "?request=", "?request=nobody"):
        missed = await basic.browser.get(f"/ui/client-logo{query}")
        assert missed.status_code == 404
        assert missed.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("name", ["policy_uri", "tos_uri"])
async def test_oidcc_registration_uri(foundation: Foundation, basic: Party, name: str) -> None:
    """`oidcc-registration-policy-uri` and `oidcc-registration-tos-uri`: a link that a person can follow."""
    page = await login_page(foundation, basic, name, "https://app.example.com/read?a=b&c=d")
    assert '<a href="https://app.example.com/read?a=b&amp;c=d" target="_blank" rel="noopener noreferrer">' in page
    other = await basic.goes()
    assert urlsplit(other.headers["location"]).path == "/ui/login"
    assert "noopener" not in (await basic.browser.get(other.headers["location"])).text
