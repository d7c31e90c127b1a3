"""The page on which a person lets a device in (RFC 8628), and the endpoints that the device calls itself."""

import re

import httpx
import pytest

from hexkeep.core.application.state import GrantType
from tests.unit.adapters.site import OTHER_ORIGIN, PASSWORD, Site, Tenant, hidden, sign_in

PATH = "/device"
DEVICE = {
    "name": "Telly <b>&</b>",
    "application_type": "native",
    "auth_method": "none",
    "redirect_uris": (),
    "post_logout_redirect_uris": (),
    "grant_types": (GrantType.DEVICE_CODE, GrantType.REFRESH_TOKEN),
}


@pytest.fixture
async def client(tenant: Tenant) -> str:
    """A device's client id."""
    return (await tenant.application(**DEVICE))["client_id"]


@pytest.fixture
async def device(browser: httpx.AsyncClient, client: str) -> dict[str, str]:
    """What a device got that wants to be let in."""
    form = {"client_id": client, "scope": "openid email offline_access"}
    response = await browser.post("/oauth/device_authorization", data=form)
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    answer: dict[str, str] = response.json()
    return answer


async def enter(browser: httpx.AsyncClient, code: str, **fields: str) -> httpx.Response:
    """Type a code into the page's form, or answer what it asked."""
    page = await browser.get(PATH)
    return await browser.post(PATH, data={**hidden(page.text), "user_code": code, **fields})


async def polled(browser: httpx.AsyncClient, device: dict[str, str], client: str) -> httpx.Response:
    """The device asks for its tokens."""
    form = {"grant_type": GrantType.DEVICE_CODE.value, "device_code": device["device_code"], "client_id": client}
    return await browser.post("/oauth/token", data=form)


async def test_person_signs_in_on_the_way_and_the_device_gets_tokens(
    browser: httpx.AsyncClient, device: dict[str, str], client: str
) -> None:
    """Code, login page, question, done; the way back is kept by the browser alone, and ends there."""
    entered = await enter(browser, device["user_code"].lower().replace("-", " "))
    assert entered.headers["location"] == "/ui/login"
    signed_in = await sign_in(browser, entered.headers["location"])
    assert signed_in.headers["location"] == f"{PATH}?user_code={device['user_code']}"
    question = await browser.get(signed_in.headers["location"])
    for part in ("Telly &lt;b&gt;&amp;&lt;/b&gt; on your device", "See your e-mail address", device["user_code"]):
        assert part in question.text
    done = await browser.post(PATH, data={**hidden(question.text), "decision": "allow"})
    assert "Your device is connected" in done.text
    answer = await polled(browser, device, client)
    assert answer.json().keys() >= {"access_token", "id_token", "refresh_token"}
    assert (await browser.get("/ui/login")).headers["location"] == "/ui/account"


async def test_person_is_warned_of_codes_that_others_send(browser: httpx.AsyncClient, device: dict[str, str]) -> None:
    """RFC 8628 section 5.4: also who followed a link with the code in it compares, and is told why."""
    await sign_in(browser)
    question = (await browser.get(device["verification_uri_complete"])).text
    assert "Your device has to show exactly this code" in question
    assert "If somebody sent you this code or a link" in question
    assert device["user_code"] in question


async def test_opening_a_link_does_nothing(browser: httpx.AsyncClient, device: dict[str, str], client: str) -> None:
    """Programs that look at mail open links as well, and other sites have browsers load them."""
    page = await browser.get(device["verification_uri_complete"])
    assert f'value="{device["user_code"]}"' in page.text
    assert "__Host-hexkeep-way" not in page.headers.get("set-cookie", "")
    await sign_in(browser)
    await browser.get(device["verification_uri_complete"])
    assert (await polled(browser, device, client)).json()["error"] == "authorization_pending"


async def test_device_that_is_denied_is_told(browser: httpx.AsyncClient, device: dict[str, str], client: str) -> None:
    """RFC 8628 section 3.5, with the status of RFC 6749 section 5.2."""
    await sign_in(browser)
    done = await enter(browser, device["user_code"], decision="deny")
    assert "Your device is not connected" in done.text
    answer = await polled(browser, device, client)
    assert (answer.status_code, answer.json()["error"]) == (400, "access_denied")


@pytest.mark.parametrize("decision", ["allow", "deny"])
async def test_answer_needs_our_own_form(
    browser: httpx.AsyncClient, device: dict[str, str], client: str, decision: str
) -> None:
    """Neither another site nor who has no token of the page answers for the person."""
    await sign_in(browser)
    form = {"user_code": device["user_code"], "decision": decision}
    page = hidden((await browser.get(device["verification_uri_complete"])).text)
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    for response in (
        await browser.post(PATH, data=form),
        await browser.post(PATH, data={**form, **page}, headers=foreign),
    ):
        assert response.status_code == 403
    assert (await polled(browser, device, client)).json()["error"] == "authorization_pending"


