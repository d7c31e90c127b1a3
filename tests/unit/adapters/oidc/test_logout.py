"""The end session endpoint."""

import httpx
import pytest

from tests.unit.adapters.site import AFTER_LOGOUT, ORIGIN, Tenant, answered, code_for, hidden, redeem, sign_in

PATH = "/oidc/logout"
SESSION = "__Host-hexkeep-session"


@pytest.fixture
async def id_token(browser: httpx.AsyncClient, tenant: Tenant) -> str:
    """An ID token of the session in ``browser``."""
    client = await tenant.application()
    return str((await redeem(browser, client, await code_for(browser, client))).json()["id_token"])


async def signed_in(browser: httpx.AsyncClient) -> bool:
    """Whether the session in the browser holds."""
    return (await browser.get("/ui/account")).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_hint_signs_out_and_returns(browser: httpx.AsyncClient, id_token: str, method: str) -> None:
    """RP-Initiated Logout section 2: to the registered place, with the state, the cookie removed, the session over."""
    asked = {"id_token_hint": id_token, "post_logout_redirect_uri": AFTER_LOGOUT, "state": "s"}
    session = browser.cookies[SESSION]
    asking = browser.get(PATH, params=asked) if method == "GET" else browser.post(PATH, data=asked)
    response = await asking
    assert response.status_code == 303
    assert response.headers["location"] == f"{AFTER_LOGOUT}?state=s"
    assert "Max-Age=0" in response.headers["set-cookie"]
    assert SESSION not in browser.cookies
    browser.cookies.set(SESSION, session, domain="id.example.com")
    assert not await signed_in(browser)


async def test_without_a_hint_the_person_is_asked(browser: httpx.AsyncClient) -> None:
    """Section 6: nobody is signed out by a link alone; the button on the page does it."""
    await sign_in(browser)
    page = await browser.get(PATH)
    assert page.status_code == 200
    assert await signed_in(browser)
    done = await browser.post("/ui/logout", data=hidden(page.text), headers={"origin": ORIGIN})
    assert (done.status_code, done.headers["location"]) == (303, "/ui/signed-out")
    assert not await signed_in(browser)


async def test_confirmation_keeps_what_was_asked(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """After the question the browser goes where the application wanted it to, by a page that leads there."""
    client = await tenant.application(name="<b>Shop</b>")
    await sign_in(browser)
    asked = {"client_id": client["client_id"], "post_logout_redirect_uri": AFTER_LOGOUT, "state": '"><script>'}
    page = await browser.get(PATH, params=asked)
    assert "&lt;b&gt;Shop" in page.text
    assert "<script" not in page.text
    assert page.headers["content-security-policy"].endswith("form-action 'self'")
    form = {**asked, "csrf": hidden(page.text)["csrf"]}
    done = await browser.post("/ui/logout", data=form, headers={"origin": ORIGIN})
    assert (done.status_code, done.headers["location"].startswith(AFTER_LOGOUT)) == (200, True)
    assert answered(done.headers["location"]) == {"state": '"><script>'}


@pytest.mark.parametrize("name", ["confirmed", "csrf"])
async def test_confirmation_cannot_come_from_outside(browser: httpx.AsyncClient, name: str) -> None:
    """Parameters of the public endpoint do not press the button."""
    await sign_in(browser)
    page = await browser.get(PATH, params={name: "true"})
    assert page.status_code == 200
    assert hidden(page.text)["csrf"] != "true"
    assert await signed_in(browser)


@pytest.mark.parametrize(
    "changes",
    [
        {"post_logout_redirect_uri": "https://evil.example"},
        {"post_logout_redirect_uri": f"{AFTER_LOGOUT}?more=1"},
        {"id_token_hint": "a.b.c"},
        {"client_id": "somebody-else"},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_bad_request_is_a_page_and_signs_nobody_out(
    browser: httpx.AsyncClient, id_token: str, changes: dict[str, str]
) -> None:
    """Section 3: no redirect to a place that is not registered, nor on a hint that is not ours."""
    asked = {"id_token_hint": id_token, "post_logout_redirect_uri": AFTER_LOGOUT, **changes}
    response = await browser.get(PATH, params=asked)
    assert (response.status_code, "location" in response.headers) == (400, False)
    assert response.headers["content-type"].startswith("text/html")
    assert await signed_in(browser)


async def test_form_of_another_site_is_led_through_get(browser: httpx.AsyncClient, id_token: str) -> None:
    """Without the cookie nobody could be signed out; the hop brings it."""
    session = browser.cookies[SESSION]
    browser.cookies.clear()
    hop = await browser.post(PATH, data={"id_token_hint": id_token}, headers={"origin": "https://app.example.com"})
    assert hop.status_code == 303
    browser.cookies.set(SESSION, session, domain="id.example.com")
    await browser.get(hop.headers["location"])
    assert not await signed_in(browser)
