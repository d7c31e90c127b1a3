"""The page that signs out of applications through the browser (OIDC Front-Channel Logout 1.0)."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx

from hexkeep.adapters.web.policy import page_headers
from tests.unit.adapters.oidc.test_logout import PATH, SESSION
from tests.unit.adapters.site import AFTER_LOGOUT, CALLBACK, ORIGIN, Tenant, code_for, hidden, redeem

FRAMES = re.compile(r'<iframe src="([^"]+)"')


async def joined(browser: httpx.AsyncClient, tenant: Tenant, **metadata: object) -> tuple[dict[str, str], str]:
    """An application in the browser's session, and its ID token."""
    origins = [f"https://{urlsplit(str(uri)).netloc}" for uri in metadata.values() if isinstance(uri, str)]
    uris = (CALLBACK, *(f"{origin}/callback" for origin in origins))  # section 2: a frame is of the application's own
    client = await tenant.application(client_metadata=metadata, redirect_uris=uris)
    return client, str((await redeem(browser, client, await code_for(browser, client))).json()["id_token"])


async def test_page_loads_what_signs_out_and_goes_on(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """Sections 2 and 3: every application of the session; its own origin may be shown, and nothing else."""
    required = {"frontchannel_logout_session_required": True}
    await joined(browser, tenant, frontchannel_logout_uri="https://tv.example.com/bye?a=1", **required)
    await joined(browser, tenant, frontchannel_logout_uri="https://radio.example.com/out")
    _, hint = await joined(browser, tenant)
    asked = {"id_token_hint": hint, "post_logout_redirect_uri": AFTER_LOGOUT, "state": "s"}
    page = await browser.get(PATH, params=asked)
    assert page.status_code == 200
    first, second = (frame.replace("&amp;", "&") for frame in FRAMES.findall(page.text))
    told = parse_qs(urlsplit(first).query)
    assert (first.partition("?")[0], told["a"], told["iss"]) == ("https://tv.example.com/bye", ["1"], [ORIGIN])
    assert len(told["sid"]) == 1
    assert second == "https://radio.example.com/out"
    policy = page.headers["content-security-policy"]
    assert "; frame-src https://tv.example.com https://radio.example.com;" in policy
    assert re.search(r"script-src 'sha256-[^']+'", policy)
    assert f'href="{AFTER_LOGOUT}?state=s"' in page.text
    assert "Max-Age=0" in page.headers["set-cookie"]
    assert SESSION not in browser.cookies


async def test_confirmed_logout_shows_the_page_as_well(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """On the account page's button, with our own page to end on."""
    await joined(browser, tenant, frontchannel_logout_uri="https://tv.example.com/bye")
    question = await browser.get(PATH)
    page = await browser.post("/ui/logout", data=hidden(question.text), headers={"origin": ORIGIN})
    assert FRAMES.findall(page.text) == ["https://tv.example.com/bye"]
    assert 'href="/ui/signed-out"' in page.text


async def test_without_such_applications_there_is_no_page(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """Nothing to wait for."""
    await joined(browser, tenant)
    question = await browser.get(PATH)
    done = await browser.post("/ui/logout", data=hidden(question.text), headers={"origin": ORIGIN})
    assert done.headers["location"] == "/ui/signed-out"


def test_frames_cannot_smuggle_a_directive_in() -> None:
    """What is no origin is not named, and then not shown."""
    headers = dict(page_headers(frames=("https://a.example; script-src *",)))
    assert "frame-src" not in headers["content-security-policy"]
