"""Modules about sessions that end in a browser (others: ``test_logout_certification``, ``test_single_logout``)."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.certification.party import Foundation
from tests.unit.adapters.site import AFTER_LOGOUT, ORIGIN

pytestmark = pytest.mark.asyncio(loop_scope="module")
FRAME = re.compile(r'<iframe src="([^"]+)"')


async def test_oidcc_frontchannel_rp_initiated_logout(foundation: Foundation) -> None:
    """The frame is told issuer and `sid`, then the browser goes back with the state, and nobody is signed in."""
    metadata = {
        "frontchannel_logout_uri": "https://app.example.com/frontchannel_logout",
        "frontchannel_logout_session_required": True,
    }
    party = await foundation.party(client_metadata=metadata)
    async with party.browser:
        signed = await party.signs_in()
        asked = {"id_token_hint": signed.id_token, "post_logout_redirect_uri": AFTER_LOGOUT, "state": "s-1"}
        page = await party.browser.get("/oidc/logout", params=asked)
        (frame,) = (urlsplit(html.unescape(one)) for one in FRAME.findall(page.text))
        assert f"{frame.scheme}://{frame.netloc}{frame.path}" == metadata["frontchannel_logout_uri"]
        assert parse_qs(frame.query) == {"iss": [ORIGIN], "sid": [signed.claims["sid"]]}
        assert f'href="{AFTER_LOGOUT}?state=s-1"' in page.text
        assert party.answered(await party.goes(prompt="none"))["error"] == "login_required"


@pytest.mark.parametrize("name", ["frontchannel", "backchannel"])
async def test_oidcc_logout_discovery_endpoint_verification(foundation: Foundation, name: str) -> None:
    """`oidcc-frontchannel-…` and `oidcc-backchannel-logout-discovery-endpoint-verification`."""
    async with foundation.site.browser() as browser:
        document = (await browser.get("/.well-known/openid-configuration")).json()
    assert document[f"{name}_logout_supported"] is document[f"{name}_logout_session_supported"] is True
    assert document["end_session_endpoint"].startswith(ORIGIN)
