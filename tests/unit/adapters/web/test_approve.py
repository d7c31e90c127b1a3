"""The page on which people answer what applications ask without a browser of theirs, and the endpoint they ask at."""

import httpx
import pytest

from hexkeep.core.application.state import GrantType
from tests.unit.adapters.site import OTHER_ORIGIN, PASSWORD, USER_NAME, Site, Tenant, hidden, sign_in

PATH = "/approve"
BANK = {
    "name": "Bank <b>&</b>",
    "redirect_uris": (),
    "post_logout_redirect_uris": (),
    "grant_types": (GrantType.CIBA,),
}


@pytest.fixture
async def client(tenant: Tenant) -> tuple[str, str]:
    """What the bank authenticates with."""
    made = await tenant.application(**BANK)
    return made["client_id"], made["client_secret"]


async def asked(browser: httpx.AsyncClient, client: tuple[str, str], **params: str) -> httpx.Response:
    """The bank asks Ada."""
    form = {"scope": "openid email", "login_hint": USER_NAME, "binding_message": "W4SCT & <i>Co</i>", **params}
    return await browser.post("/oauth/bc-authorize", data=form, auth=client)


@pytest.fixture
async def auth_req_id(browser: httpx.AsyncClient, client: tuple[str, str]) -> str:
    """What the bank got."""
    response = await asked(browser, client)
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    return str(response.json()["auth_req_id"])


async def polled(browser: httpx.AsyncClient, client: tuple[str, str], auth_req_id: str) -> httpx.Response:
    """The bank asks for its tokens."""
    form = {"grant_type": GrantType.CIBA.value, "auth_req_id": auth_req_id}
    return await browser.post("/oauth/token", data=form, auth=client)


async def answered(browser: httpx.AsyncClient, decision: str, page: str = PATH) -> httpx.Response:
    """Ada presses a button."""
    question = await browser.get(page)
    assert question.status_code == 200, question.headers
    return await browser.post(PATH, data={**hidden(question.text), "decision": decision})


async def test_mail_leads_to_the_question_and_the_bank_gets_tokens(
    site: Site, tenant: Tenant, browser: httpx.AsyncClient, client: tuple[str, str]
) -> None:
    """Link, login page, question, done: who is asked need not be signed in."""
    await tenant.user(email_verified=True)
    auth_req_id = (await asked(browser, client, login_hint="grace")).json()["auth_req_id"]
    mail = await site.mail.next("approve_request_with_message")
    assert (mail.to, mail.values["client_name"]) == ("grace@example.com", BANK["name"])
    link = mail.values["link"].removeprefix(tenant.origin)
    opened = await browser.get(link)
    assert opened.headers["location"] == "/ui/login"
    back = await sign_in(browser, "/ui/login", "grace", PASSWORD)
    assert back.headers["location"] == link
    question = (await browser.get(link)).text
    for part in ("Bank &lt;b&gt;&amp;&lt;/b&gt;", "W4SCT &amp; &lt;i&gt;Co&lt;/i&gt;", "See your e-mail address"):
        assert part in question
    assert "If you have not begun this just now, do not allow it" in question
    assert "The application has access" in (await answered(browser, "allow", link)).text
    assert (await polled(browser, client, auth_req_id)).json().keys() >= {"access_token", "id_token"}


async def test_account_page_tells_of_what_waits(browser: httpx.AsyncClient, auth_req_id: str) -> None:
    """Whether or not a mail has come."""
    assert auth_req_id
    await sign_in(browser)
    assert f'href="{PATH}"' in (await browser.get("/ui/account")).text
    await answered(browser, "deny")
    assert f'href="{PATH}"' not in (await browser.get("/ui/account")).text


async def test_bank_that_is_denied_is_told(
    browser: httpx.AsyncClient, client: tuple[str, str], auth_req_id: str
) -> None:
    """CIBA Core section 11."""
    await sign_in(browser)
    assert "The application has no access" in (await answered(browser, "deny")).text
    response = await polled(browser, client, auth_req_id)
    assert (response.status_code, response.json()["error"]) == (400, "access_denied")
    assert "Nothing waits for you" in (await browser.get(PATH)).text


@pytest.mark.parametrize("decision", ["allow", "deny"])
async def test_answer_needs_our_own_form(
    browser: httpx.AsyncClient, client: tuple[str, str], auth_req_id: str, decision: str
) -> None:
    """Neither another site nor who has no token of the page answers for the person."""
    await sign_in(browser)
    form = {**hidden((await browser.get(PATH)).text), "decision": decision}
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    for response in (
        await browser.post(PATH, data=form, headers=foreign),
        await browser.post(PATH, data={**form, "csrf": "x" * 43}),
    ):
        assert response.status_code == 403
    assert (await polled(browser, client, auth_req_id)).json()["error"] == "authorization_pending"


async def test_somebody_else_neither_sees_nor_answers(
    tenant: Tenant, browser: httpx.AsyncClient, client: tuple[str, str], auth_req_id: str
) -> None:
    """A link that was passed on shows its reader nothing."""
    await sign_in(browser)
    form = hidden((await browser.get(PATH)).text)
    await tenant.user()
    browser.cookies.delete("__Host-hexkeep-session")
    await sign_in(browser, "/ui/login", "grace", PASSWORD)
    link = await browser.get(f"{PATH}?request={form['request']}")
    assert "This is over" in link.text
    response = await browser.post(PATH, data={**form, "decision": "allow"})
    assert response.status_code == 404
    assert (await polled(browser, client, auth_req_id)).json()["error"] == "authorization_pending"


async def test_signed_out_person_signs_in_and_is_asked_again(
    browser: httpx.AsyncClient, client: tuple[str, str], auth_req_id: str
) -> None:
    """An answer without a session is none."""
    await sign_in(browser)
    form = {**hidden((await browser.get(PATH)).text), "decision": "allow"}
    browser.cookies.delete("__Host-hexkeep-session")
    response = await browser.post(PATH, data=form)
    assert response.headers["location"] == "/ui/login"
    assert (await polled(browser, client, auth_req_id)).json()["error"] == "authorization_pending"


@pytest.mark.parametrize("decision", ["", "ALLOW", "maybe"])
async def test_what_is_neither_yes_nor_no_decides_nothing(
    browser: httpx.AsyncClient, client: tuple[str, str], auth_req_id: str, decision: str
) -> None:
    """The request waits on."""
    await sign_in(browser)
    assert (await answered(browser, decision)).status_code == 404
    assert (await polled(browser, client, auth_req_id)).json()["error"] == "authorization_pending"


async def test_id_of_another_instance_is_worthless(
    site: Site, browser: httpx.AsyncClient, client: tuple[str, str], auth_req_id: str
) -> None:
    """Instances share nothing."""
    await site.tenant(OTHER_ORIGIN)
    async with site.browser(OTHER_ORIGIN) as stranger:
        assert (await polled(stranger, client, auth_req_id)).json()["error"] == "invalid_client"
        assert (await asked(stranger, client)).json()["error"] == "invalid_client"
    assert (await polled(browser, client, auth_req_id)).json()["error"] == "authorization_pending"


async def test_endpoint_is_not_for_scripts_of_other_sites(browser: httpx.AsyncClient, client: tuple[str, str]) -> None:
    """What authenticates with a secret is no page, and unknown people are not told apart."""
    response = await asked(browser, client, login_hint="nobody-of-that-name")
    assert response.status_code == 200
    assert "access-control-allow-origin" not in response.headers
