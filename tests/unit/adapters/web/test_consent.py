"""The consent page."""

import httpx
import pytest

from tests.unit.adapters.site import CALLBACK, PASSWORD, Tenant, answered, authorization, hidden, sign_in

PATH = "/ui/consent"


@pytest.fixture
async def page(browser: httpx.AsyncClient, tenant: Tenant) -> httpx.Response:
    """The consent page of a request, signed in."""
    client = await tenant.application(name="Shop <b>&</b>", consent_required=True)
    began = await browser.get("/oauth/authorize", params=authorization(client, scope="openid email"))
    ended = await sign_in(browser, began.headers["location"])
    assert ended.headers["location"].startswith(f"{PATH}?request=")
    return await browser.get(ended.headers["location"])


async def test_page_says_who_wants_what_from_whom(page: httpx.Response) -> None:
    """In words, with names as text."""
    assert "Shop &lt;b&gt;&amp;&lt;/b&gt; would like to:" in page.text
    assert "See your e-mail address" in page.text
    assert "You are signed in as Ada Lovelace" in page.text
    assert "See your name" not in page.text


async def test_allowing_leads_back_with_a_code(browser: httpx.AsyncClient, page: httpx.Response) -> None:
    """And the consent is remembered."""
    response = await browser.post(PATH, data={**hidden(page.text), "decision": "allow"})
    assert response.headers["location"].startswith(CALLBACK)
    assert "code" in answered(response.headers["location"])


@pytest.mark.parametrize("decision", [{"decision": "deny"}, {"decision": "ALLOW"}, {}])
async def test_anything_else_is_a_no(
    browser: httpx.AsyncClient, page: httpx.Response, decision: dict[str, str]
) -> None:
    """The application is told access_denied."""
    response = await browser.post(PATH, data={**hidden(page.text), **decision})
    assert answered(response.headers["location"])["error"] == "access_denied"


async def test_consent_needs_a_session(browser: httpx.AsyncClient, page: httpx.Response) -> None:
    """Who is signed out in the meantime signs in again, and is asked again."""
    form = hidden(page.text)
    browser.cookies.delete("__Host-hexkeep-session")
    for response in (
        await browser.get(PATH, params={"request": form["request"]}),
        await browser.post(PATH, data={**form, "decision": "allow"}),
    ):
        assert response.headers["location"] == f"/ui/login?request={form['request']}"


async def test_another_account_can_be_chosen(browser: httpx.AsyncClient, tenant: Tenant, page: httpx.Response) -> None:
    """The accounts of this browser are one link away, and from there the login page of the same request."""
    await tenant.user()
    request = hidden(page.text)["request"]
    assert f'href="/ui/accounts?request={request}"' in page.text
    login = f"/ui/login?request={request}&another=1"
    response = await sign_in(browser, login, "grace", PASSWORD)
    assert "You are signed in as Grace" in (await browser.get(response.headers["location"])).text


@pytest.mark.parametrize("path", [PATH, f"{PATH}?request=", f"{PATH}?request=nobody"])
async def test_without_a_request_there_is_nothing_to_ask(browser: httpx.AsyncClient, path: str) -> None:
    """404, no form."""
    response = await browser.get(path)
    assert response.status_code == 404
    assert "<form" not in response.text


async def test_unknown_request_cannot_be_answered(browser: httpx.AsyncClient, page: httpx.Response) -> None:
    """Neither allowed nor denied."""
    for decision in ("allow", "deny"):
        form = {**hidden(page.text), "request": "nobody", "decision": decision}
        response = await browser.post(PATH, data=form)
        assert response.status_code in {404, 409}
        assert "location" not in response.headers
