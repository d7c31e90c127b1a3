"""Verification, reset and invitation over a real server: in REST and in Chromium, with what the mailbox got."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.chromium import SHARING
from tests.browser.conftest import Served, Visitor
from tests.browser.person import expect_heading, sign_in
from tests.mailbox import Message
from tests.unit.adapters.site import PASSWORD

pytestmark = SHARING

NEW = "another quite long sentence"


@pytest_asyncio.fixture(loop_scope="session")
async def rest(served: Served) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the REST API, over a socket."""
    async with httpx.AsyncClient(base_url=served.origin) as client:
        yield client


async def session(rest: httpx.AsyncClient, password: str = PASSWORD) -> dict[str, str]:
    """The header of Grace's session."""
    answer = await rest.post("/auth/v1/sessions", json={"login_name": "grace", "password": password})
    assert answer.status_code == 201, answer.text
    return {"authorization": f"Bearer {answer.json()['session_token']}"}


async def choose(page: Page, mail: Message, heading: str) -> None:
    """Open the link of a mail and choose a password, with nothing but the keyboard."""
    await page.goto(mail.values["link"])
    await expect_heading(page, heading)
    await expect(page.get_by_label("New password", exact=True)).to_be_focused()
    await page.keyboard.type(NEW)
    await page.keyboard.press("Tab")
    await page.keyboard.type(NEW)
    await page.keyboard.press("Enter")


async def test_addresses_and_password_over_rest(served: Served, rest: httpx.AsyncClient) -> None:
    """Verify the address, change it, give a phone number, forget the password and set another one."""
    user_id = await served.tenant.user()
    me = await session(rest)
    assert (await rest.post("/auth/v1/me/email/code", headers=me)).status_code == 200
    code = (await served.mail.next("verify_email")).values["code"]
    wrong = await rest.post("/auth/v1/me/email/verify", headers=me, json={"code": "ZZZZZZZZ"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_code")
    assert (await rest.post("/auth/v1/me/email/verify", headers=me, json={"code": code})).status_code == 200
    assert (await rest.get("/auth/v1/me", headers=me)).json()["email_verified"] is True
    moved = {"email": "grace@new.example.com", "present_password": PASSWORD}
    assert (await rest.put("/auth/v1/me/email", headers=me, json=moved)).status_code == 200
    assert (await served.mail.next("email_changed")).to == "grace@example.com"
    mail = await served.mail.next("verify_email")
    assert mail.to == "grace@new.example.com"
    verified = await rest.post(f"/auth/v1/users/{user_id}/email/verify", json={"code": mail.values["code"]})
    assert verified.status_code == 200
    phone = {"phone": "+41441234567", "present_password": PASSWORD}
    assert (await rest.put("/auth/v1/me/phone", headers=me, json=phone)).status_code == 200
    code = (await served.mail.next("verify_phone")).values["code"]
    assert (await rest.post("/auth/v1/me/phone/verify", headers=me, json={"code": code})).status_code == 200
    assert (await rest.get("/auth/v1/me", headers=me)).json()["phone_verified"] is True
    answers = [await rest.post("/auth/v1/password-resets", json={"login_name": name}) for name in ("grace", "nobody")]
    assert [(one.status_code, one.content) for one in answers] == [(202, answers[0].content)] * 2
    code = (await served.mail.next("reset_password")).values["code"]
    reset = {"code": code, "new_password": NEW}
    assert (await rest.post(f"/auth/v1/users/{user_id}/password/reset", json=reset)).status_code == 200
    assert (await rest.get("/auth/v1/me", headers=me)).status_code == 401
    replay = await rest.post(f"/auth/v1/users/{user_id}/password/reset", json=reset)
    assert (replay.status_code, replay.json()["code"]) == (400, "invalid_code")
    assert await session(rest, NEW)


async def test_invitation_over_rest(served: Served, rest: httpx.AsyncClient) -> None:
    """Invited, invited again, and in."""
    user_id = await served.tenant.user(password="")
    await served.tenant.do("CreateInvitation", user_id=user_id)
    first = (await served.mail.next("invite_user")).values["code"]
    await served.tenant.do("ResendInvitation", user_id=user_id)
    second = (await served.mail.next("invite_user")).values["code"]
    answers = [
        await rest.post(f"/auth/v1/users/{user_id}/invitation/verify", json={"code": code, "password": NEW})
        for code in (first, second)
    ]
    assert [answer.status_code for answer in answers] == [400, 200]
    me = await session(rest, NEW)
    profile = {"nickname": "Amazing Grace", "gender": "female"}
    assert (await rest.patch("/auth/v1/me/profile", headers=me, json=profile)).status_code == 200
    shown = (await rest.get("/auth/v1/me", headers=me)).json()
    assert (shown["nickname"], shown["gender"], shown["status"]) == ("Amazing Grace", "female", "active")


@pytest.mark.parametrize("script", [False, True])
async def test_forgotten_password_in_a_browser(served: Served, visitor: Visitor, *, script: bool) -> None:
    """From the login page to the mail, from its link back in, without a mouse; nothing to complain about."""
    await served.tenant.user(email_verified=True)
    visit = await visitor(script=script)
    page = visit.page
    await page.goto(served.origin)
    await page.get_by_role("link", name="Forgotten your password?").press("Enter")
    await expect(page.get_by_label("User name")).to_be_focused()
    await page.keyboard.type("grace")
    await page.keyboard.press("Enter")
    await expect_heading(page, "Look into your mailbox")
    await choose(page, await served.mail.next("reset_password"), "Choose another password")
    await expect_heading(page, "Your password is set")
    await page.get_by_role("link", name="Sign in").press("Enter")
    await sign_in(page, "grace", NEW)
    await expect_heading(page, "Your account")
    assert visit.complaints == []


async def test_invitation_in_a_browser(served: Served, visitor: Visitor) -> None:
    """The link leads to the first password, and that to the account."""
    user_id = await served.tenant.user(password="")
    await served.tenant.do("CreateInvitation", user_id=user_id)
    visit = await visitor(script=True)
    await choose(visit.page, await served.mail.next("invite_user"), "Welcome")
    await expect_heading(visit.page, "Your account is ready")
    await visit.page.get_by_role("link", name="Sign in").press("Enter")
    await sign_in(visit.page, "grace", NEW)
    await expect_heading(visit.page, "Your account")
    assert visit.complaints == []


async def test_verification_in_a_browser(served: Served, visitor: Visitor) -> None:
    """The link fills the code in, and the button confirms; what went wrong is read out first."""
    user_id = await served.tenant.user()
    await served.tenant.do("ResendEmailCode", user_id=user_id)
    mail = await served.mail.next("verify_email")
    visit = await visitor(script=True)
    page = visit.page
    await page.goto(mail.values["link"])
    await expect(page.get_by_label("Code")).to_have_value(mail.values["code"])
    await page.get_by_label("Code").fill("ZZZZZZZZ")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.get_by_label("Code").fill(mail.values["code"])
    await page.keyboard.press("Enter")
    await expect_heading(page, "Your e-mail address is confirmed")
    assert (await served.tenant.do("GetUser", user_id=user_id))["email_verified"] is True
    assert visit.complaints == []
