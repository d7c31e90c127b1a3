"""Session management through a frame (OIDC Session Management 1.0): the modules of its conformance plan.

`oidcc-session-management-discovery-endpoint-verification` and `oidcc-session-management-rp-initiated-logout`; that the
frame says "unchanged" and then "changed" is in `tests/browser/test_check_session.py`.
"""

import hashlib
import re

import httpx

from tests.unit.adapters.site import CALLBACK, Tenant, answered, authorization, sign_in

FRAME = "/ui/check-session"
CONFIGURATION = "/.well-known/openid-configuration"
STATE = re.compile(r"__Secure-hexkeep-browser-state=([0-9a-f]{64}); Path=/ui/check-session; Secure; SameSite=None")


async def back(browser: httpx.AsyncClient, client: dict[str, str], **changes: str) -> httpx.Response:
    """The response that leads back to an application."""
    began = await browser.get("/oauth/authorize", params=authorization(client, **changes))
    return await sign_in(browser, began.headers["location"])


async def test_nothing_of_it_is_there_by_default(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """No frame, no parameter, no cookie, no word in discovery."""
    response = await back(browser, await tenant.application())
    assert "session_state" not in answered(response.headers["location"])
    assert "browser-state" not in str(response.headers)
    assert "check_session_iframe" not in (await browser.get(CONFIGURATION)).json()
    assert (await browser.get(FRAME)).status_code == 404


async def test_application_and_frame_know_the_same_state(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """Section 2: a digest of client, origin, the state in the cookie, and a salt."""
    await tenant.do("SetFeature", feature="session_management", enabled=True)
    client = await tenant.application()
    response = await back(browser, client)
    state = STATE.search(str(response.headers))
    assert state is not None
    digest, _, salt = answered(response.headers["location"])["session_state"].partition(".")
    text = f"{client['client_id']} {CALLBACK.removesuffix('/callback')} {state[1]} {salt}"
    assert digest == hashlib.sha256(text.encode()).hexdigest()
    page = await browser.get("/ui/logout")
    csrf = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    done = await browser.post("/ui/logout", data={"csrf": csrf}, headers={"origin": tenant.origin})
    assert "__Secure-hexkeep-browser-state=; Max-Age=0; Path=/ui/check-session" in str(done.headers)


async def test_without_openid_there_is_no_state(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """Plain OAuth knows of no session."""
    await tenant.do("SetFeature", feature="session_management", enabled=True)
    assert "session_state" not in answered(
        (await back(browser, await tenant.application(), scope="profile")).headers["location"]
    )


async def test_frame_may_be_shown_anywhere_and_runs_its_own_script_alone(
    browser: httpx.AsyncClient, tenant: Tenant
) -> None:
    """Section 3.3, and discovery names it."""
    await tenant.do("SetFeature", feature="session_management", enabled=True)
    assert (await browser.get(CONFIGURATION)).json()["check_session_iframe"] == tenant.origin + FRAME
    frame = await browser.get(FRAME)
    assert frame.status_code == 200
    policy = frame.headers["content-security-policy"]
    assert re.fullmatch(r"default-src 'none'; script-src 'sha256-[^']+'; base-uri 'none'; frame-ancestors \*", policy)
    assert "x-frame-options" not in frame.headers
