"""Sign-in by identity providers of SAML in Chromium: pysaml2, and another Hexkeep."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.async_api import Page, expect

from hexkeep.adapters.outbound.settings import OutboundSettings
from tests.browser.chromium import SHARING
from tests.browser.conftest import Elsewhere, Served, Visitor, listening, serving
from tests.browser.person import expect_heading, sign_in
from tests.browser.test_idp import expect_accessible, press
from tests.saml_providers import PySaml2Idp
from tests.unit.adapters.site import PASSWORD, USER_NAME, answered, authorization, redeem

pytestmark = SHARING

NEAR = OutboundSettings(private_networks=True)
BY_SOAP = re.compile(r"<md:SingleLogoutService[^>]*bindings:SOAP[^>]*/>")
"""Without it a service provider is told by the browser."""


async def offered(here: Served, metadata_url: str, **settings: Any) -> str:
    """A provider on the sign-in page, by which people get accounts; its own metadata, for the other side."""
    options = {"creation_allowed": True, "auto_creation": True, **settings}
    made = await here.tenant.do(
        "CreateInstanceSamlIdentityProvider", name="Campus", metadata_url=metadata_url, **options
    )
    provider_id = made["identity_provider_id"]
    await here.tenant.do("SetDefaultLoginProviders", identity_provider_ids=(provider_id,))
    async with httpx.AsyncClient(base_url=here.origin, trust_env=False, timeout=30) as program:
        return (await program.get(f"/saml/sp/metadata/{provider_id}")).text


@asynccontextmanager
async def campus(folder: Path, curve: ec.EllipticCurve | None = None) -> AsyncIterator[PySaml2Idp]:
    """pysaml2 on the loopback interface, which signs by RSA, or by ECDSA on a curve."""
    idp = PySaml2Idp(folder, curve)
    async with listening(idp) as port:
        idp.origin = f"http://127.0.0.1:{port}"
        yield idp


@pytest.mark.parametrize(
    ("binding", "how", "script"),
    [
        ("redirect", {"sign_assertion": True, "sign_response": True}, True),
        ("post", {"sign_assertion": False, "sign_response": True}, False),
    ],
    ids=["redirect", "post"],
)
async def test_pysaml2_signs_somebody_in(
    visitor: Visitor, tmp_path: Path, binding: str, how: dict[str, bool], *, script: bool
) -> None:
    """By either binding there, back by a form of that site, whose page has no cookie of ours; and out by SOAP."""
    visit = await visitor(script=script)
    page = visit.page
    async with serving(NEAR) as here, campus(tmp_path) as idp:
        vouching = {"metadata_certificates": [idp.certificate], "entity_id": idp.metadata_url} if script else {}
        asked = {"binding": binding, "name_id_format": "persistent", **vouching}
        idp.knows.append(await offered(here, idp.metadata_url, **asked))
        idp.how = how
        await page.goto(f"{here.origin}/ui/login")
        await press(page, "Campus", "link")
        if binding == "post" and not script:
            await expect_heading(page, "Going to the identity provider")
            await press(page, "Continue")
        if not script:
            await page.wait_for_url(f"{idp.origin}/sso*")
            await page.locator("[type=submit]").click()
        await page.wait_for_url(f"{here.origin}/ui/account")
        await expect_heading(page, "Your account")
        assert "grace@example.net" in await page.content()
        assert await idp.sign_out_by_soap() == ["Success"]
        await page.goto(f"{here.origin}/ui/account")
        await page.wait_for_url(f"{here.origin}/ui/login*")
    assert visit.complaints == []


async def told(here: Served, page: Page, client: dict[str, str], callback: str) -> dict[str, Any]:
    """The claims of the ID token for the code that the browser has come back with."""
    await page.wait_for_url(f"{callback}?code=*")
    code = answered(page.url)["code"]
    async with httpx.AsyncClient(base_url=here.origin, trust_env=False, timeout=30) as program:
        tokens = (await redeem(program, client, code, redirect_uri=callback)).json()
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(tokens["id_token"].split(".")[1] + "=="))
    return claims


async def test_session_at_pysaml2_is_as_old_and_lasts_as_long_as_it_says(
    visitor: Visitor, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    """AuthnInstant is `auth_time`; where that is too old the person signs in there again, once, and the way goes on."""
    visit, callback = await visitor(script=True), f"{elsewhere.origin}/callback"
    page, now = visit.page, datetime.now(UTC).replace(microsecond=0)
    async with serving(NEAR) as here, campus(tmp_path) as idp:
        named = {"name_id_format": "transient", "transient_mapping_attribute": "uid"}
        idp.knows.append(await offered(here, idp.metadata_url, **named))
        idp.signed_in_at, idp.session_ends_at = now - timedelta(hours=1), now + timedelta(minutes=20)
        client = await here.tenant.application(redirect_uris=(callback,))
        wish = f"{here.origin}/oauth/authorize?{urlencode(authorization(client, redirect_uri=callback))}"
        await page.goto(wish)
        await press(page, "Campus", "link")
        claims = await told(here, page, client, callback)
        assert claims["auth_time"] == int(idp.signed_in_at.timestamp())
        session = await here.tenant.do("GetSession", session_id=claims["sid"])
        assert session["expires_at"] == idp.session_ends_at
        await page.goto(f"{wish}&max_age=7200")
        assert (await told(here, page, client, callback))["auth_time"] == claims["auth_time"]
        await page.goto(f"{wish}&max_age=60")
        await press(page, "Campus", "link")
        assert (await told(here, page, client, callback))["auth_time"] >= int(now.timestamp())
        assert idp.forced == [False, False, True]
    assert visit.complaints == []


async def test_old_session_at_pysaml2_unlinks_nothing(visitor: Visitor, tmp_path: Path) -> None:
    """Who was let in there as a matter of course signs in there once more before a link goes. It signs by ECDSA."""
    visit = await visitor(script=True)
    page = visit.page
    async with serving(NEAR) as here, campus(tmp_path, ec.SECP256R1()) as idp:
        named = {"name_id_format": "transient", "transient_mapping_attribute": "uid"}
        idp.knows.append(await offered(here, idp.metadata_url, **named))
        idp.signed_in_at = datetime.now(UTC) - timedelta(hours=1)
        await page.goto(f"{here.origin}/ui/login")
        await press(page, "Campus", "link")
        await expect_heading(page, "Your account")
        await page.goto(f"{here.origin}/ui/access")
        await press(page, "Unlink: Campus")
        await expect_heading(page, "Sign in")
        await expect(page.get_by_text("show once more that it is you")).to_be_visible()
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            await expect_accessible(page, f"login-again-{scheme}")
        await press(page, "Campus", "link")
        await expect(page.get_by_role("status")).to_contain_text("Now you can link and unlink")
        await expect_accessible(page, "access-again-dark")
        assert idp.forced == [False, True]
    assert visit.complaints == []


async def test_another_hexkeep_signs_somebody_in_and_out(visitor: Visitor) -> None:
    """Assertion and name are encrypted; by keyboard; the next time nobody is asked. Signing out ends both."""
    visit = await visitor(script=True)
    page = visit.page
    async with serving(NEAR) as here, serving(OutboundSettings(), "login.localhost") as there:
        metadata = await offered(here, f"{there.origin}/saml/metadata", auto_creation=False, provider_logout=True)
        project = await there.tenant.do("CreateProject", organization_id=there.tenant.organization_id, name="Here")
        await there.tenant.do(
            "CreateSamlApplication",
            project_id=project["project_id"],
            name="Here",
            metadata_xml=BY_SOAP.sub("", metadata),
            options={
                "encrypt_assertions": True,
                "encrypt_name_ids": True,
                "require_signed_requests": True,
                "name_id_format": "persistent",
            },
        )
        await page.goto(f"{here.origin}/ui/login")
        await press(page, "Campus", "link")
        await page.wait_for_url(f"{there.origin}/ui/login*")
        await sign_in(page, USER_NAME, PASSWORD)
        await expect_heading(page, "Choose your account")
        await page.get_by_label("User name").fill("from-there")
        await page.get_by_label("E-mail address").fill("ada@example.com")
        await press(page, "Create the account")
        await expect_heading(page, "Your account")
        await page.context.clear_cookies(domain="localhost")
        await page.goto(f"{here.origin}/ui/login")
        await press(page, "Campus", "link")
        await expect_heading(page, "Your account")
        await page.goto(f"{there.origin}/ui/logout")
        await page.get_by_role("button", name="Sign out").click()
        await expect_heading(page, "You are signed out")
        assert page.url.startswith(there.origin)
        await page.goto(f"{here.origin}/ui/account")
        await page.wait_for_url(f"{here.origin}/ui/login*")
        await press(page, "Campus", "link")
        await sign_in(page, USER_NAME, PASSWORD)
        await expect_heading(page, "Your account")
        await page.goto(f"{here.origin}/ui/logout")
        await page.get_by_role("button", name="Sign out").click()
        await page.wait_for_url(f"{here.origin}/ui/signed-out*")
        await page.goto(f"{there.origin}/ui/account")
        await page.wait_for_url(f"{there.origin}/ui/login*")
    assert visit.complaints == []
