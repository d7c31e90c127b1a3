"""Second factors in Chromium and over REST of a real server: a passkey of a virtual authenticator, and codes."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from pydantic import JsonValue

from hexkeep.core.factor import rfc6238
from tests.browser.chromium import SHARING
from tests.browser.conftest import AXE, Served, Visitor
from tests.browser.person import expect_heading, sign_in
from tests.unit.adapters.site import PASSWORD

pytestmark = SHARING

CREATE = """async (options) => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const publicKey = { ...options, challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) } };
  return JSON.stringify((await navigator.credentials.create({ publicKey })).toJSON());
}"""
"""What a page does that registers a passkey."""


@pytest_asyncio.fixture(loop_scope="session")
async def rest(served: Served) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the REST API, over a socket."""
    async with httpx.AsyncClient(base_url=served.origin) as client:
        yield client


async def called(
    rest: httpx.AsyncClient, method: str, path: str, token: str = "", **fields: JsonValue
) -> httpx.Response:
    """A call, perhaps in a session."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return await rest.request(method, path, headers=headers, **({"json": fields} if method != "GET" else {}))  # type: ignore[arg-type]  # httpx takes either


async def session(rest: httpx.AsyncClient, **proofs: str) -> dict[str, JsonValue]:
    """Grace's session."""
    answer = await called(rest, "POST", "/auth/v1/sessions", login_name="grace", password=PASSWORD, **proofs)
    assert answer.status_code == 201, answer.text
    opened: dict[str, JsonValue] = answer.json()
    return opened


def shown(secret: str, later: int = 0) -> str:
    """What an app shows, or will show some steps later; the server takes that of the next step as well."""
    key = rfc6238.key_of(secret)
    assert key
    return rfc6238.hotp(key, rfc6238.step_at(datetime.now(UTC)) + later)


async def app_of(rest: httpx.AsyncClient, token: str) -> str:
    """An authenticator app, set up over REST; its secret."""
    secret = str((await called(rest, "POST", "/auth/v1/me/factors/totp", token)).json()["secret"])
    code = shown(secret)  # of this step, or by then of the one before: codes of later steps are still to be used
    verified = await called(rest, "POST", "/auth/v1/me/factors/totp/verify", token, code=code)
    assert verified.status_code == 200, verified.text
    return secret


async def authenticator(page: Page) -> None:
    """A virtual authenticator that verifies its user (W3C Web Authentication section 11)."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def test_passkey_is_registered_and_signs_in_alone(
    served: Served, rest: httpx.AsyncClient, visitor: Visitor
) -> None:
    """Registered over REST by a page's script, then used with nothing but the button on the login page."""
    await served.tenant.user()
    token = str((await session(rest))["session_token"])
    visit = await visitor(script=True)
    page = visit.page
    await authenticator(page)
    await page.goto(f"{served.origin}/ui/login")
    begun = (await called(rest, "POST", "/auth/v1/me/passkeys/registration", token)).json()
    credential = await page.evaluate(CREATE, json.loads(begun["options"]))
    made = await called(rest, "POST", "/auth/v1/me/passkeys", token, credential=credential, name="Laptop")
    assert made.status_code == 200, made.text
    replay = await called(rest, "POST", "/auth/v1/me/passkeys", token, credential=credential, name="Again")
    assert (replay.status_code, replay.json()["code"]) == (400, "invalid_factor")
    await page.get_by_role("button", name="Use a passkey instead").press("Enter")
    await expect_heading(page, "Your account")
    assert visit.complaints == []
    own = next(one for one in await page.context.cookies() if one["name"] == "__Host-hexkeep-session")["value"]
    now = (await called(rest, "GET", f"/auth/v1/sessions/{own.split('_')[1]}", own)).json()
    assert now["amr"] == ["swk", "user", "mfa"]


async def test_passkey_is_asked_for_after_the_password(
    served: Served, rest: httpx.AsyncClient, visitor: Visitor
) -> None:
    """Whoever has one; what has failed is told."""
    await served.tenant.user()
    token = str((await session(rest))["session_token"])
    visit = await visitor(script=True)
    await authenticator(visit.page)
    await visit.page.goto(f"{served.origin}/ui/login")
    begun = (await called(rest, "POST", "/auth/v1/me/passkeys/registration", token)).json()
    credential = await visit.page.evaluate(CREATE, json.loads(begun["options"]))
    await called(rest, "POST", "/auth/v1/me/passkeys", token, credential=credential, name="Laptop")
    await sign_in(visit.page, "grace", PASSWORD)
    await expect_heading(visit.page, "Show that it is you")
    await visit.page.get_by_role("button", name="Use a passkey").click()
    await expect_heading(visit.page, "Your account")
    assert visit.complaints == []
    other = await visitor(script=True)
    await sign_in_on(other.page, served)
    await expect_heading(other.page, "Show that it is you")
    await other.page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('none')); }")
    await other.page.get_by_role("button", name="Use a passkey").click()
    await expect(other.page.get_by_role("alert")).to_have_text("That did not work. Try again, or use another way")


