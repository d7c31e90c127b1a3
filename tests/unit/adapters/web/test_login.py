"""The login page."""

import html

import httpx
import pytest

from hexkeep.core.session.sign_in import PER_USER
from hexkeep.testing.answers import claims_of
from tests.unit.adapters.site import CALLBACK, PASSWORD, Tenant, answered, authorization, hidden, redeem, sign_in

SESSION = "__Host-hexkeep-session"


@pytest.fixture
async def client(tenant: Tenant) -> dict[str, str]:
    """A confidential client."""
    return await tenant.application(name="Shop & <i>Co</i>")


async def begun(browser: httpx.AsyncClient, client: dict[str, str], **changes: str) -> str:
    """The login page of a fresh authorization request."""
    response = await browser.get("/oauth/authorize", params=authorization(client, **changes))
    return response.headers["location"]


async def test_sign_in_without_an_application_ends_at_the_account(browser: httpx.AsyncClient) -> None:
    """The page works for its own sake, and says who is signed in."""
    response = await sign_in(browser)
    assert (response.status_code, response.headers["location"]) == (303, "/ui/account")
    account = await browser.get("/ui/account")
    assert "Ada Lovelace" in account.text
    assert (await browser.get("/ui/login")).headers["location"] == "/ui/account"


async def test_session_cookie_is_locked_down(browser: httpx.AsyncClient) -> None:
    """Bound to the host, to TLS, out of reach of scripts, not sent with other sites' forms."""
    response = await sign_in(browser)
    (cookie,) = [line for line in response.headers.get_list("set-cookie") if line.startswith(SESSION)]
    name, *attributes = cookie.split("; ")
    assert name.startswith(f"{SESSION}=hks_")
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]


