"""The authorization endpoint: the way to a code, and no way to anywhere that is not registered."""

from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.unit.adapters.site import CALLBACK, Tenant, answered, authorization, sign_in

PATH = "/oauth/authorize"
SESSION = "__Host-hexkeep-session"


@pytest.fixture
async def client(tenant: Tenant) -> dict[str, str]:
    """A confidential client."""
    return await tenant.application()


async def test_whole_way_from_request_to_code(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """Login page, credentials, and by a page back to the application with code, state and issuer."""
    began = await browser.get(PATH, params=authorization(client))
    assert began.status_code == 303
    ended = await sign_in(browser, began.headers["location"])
    assert ended.status_code == 200
    assert ended.headers["location"].startswith(f"{CALLBACK}?")
    assert answered(ended.headers["location"]).keys() == {"code", "state", "iss"}


async def test_signed_in_browser_gets_a_code_at_once(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """Single sign-on; `prompt=none` works as well, `prompt=login` asks again."""
    await sign_in(browser)
    silent = await browser.get(PATH, params=authorization(client, prompt="none"))
    plain = await browser.get(PATH, params=authorization(client))
    again = await browser.get(PATH, params=authorization(client, prompt="login"))
    assert "code" in answered(silent.headers["location"])
    assert "code" in answered(plain.headers["location"])
    assert again.headers["location"].startswith("/ui/login?request=")


async def test_form_of_another_site_is_led_through_get(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """A cross-site POST comes without the session cookie; the hop fetches it (OIDC Core section 3.1.2.1)."""
    await sign_in(browser)
    params = authorization(client, prompt="none", state="a b&c=d")
    session = browser.cookies[SESSION]
    browser.cookies.clear()
    hop = await browser.post(PATH, data=params, headers={"origin": "https://app.example.com"})
    assert hop.status_code == 303
    assert urlsplit(hop.headers["location"]).path == PATH
    assert dict(parse_qsl(urlsplit(hop.headers["location"]).query)) == params
    browser.cookies.set(SESSION, session, domain="id.example.com")
    ended = await browser.get(hop.headers["location"])
    assert answered(ended.headers["location"])["state"] == "a b&c=d"
    assert "code" in answered(ended.headers["location"])


async def test_post_with_the_cookie_is_answered_at_once(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """A POST from our own site needs no hop."""
    await sign_in(browser)
    response = await browser.post(PATH, data=authorization(client))
    assert "code" in answered(response.headers["location"])


async def test_repeated_parameter_survives_the_hop(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """It is refused behind the hop as it would be before it (RFC 6749 section 3.1)."""
    body = httpx.QueryParams(authorization(client)).add("scope", "email")
    hop = await browser.post(PATH, content=str(body), headers={"content-type": "application/x-www-form-urlencoded"})
    response = await browser.get(hop.headers["location"])
    assert answered(response.headers["location"])["error"] == "invalid_request"


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": f"{CALLBACK}/"},
        {"redirect_uri": f"{CALLBACK}?next=https://evil.example"},
        {"redirect_uri": "https://app.example.com/callback/../evil"},
        {"redirect_uri": "https://app.example.com@evil.example/callback"},
        {"redirect_uri": "https://APP.example.com/callback"},
        {"redirect_uri": "//evil.example"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": ""},
        {"client_id": "nobody"},
        {"client_id": ""},
        {"client_id": "<script>alert(1)</script>"},
    ],
    ids=lambda changes: next(iter(changes.values())) or "missing",
)
async def test_nothing_is_redirected_to_an_unregistered_place(
    browser: httpx.AsyncClient, client: dict[str, str], changes: dict[str, str]
) -> None:
    """RFC 6749 section 4.1.2.1, RFC 9700 section 4.1: a page of ours says so, whoever is signed in."""
    await sign_in(browser)
    for prompt in ("", "none"):
        response = await browser.get(PATH, params=authorization(client, prompt=prompt, **changes))
        assert response.status_code == 400
        assert "location" not in response.headers
        assert response.headers["content-type"].startswith("text/html")
        assert "oauth_invalid_redirect" in response.text
        assert "<script" not in response.text
        assert "evil.example" not in response.text


async def test_repeated_redirect_uri_is_not_redirected(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """Whichever of the two is good."""
    params = httpx.QueryParams(authorization(client)).add("redirect_uri", "https://evil.example")
    response = await browser.get(PATH, params=params)
    assert (response.status_code, "location" in response.headers) == (400, False)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "surprise"}, "unsupported_response_type"),
        ({"prompt": "none"}, "login_required"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"request": "a.b.c"}, "invalid_request_object"),
    ],
)
async def test_errors_for_the_application_go_there(
    browser: httpx.AsyncClient, client: dict[str, str], changes: dict[str, str], error: str
) -> None:
    """RFC 6749 section 4.1.2.1, OIDC Core section 3.1.2.6: with the state, once the place is known to be good."""
    response = await browser.get(PATH, params=authorization(client, **changes))
    assert response.status_code == 303
    assert response.headers["location"].startswith(f"{CALLBACK}?")
    told = answered(response.headers["location"])
    assert (told["error"], told["state"]) == (error, "xyz")


@pytest.mark.parametrize(
    ("query", "status"),
    [("state=%ff", 400), ("&".join(f"p{n}=1" for n in range(65)), 400), ("state=" + "x" * 9_000, 400)],
)
async def test_malformed_query_is_an_error_page(browser: httpx.AsyncClient, query: str, status: int) -> None:
    """A page with the right status, never a 500."""
    response = await browser.get(f"{PATH}?{query}")
    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/html")


async def test_form_too_large_for_the_hop_is_refused(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """Rather than signing somebody in without looking at the session."""
    response = await browser.post(PATH, data=authorization(client, claims="x" * 9000))
    assert response.status_code == 413


async def test_head_does_not_begin_anything(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """A link checker is no person."""
    response = await browser.head(PATH, params=authorization(client))
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


async def test_session_token_of_another_instance_signs_nobody_in(
    browser: httpx.AsyncClient, client: dict[str, str]
) -> None:
    """A made-up or foreign cookie is as good as none."""
    browser.cookies.set(SESSION, "hks_018f0000-0000-7000-8000-000000000000_" + "x" * 43, domain="id.example.com")
    response = await browser.get(PATH, params=authorization(client, prompt="none"))
    assert answered(response.headers["location"])["error"] == "login_required"
