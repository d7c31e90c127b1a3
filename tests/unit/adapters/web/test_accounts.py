"""The accounts of a browser: chosen from, added to, bounded, and ended together."""

import re

import httpx
import pytest

from tests.unit.adapters.site import PASSWORD, Tenant, answered, authorization, hidden, sign_in

PATH = "/ui/accounts"
SESSION, WAITING = "__Host-hexkeep-session", "__Host-hexkeep-accounts"


@pytest.fixture
async def asking(tenant: Tenant) -> dict[str, str]:
    """A request in which the account is to be chosen."""
    return authorization(await tenant.application(name="Shop"), prompt="select_account")


async def begun(browser: httpx.AsyncClient, asking: dict[str, str]) -> str:
    """Where such a request leads."""
    location = (await browser.get("/oauth/authorize", params=asking)).headers["location"]
    assert location.startswith(f"{PATH}?request=")
    return str(location)


async def added(browser: httpx.AsyncClient, location: str, user_name: str = "grace") -> httpx.Response:
    """The answer to one more sign-in, begun from the choice."""
    login = location.replace(PATH, "/ui/login") + "&another=1"
    return await sign_in(browser, login, user_name, PASSWORD)


def offered(html: str) -> list[str]:
    """The sessions that can be chosen."""
    return [part.partition('"')[0] for part in html.split('name="account" value="')[1:]]


async def test_without_accounts_there_is_only_the_login_page(
    browser: httpx.AsyncClient, asking: dict[str, str]
) -> None:
    """Who then signs in has said who it is, and goes on."""
    location = await begun(browser, asking)
    login = (await browser.get(location)).headers["location"]
    assert login.startswith("/ui/login?request=")
    assert "code" in answered((await sign_in(browser, login)).headers["location"])


async def test_choice_goes_on_as_who_was_chosen(
    browser: httpx.AsyncClient, tenant: Tenant, asking: dict[str, str]
) -> None:
    """Two accounts in one browser: each is offered by name, and the other one waits."""
    await tenant.user()
    await sign_in(browser)
    location = await begun(browser, asking)
    first = browser.cookies[SESSION]
    assert "code" in answered((await added(browser, location)).headers["location"])
    assert browser.cookies[WAITING] == first
    page = await browser.get(await begun(browser, asking))
    assert "Grace" in page.text
    assert "Ada Lovelace" in page.text
    _, ada = offered(page.text)
    done = await browser.post(PATH, data={**hidden(page.text), "account": ada})
    assert "code" in answered(done.headers["location"])
    assert browser.cookies[SESSION] == first
    assert browser.cookies[WAITING] != first
    for cookie in done.headers.get_list("set-cookie"):
        assert cookie.endswith("; Path=/; Secure; HttpOnly; SameSite=Lax")


async def test_only_sessions_of_this_browser_can_be_chosen(
    browser: httpx.AsyncClient, tenant: Tenant, asking: dict[str, str]
) -> None:
    """To name a session's id, of whomever, gives nothing; a cookie with made-up tokens neither."""
    await sign_in(browser)
    page = await browser.get(await begun(browser, asking))
    for account in ("", "018f0000-0000-7000-8000-000000000000"):
        response = await browser.post(PATH, data={**hidden(page.text), "account": account})
        assert response.headers["location"].startswith(f"{PATH}?request=")
    made_up = ".".join(["hks_018f0000-0000-7000-8000-000000000000_" + "x" * 43, "<script>", offered(page.text)[0]])
    browser.cookies.set(WAITING, made_up, domain="id.example.com")
    assert len(offered((await browser.get(await begun(browser, asking))).text)) == 1


async def test_choice_is_taken_from_our_own_page_alone(browser: httpx.AsyncClient, asking: dict[str, str]) -> None:
    """Or another site could sign a person in as somebody of its choice."""
    await sign_in(browser)
    page = await browser.get(await begun(browser, asking))
    data = {**hidden(page.text), "account": offered(page.text)[0]}
    assert (await browser.post(PATH, data={**data, "csrf": "x" * 43})).status_code == 403
    assert (await browser.post(PATH, data=data, headers={"origin": "https://evil.example"})).status_code == 403
    assert (await browser.post(PATH, data=data, headers={"sec-fetch-site": "cross-site"})).status_code == 403


