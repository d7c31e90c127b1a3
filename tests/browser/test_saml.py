"""A service provider of SAML has somebody signed in, in Chromium: from its own page and back there."""

from pathlib import Path
from urllib.parse import parse_qsl

import httpx
import pytest
from playwright.async_api import Request, expect

from tests.browser.chromium import SHARING
from tests.browser.conftest import Elsewhere, Served, Visitor
from tests.browser.person import expect_heading, sign_in
from tests.browser.test_pages import form_to
from tests.saml_parties import PySaml2, Rejected, tampered
from tests.unit.adapters.site import PASSWORD, USER_NAME

pytestmark = SHARING


@pytest.mark.parametrize("script", [False, True])
async def test_service_provider_signs_somebody_in(
    served: Served, visitor: Visitor, elsewhere: Elsewhere, tmp_path: Path, *, script: bool
) -> None:
    """By a form of another site, over our login page, and back by a form that its consumer may lead on from.

    A second request finds the session behind the hop, although the form comes without its cookie.
    """
    visit, party = await visitor(script=script), PySaml2(elsewhere.origin, tmp_path)
    async with httpx.AsyncClient(base_url=served.origin, trust_env=False) as program:
        party.know((await program.get("/saml/metadata")).text)
    project = await served.tenant.do("CreateProject", organization_id=served.tenant.organization_id, name="Wiki")
    asked = {"project_id": project["project_id"], "name": "Wiki", "metadata_xml": party.metadata()}
    await served.tenant.do("CreateSamlApplication", **asked)
    posted: list[dict[str, str]] = []

    def noted(request: Request) -> None:
        if request.url == party.consumer:
            posted.append(dict(parse_qsl(request.post_data or "")))

    page = visit.page
    page.on("request", noted)
    for first in (True, False):
        url, fields = party.begin(relay_state="where I was", post=True)
        elsewhere.html = form_to(url, fields)
        elsewhere.sends_on = False
        await page.goto(elsewhere.origin)
        elsewhere.html, elsewhere.sends_on = "<p>Back again", True
        await page.get_by_role("button").click()
        if first:
            await expect(page.get_by_text("Wiki")).to_be_visible()
            await expect(page.get_by_label("User name")).to_be_focused()
            await sign_in(page, USER_NAME, PASSWORD)
        if not script:
            await expect_heading(page, "Going back to the application")
            await page.get_by_role("button", name="Continue").press("Enter")
        await page.wait_for_url(elsewhere.other)
    assert [one["RelayState"] for one in posted] == ["where I was"] * 2
    assert {party.accept(one).name_id for one in posted} == {USER_NAME}
    with pytest.raises(Rejected):
        party.accept(tampered(posted[0], f">{USER_NAME}<", ">root<"))
    assert visit.complaints == []
