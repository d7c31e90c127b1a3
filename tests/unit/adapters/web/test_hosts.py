"""Several hosts of one instance: a sign-out on any of them comes to all who took part."""

from collections.abc import AsyncIterator

import httpx
import pytest

from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.ports.api import Meta, System
from tests.saml_parties import OneLogin, form_of
from tests.unit.adapters.oidc.test_frontchannel_logout import FRAMES, joined
from tests.unit.adapters.site import ORIGIN, Site, Tenant, hidden, sign_in
from tests.unit.adapters.web.test_idp_realm import onward

SHOP = "https://login.shop.example"
WIKI = "https://wiki.example.com"
FRAME = "https://tv.example.com/bye"


@pytest.fixture
async def shop(site: Site, tenant: Tenant) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on another host of the instance, on which somebody has signed in."""
    operation = site.iam.operation("AddInstanceHost")
    asked = operation.input(instance_id=tenant.id, host="login.shop.example")
    await site.iam.call(operation, asked, System(), Meta(instance=SYSTEM_INSTANCE, timeout=60))
    async with site.browser(SHOP) as browser:
        await sign_in(browser)
        yield browser


async def taking_part(tenant: Tenant, browser: httpx.AsyncClient, path: str) -> OneLogin:
    """A service provider of SAML to which the browser's person has gone by a link of ours."""
    party = OneLogin(WIKI, path=path)
    party.know((await browser.get(f"{ORIGIN}/saml/metadata")).text)
    project = await tenant.do("CreateProject", organization_id=tenant.organization_id, name=path)
    fields = {"project_id": project["project_id"], "name": path, "metadata_xml": party.metadata()}
    made = await tenant.do("CreateSamlApplication", **fields, options={"idp_initiated": True})
    answer = await browser.get("/saml/begin", params={"client_id": str(made["client_id"])})
    party.accept(form_of(answer.text)[1])
    return party


async def test_sign_out_on_another_host_comes_to_all_who_took_part(tenant: Tenant, shop: httpx.AsyncClient) -> None:
    """Service providers answer to the primary host, which leads back to where the browser has what it goes on with."""
    parties = [await taking_part(tenant, shop, path) for path in ("/first", "/second")]
    await joined(shop, tenant, frontchannel_logout_uri=FRAME)
    page = await shop.post("/ui/logout", data=hidden((await shop.get("/ui/logout")).text), headers={"origin": SHOP})
    assert FRAMES.findall(page.text) == [FRAME]
    assert 'href="/ui/signing-out"' in page.text
    for party in parties:
        asked = await shop.get("/ui/signing-out")
        request = asked.text.partition('id="onward" href="')[2].partition('"')[0].replace("&amp;", "&")
        response, _ = party.hear(request, {})
        assert response.startswith(f"{ORIGIN}/saml/slo?")
        assert onward(await shop.get(response)) == f"{SHOP}/ui/signing-out"
    assert (await shop.get("/ui/signing-out")).headers["location"] == "/ui/signed-out"