async def test_session_token_changes_with_every_sign_in(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """The token of before holds no more (ASVS 5.0 section 7.2.4)."""
    await sign_in(browser)
    first = browser.cookies[SESSION]
    await sign_in(browser, await begun(browser, client, prompt="login"))
    assert browser.cookies[SESSION] != first
    browser.cookies.set(SESSION, first, domain="id.example.com")
    assert (await browser.get("/ui/account")).headers["location"] == "/ui/login"


async def test_signing_in_again_keeps_the_session_of_the_same_person(
    browser: httpx.AsyncClient, client: dict[str, str]
) -> None:
    """What applications hold in it goes on; a password is not a reason to sign out everywhere."""
    await sign_in(browser)
    first = browser.cookies[SESSION].split("_")[1]
    await sign_in(browser, await begun(browser, client, prompt="login"))
    assert browser.cookies[SESSION].split("_")[1] == first


async def test_signing_in_as_somebody_else_ends_the_session_before(
    browser: httpx.AsyncClient, tenant: Tenant, client: dict[str, str]
) -> None:
    """One browser, one person; nothing of the one before stays open."""
    await tenant.user()
    await sign_in(browser)
    first = browser.cookies[SESSION]
    await sign_in(browser, await begun(browser, client, prompt="login"), "grace")
    assert "Grace" in (await browser.get("/ui/account")).text
    browser.cookies.set(SESSION, first, domain="id.example.com")
    assert (await browser.get("/ui/account")).headers["location"] == "/ui/login"


@pytest.mark.parametrize("signed_in", [False, True])
async def test_wrong_user_and_wrong_password_look_the_same(
    browser: httpx.AsyncClient, client: dict[str, str], *, signed_in: bool
) -> None:
    """The same status, the same page but for what was typed, no session."""
    if signed_in:
        await sign_in(browser)
    page = await begun(browser, client, prompt="login")
    pages = []
    for user_name, password in (
        ("ada", "not the password"),
        ("nob", PASSWORD),
        ("ada", "x" * 1001),
        ("a\tb", PASSWORD),
    ):
        response = await sign_in(browser, page, user_name, password)
        assert response.status_code == 403
        assert not [line for line in response.headers.get_list("set-cookie") if line.startswith(SESSION)]
        pages.append(response.text.replace(f'value="{user_name}"', 'value=""'))
    assert len(set(pages)) == 1
    assert "The user name or the password is wrong" in pages[0]


async def test_failure_is_announced(browser: httpx.AsyncClient) -> None:
    """The title begins with it, the summary is an alert and has the focus, the fields refer to it."""
    html = (await sign_in(browser, password="not the password")).text
    assert "<title>Error: The user name or the password is wrong" in html
    assert 'id="problem" role="alert" tabindex="-1" autofocus' in html
    assert html.count('aria-invalid="true" aria-describedby="problem"') == 2
    assert html.count("autofocus") == 1


async def test_password_is_never_sent_back(browser: httpx.AsyncClient) -> None:
    """Not even to who just typed it."""
    assert "not the password" not in (await sign_in(browser, password="not the password")).text


@pytest.mark.parametrize(("user_name", "password"), [("", PASSWORD), ("ada", ""), ("", "")])
async def test_empty_fields_are_asked_for(browser: httpx.AsyncClient, user_name: str, password: str) -> None:
    """Nobody is asked whether an empty password fits."""
    response = await sign_in(browser, user_name=user_name, password=password)
    assert response.status_code == 400
    assert "Enter your user name and your password" in response.text


async def test_too_many_attempts_have_to_wait(browser: httpx.AsyncClient) -> None:
    """429 with Retry-After, on the same page, also for the right password."""
    for _ in range(PER_USER):
        await sign_in(browser, password="not the password")
    response = await sign_in(browser)
    assert response.status_code == 429
    assert int(response.headers["retry-after"]) > 0
    assert "Too many attempts" in response.text


async def test_page_shows_the_application_escaped(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """Names are text, whatever is in them."""
    page = await browser.get(await begun(browser, client, login_hint='"><script>alert(1)</script>'))
    assert "to continue to Shop &amp; &lt;i&gt;Co&lt;/i&gt;" in page.text
    assert "alert(1)</script>" not in page.text
    assert "<i>" not in page.text


async def test_login_hint_is_filled_in(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """OIDC Core section 3.1.2.1; the password has the focus then."""
    page = await browser.get(await begun(browser, client, login_hint="ada"))
    assert 'required value="ada"' in page.text


async def test_form_leads_to_a_site_by_a_page(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """Chromium holds redirects after a form against `form-action`: none follows, so that it has us alone.

    What the page knows is in nobody's cache, and told no other site as where somebody comes from.
    """
    page = await begun(browser, client)
    for response in (await browser.get(page), await sign_in(browser, page, password="not the password")):
        assert response.headers["content-security-policy"].endswith("form-action 'self'")
    left = await sign_in(browser, page)
    onward = left.headers["refresh"].removeprefix("0; url=")
    assert (left.status_code, onward.startswith(f"{CALLBACK}?code=")) == (200, True)
    assert f'href="{html.escape(onward)}"' in left.text
    assert (left.headers["cache-control"], left.headers["referrer-policy"]) == ("no-store", "same-origin")


@pytest.mark.parametrize("uri", ["HTTPS://app.example.com/cb", "https://app.example.com/o'cb;x=1,2?to='a';b=%22"])
async def test_form_leads_to_any_registered_site(browser: httpx.AsyncClient, tenant: Tenant, uri: str) -> None:
    """A scheme is the same in capitals (RFC 3986 section 3.1); the header's URL is all that stands behind `url=`."""
    app = await tenant.application(redirect_uris=(uri,))
    left = await sign_in(browser, await begun(browser, app, redirect_uri=uri))
    assert (left.status_code, left.headers["refresh"].startswith(f"0; url={uri}")) == (200, True)


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("com.example.app:/cb", " com.example.app:"),
        ("https://app.example.com/open", " https://app.example.com"),
        ("http://127.0.0.1/cb", ""),
    ],
)
async def test_form_redirects_to_an_app(browser: httpx.AsyncClient, tenant: Tenant, uri: str, target: str) -> None:
    """RFC 8252 section 7: what opens apps is a redirect behind the person's own press, which the policy lets through.

    One that listens on the loopback interface is a site, which may lead on to another one.
    """
    app = await tenant.application(application_type="native", redirect_uris=(uri,), post_logout_redirect_uris=(uri,))
    began = await browser.get("/oauth/authorize", params=authorization(app, redirect_uri=uri))
    page = began.headers["location"]
    assert (await browser.get(page)).headers["content-security-policy"].endswith(f"form-action 'self'{target}")
    opened = await sign_in(browser, page)
    assert (opened.status_code, "code" in answered(opened.headers["location"])) == (303 if target else 200, True)
    asked = {"client_id": app["client_id"], "post_logout_redirect_uri": uri}
    question = await browser.get("/oidc/logout", params=asked)
    assert question.headers["content-security-policy"].endswith(f"form-action 'self'{target}")
    left = await browser.post("/ui/logout", data={**hidden(question.text), **asked})
    assert (left.status_code, left.headers["location"]) == (303 if target else 200, uri)


async def test_cancel_tells_the_application(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """RFC 6749 section 4.1.2.1: access_denied."""
    page = await browser.get(await begun(browser, client))
    response = await browser.post("/ui/login", data={**hidden(page.text), "decision": "cancel"})
    assert response.headers["location"].startswith(CALLBACK)
    assert answered(response.headers["location"])["error"] == "access_denied"


async def test_completed_sign_in_cannot_be_repeated(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """The form of a request that is over leads to a page that says so, with no code."""
    page = await begun(browser, client)
    form = hidden((await browser.get(page)).text)
    await sign_in(browser, page)
    response = await browser.post("/ui/login", data={**form, "user_name": "ada", "password": PASSWORD})
    assert response.status_code == 409
    assert "This sign-in is over" in response.text
    assert "location" not in response.headers


@pytest.mark.parametrize("query", ["request=nobody", "request=" + "x" * 300, "request=%00", "request=../../etc"])
async def test_unknown_request_is_an_error_page(browser: httpx.AsyncClient, query: str) -> None:
    """A made-up id shows nothing."""
    response = await browser.get(f"/ui/login?{query}")
    assert response.status_code in {400, 404}
    assert "<form" not in response.text


@pytest.mark.parametrize("name", ["next", "redirect_uri", "return_to", "continue", "rd", "url"])
async def test_query_never_names_where_to_go(browser: httpx.AsyncClient, name: str) -> None:
    """No open redirector: after the sign-in the way leads to places of ours or registered ones."""
    page = f"/ui/login?{name}=https://evil.example"
    shown = await browser.get(page)
    assert "evil.example" not in shown.text
    assert (await sign_in(browser, page)).headers["location"] == "/ui/account"


async def test_request_of_another_instance_is_unknown(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """And so is its host."""
    page = await begun(browser, client)
    response = await browser.get(page, headers={"host": "id.example.net"})
    assert response.status_code == 404


async def test_page_for_one_organization_takes_its_people_alone(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """Who is signed in from elsewhere is asked again, and the right password of somebody else is a wrong one."""
    client = await tenant.application()
    other = str((await tenant.do("CreateOrganization", name="Other & Sons"))["organization_id"])
    await tenant.user(organization_id=other)
    scope = f"openid urn:hexkeep:organization:id:{other}"
    await sign_in(browser)
    unseen = await browser.get("/oauth/authorize", params=authorization(client, scope=scope, prompt="none"))
    assert answered(unseen.headers["location"])["error"] == "login_required"
    page = await begun(browser, client, scope=scope)
    assert "This is for people of Other &amp; Sons." in (await browser.get(page)).text
    refused = await sign_in(browser, page)
    assert refused.status_code == 403
    assert "The user name or the password is wrong" in refused.text
    code = answered((await sign_in(browser, page, "grace")).headers["location"])["code"]
    told = (await redeem(browser, client, code)).json()
    assert claims_of(told["id_token"])["urn:hexkeep:organization:id"] == other
    unseen = await browser.get("/oauth/authorize", params=authorization(client, scope=scope, prompt="none"))
    assert "code" in answered(unseen.headers["location"])
    nobody = await browser.get("/oauth/authorize", params=authorization(client, scope=scope[:-1]))
    assert answered(nobody.headers["location"])["error"] == "invalid_scope"