async def test_plain_sign_in_leaves_no_account_behind(
    browser: httpx.AsyncClient, tenant: Tenant, asking: dict[str, str]
) -> None:
    """On the login page as such somebody else's session ends, as it always did."""
    await tenant.user()
    await sign_in(browser)
    login = await browser.get("/oauth/authorize", params={**asking, "prompt": "login"})
    await sign_in(browser, login.headers["location"], "grace", PASSWORD)
    assert WAITING not in browser.cookies


async def test_same_person_again_does_not_wait_beside_itself(
    browser: httpx.AsyncClient, asking: dict[str, str]
) -> None:
    """The session is renewed; its former token is worth nothing and not kept."""
    await sign_in(browser)
    location = await begun(browser, asking)
    await sign_in(browser, location.replace(PATH, "/ui/login") + "&another=1")
    assert WAITING not in browser.cookies


async def is_alive(browser: httpx.AsyncClient, token: str) -> bool:
    """Whether a session is, of which the browser has the token."""
    browser.cookies.set(SESSION, token, domain="id.example.com")
    return (await browser.get("/ui/account")).status_code == 200


@pytest.mark.parametrize("path", ["/ui/logout", "/oidc/logout", "/oidc/logout?sessions=all"])
async def test_signing_out_says_who_and_may_end_every_account_of_the_browser(
    browser: httpx.AsyncClient, tenant: Tenant, asking: dict[str, str], path: str
) -> None:
    """RP-Initiated Logout 1.0 section 2: the person is asked; nobody who sits down here afterwards finds a session."""
    await tenant.user()
    await sign_in(browser)
    await added(browser, await begun(browser, asking))
    waiting = browser.cookies[WAITING]
    page = await browser.get(path)
    assert "You are signed in as Grace." in page.text
    assert "Also signed in here: Ada Lovelace." in page.text
    [value] = re.findall('name="sessions" value="([^"]+)"', page.text)
    done = await browser.post("/ui/logout", data={**hidden(page.text), "sessions": value})
    assert not {SESSION, WAITING} & set(browser.cookies)
    assert "Still signed in" not in (await browser.get(done.headers["location"])).text
    assert not await is_alive(browser, waiting)


@pytest.mark.parametrize("path", ["/ui/logout", "/oidc/logout", "/oidc/logout?sessions=all"])
async def test_signing_out_one_leaves_the_others_and_tells_of_them(
    browser: httpx.AsyncClient, tenant: Tenant, asking: dict[str, str], path: str
) -> None:
    """An application cannot choose for the person; who is still signed in can be signed out from the page after it."""
    await tenant.user()
    await sign_in(browser)
    await added(browser, await begun(browser, asking))
    waiting, present = browser.cookies[WAITING], browser.cookies[SESSION]
    page = await browser.get(path)
    done = await browser.post("/ui/logout", data=hidden(page.text))
    assert SESSION not in browser.cookies
    assert not await is_alive(browser, present)
    assert await is_alive(browser, waiting)
    browser.cookies.delete(SESSION)
    afterwards = await browser.get(done.headers["location"])
    assert "Still signed in here: Ada Lovelace." in afterwards.text
    await browser.post("/ui/logout", data=hidden(afterwards.text))
    assert WAITING not in browser.cookies
    assert not await is_alive(browser, waiting)


async def test_who_is_alone_is_named_and_nobody_else(browser: httpx.AsyncClient) -> None:
    """There is one button to sign out with."""
    await sign_in(browser)
    page = await browser.get("/ui/logout")
    assert "You are signed in as Ada Lovelace." in page.text
    assert 'name="sessions"' not in page.text


async def test_choice_belongs_to_a_request(browser: httpx.AsyncClient) -> None:
    """Without one there is nothing to choose for."""
    await sign_in(browser)
    assert (await browser.get(PATH)).status_code == 404


async def test_accounts_of_other_organizations_are_not_offered(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """Where people of one alone are meant."""
    client, other = await tenant.application(), await tenant.do("CreateOrganization", name="Other")
    scope = f"openid urn:hexkeep:organization:id:{other['organization_id']}"
    await sign_in(browser)
    location = await begun(browser, authorization(client, prompt="select_account", scope=scope))
    assert (await browser.get(location)).headers["location"].startswith("/ui/login?request=")