async def test_answer_needs_a_session(browser: httpx.AsyncClient, device: dict[str, str], client: str) -> None:
    """Who was signed out meanwhile signs in and is asked again; nothing was decided."""
    answered = await enter(browser, device["user_code"], decision="allow")
    assert answered.headers["location"] == "/ui/login"
    assert (await polled(browser, device, client)).json()["error"] == "authorization_pending"


async def test_sign_in_on_the_way_makes_another_session(browser: httpx.AsyncClient, device: dict[str, str]) -> None:
    """A session that somebody has put into the browser before is of no use afterwards."""
    planted = "__Host-hexkeep-session"
    browser.cookies.set(planted, "session-of-somebody.else", domain="id.example.com", path="/")
    await enter(browser, device["user_code"])
    await sign_in(browser)
    assert browser.cookies[planted] != "session-of-somebody.else"


async def test_another_account_can_be_chosen(
    browser: httpx.AsyncClient, tenant: Tenant, device: dict[str, str]
) -> None:
    """The login page is one link away although somebody is signed in, and leads back."""
    await tenant.user()
    await sign_in(browser)
    link = f"{PATH}?user_code={device['user_code']}&amp;other=1"
    assert f'href="{link}"' in (await browser.get(device["verification_uri_complete"])).text
    chosen = await browser.get(link.replace("&amp;", "&"))
    response = await sign_in(browser, chosen.headers["location"], "grace", PASSWORD)
    assert "You are signed in as Grace" in (await browser.get(response.headers["location"])).text


@pytest.mark.parametrize("code", ["BCDF-GHJK", "bcdfghjk"])
async def test_wrong_code_is_told_to_who_has_signed_in(browser: httpx.AsyncClient, code: str) -> None:
    """An account is needed to find out what is no code."""
    assert (await enter(browser, code)).headers["location"] == "/ui/login"
    await sign_in(browser, "/ui/login")
    response = await browser.get(f"{PATH}?user_code={code}")
    assert response.status_code == 404
    assert "This code is not right" in response.text


@pytest.mark.parametrize("code", ["", "BCDF", "AEIO-UAEI", "12345678"])
async def test_what_cannot_be_a_code_is_told_at_once(browser: httpx.AsyncClient, code: str) -> None:
    """That takes no look at anything."""
    response = await enter(browser, code)
    assert response.status_code == 400
    assert "Enter the eight letters" in response.text


@pytest.mark.parametrize(
    "way", ["https://evil.example/", "//evil.example", "/ui/logout", "/device?x=%0d%0a", "/devices", "/device/.."]
)
async def test_way_back_leads_to_our_pages_alone(browser: httpx.AsyncClient, way: str) -> None:
    """Whatever has come into the cookie."""
    browser.cookies.set("__Host-hexkeep-way", way, domain="id.example.com", path="/")
    response = await sign_in(browser)
    assert response.headers["location"] == "/ui/account"


async def test_code_of_another_instance_is_worthless(
    site: Site, tenant: Tenant, browser: httpx.AsyncClient, device: dict[str, str], client: str
) -> None:
    """Instances share nothing: neither the page nor the token endpoint of another one knows it."""
    assert tenant.id
    await site.tenant(OTHER_ORIGIN)
    async with site.browser(OTHER_ORIGIN) as stranger:
        await sign_in(stranger)
        assert (await stranger.get(f"{PATH}?user_code={device['user_code']}")).status_code == 404
        assert (await polled(stranger, device, client)).json()["error"] == "invalid_client"


async def test_who_may_not_use_the_application_is_told(tenant: Tenant, browser: httpx.AsyncClient) -> None:
    """A project that needs an authorization: an error page, and the device goes on waiting."""
    made = await tenant.application(**DEVICE)
    application = await tenant.do("GetApplication", client_id=made["client_id"])
    await tenant.do("UpdateProject", project_id=application["project_id"], authorization_required=True)
    form = {"client_id": made["client_id"], "scope": "openid"}
    device = (await browser.post("/oauth/device_authorization", data=form)).json()
    await sign_in(browser)
    response = await enter(browser, device["user_code"], decision="allow")
    assert response.status_code == 403
    assert "You cannot use this application" in response.text


async def test_page_looks_as_the_organization_wants_that_is_meant(
    browser: httpx.AsyncClient, tenant: Tenant, client: str
) -> None:
    """Once somebody of it has entered the code; before that nobody is told anything."""
    own = {"organization_id": tenant.organization_id}
    await tenant.do("SetBrandingPreview", **own, primary_colour="#aa0044")
    await tenant.do("ActivateBranding", **own)
    form = {"client_id": client, "scope": f"openid urn:hexkeep:organization:id:{tenant.organization_id}"}
    code = (await browser.post("/oauth/device_authorization", data=form)).json()["user_code"]
    assert "look.css" not in (await browser.get(PATH, params={"user_code": code})).text
    await sign_in(browser)
    question = await browser.get(PATH, params={"user_code": code})
    assert "This is for people of Example." in question.text
    [sheet] = re.findall(r'href="(/ui/look[^"]*)"', question.text)
    assert "--accent: #aa0044;" in (await browser.get(sheet.replace("&amp;", "&"))).text