async def sign_in_on(page: Page, served: Served) -> None:
    """Grace gives her password."""
    await page.goto(f"{served.origin}/ui/login")
    await sign_in(page, "grace", PASSWORD)


@pytest.mark.parametrize("script", [False, True])
async def test_code_of_an_app_is_asked_for(
    served: Served, rest: httpx.AsyncClient, visitor: Visitor, *, script: bool
) -> None:
    """With the keyboard, the focus where it belongs; a wrong code is told, a used one as well."""
    await served.tenant.user()
    secret = await app_of(rest, str((await session(rest))["session_token"]))
    visit = await visitor(script=script)
    page = visit.page
    await sign_in_on(page, served)
    await expect_heading(page, "Show that it is you")
    await page.goto(f"{served.origin}/ui/account")
    await expect_heading(page, "Sign in")
    await sign_in(page, "grace", PASSWORD)
    code = page.get_by_label("Code from your authenticator app")
    await expect(code).to_be_focused()
    await page.keyboard.type("000000")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(code).to_be_focused()
    used = shown(secret, 1)
    await page.keyboard.type(used)
    await page.keyboard.press("Enter")
    await expect_heading(page, "Your account")
    assert visit.complaints == []
    other = (await visitor()).page
    await sign_in_on(other, served)
    await other.get_by_label("Code from your authenticator app").fill(used)
    await other.keyboard.press("Enter")
    await expect(other.get_by_role("alert")).to_contain_text("was used before")


async def test_code_by_mail_and_recovery_code(served: Served, rest: httpx.AsyncClient, visitor: Visitor) -> None:
    """Sent when asked for; a recovery code does as well, once."""
    user_id = await served.tenant.user()
    token = str((await session(rest))["session_token"])
    await called(rest, "POST", "/auth/v1/me/email/code", token)
    verification = (await served.mail.next("verify_email")).values["code"]
    await called(rest, "POST", "/auth/v1/me/email/verify", token, code=verification)
    added = await called(rest, "POST", "/auth/v1/me/factors/otp-email", token)
    assert added.status_code == 200, added.text
    codes = (await called(rest, "POST", "/auth/v1/me/factors/recovery-codes", token)).json()["codes"]
    page = (await visitor()).page
    await sign_in_on(page, served)
    await page.get_by_role("button", name="Get a code by mail").click()
    mail = await served.mail.next("one_time_code")
    assert mail.to == "grace@example.com"
    await page.get_by_label("Code from the mail").fill(mail.values["code"])
    await page.keyboard.press("Enter")
    await expect_heading(page, "Your account")
    other = (await visitor()).page
    await sign_in_on(other, served)
    await other.get_by_role("button", name="Use a recovery code").click()
    await other.get_by_label("Recovery code").fill(codes[3].lower())
    await other.keyboard.press("Enter")
    await expect_heading(other, "Your account")
    left = await served.tenant.do("ListUserFactors", user_id=user_id)
    assert left["recovery_codes_left"] == 9


async def test_policy_has_an_app_set_up(served: Served, rest: httpx.AsyncClient, visitor: Visitor) -> None:
    """Nothing else can be done until then; it needs no second sign-in afterwards."""
    await served.tenant.user()
    await served.tenant.do("SetDefaultLoginPolicy", force_mfa=True)
    opened = await session(rest)
    assert opened["enrolment_required"] is True
    refused = await called(rest, "GET", "/auth/v1/me", str(opened["session_token"]))
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
    visit = await visitor()
    page = visit.page
    await sign_in_on(page, served)
    await expect_heading(page, "Set up a second proof")
    await page.goto(f"{served.origin}/ui/set-up-factor")
    await page.get_by_role("button", name="Set up an authenticator app").press("Enter")
    secret = await page.locator("#secret").inner_text()
    await page.get_by_label("Code from your authenticator app").fill("000000")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await page.locator("#secret").inner_text() == secret
    await page.get_by_label("Code from your authenticator app").fill(shown(secret))
    await page.keyboard.press("Enter")
    await expect_heading(page, "Your account")
    assert visit.complaints == []


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: run npm ci in tests/e2e/node")
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_are_fit_for_everybody(
    served: Served, rest: httpx.AsyncClient, visitor: Visitor, scheme: str
) -> None:
    """Axe finds nothing, in either scheme."""
    await served.tenant.user()
    await app_of(rest, str((await session(rest))["session_token"]))
    page = (await visitor(script=True, color_scheme=scheme)).page
    await sign_in_on(page, served)
    await expect_heading(page, "Show that it is you")
    await page.evaluate(AXE.read_text(encoding="utf-8"))  # by the debugger, past the page's policy
    assert await page.evaluate("axe.run().then(r => r.violations.map(v => v.id))") == []
