"""Forms come from our own pages in the same browser, or they are refused."""

import httpx
import pytest

from tests.unit.adapters.site import ORIGIN, PASSWORD, USER_NAME, hidden, sign_in

COOKIE = "__Host-hexkeep-csrf"
FORM = {"user_name": USER_NAME, "password": PASSWORD}


async def test_cookie_is_locked_down(browser: httpx.AsyncClient) -> None:
    """The prefix keeps other hosts from setting it, HttpOnly keeps scripts from reading it."""
    (cookie,) = (await browser.get("/ui/login")).headers.get_list("set-cookie")
    assert cookie.startswith(f"{COOKIE}=")
    assert sorted(cookie.split("; ")[1:]) == ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]


async def test_pages_share_one_value(browser: httpx.AsyncClient) -> None:
    """Two open tabs both work: the second page keeps the cookie of the first."""
    first, second = await browser.get("/ui/login"), await browser.get("/ui/login")
    assert hidden(first.text)["csrf"] == hidden(second.text)["csrf"] == browser.cookies[COOKIE]
    assert "set-cookie" not in second.headers


@pytest.mark.parametrize("path", ["/ui/login", "/ui/logout", "/ui/consent", "/ui/password"])
@pytest.mark.parametrize("value", [None, "", "x", "y" * 43])
async def test_form_without_the_value_is_refused(browser: httpx.AsyncClient, path: str, value: str | None) -> None:
    """Missing, empty, malformed, or another browser's."""
    await sign_in(browser)
    session = dict(browser.cookies)
    form = FORM if value is None else {**FORM, "csrf": value}
    response = await browser.post(path, data=form)
    assert response.status_code == 403
    assert "form_refused" in response.text
    assert dict(browser.cookies) == session
    assert (await browser.get("/ui/account")).status_code == 200


async def test_value_without_the_cookie_is_refused(browser: httpx.AsyncClient) -> None:
    """Whoever fetched a value for himself cannot use it in somebody else's browser."""
    value = hidden((await browser.get("/ui/login")).text)["csrf"]
    browser.cookies.clear()
    response = await browser.post("/ui/login", data={**FORM, "csrf": value})
    assert response.status_code == 403


async def test_malformed_cookie_and_equal_value_are_refused(browser: httpx.AsyncClient) -> None:
    """Two empty or short values are equal, and yet no proof."""
    browser.cookies.set(COOKIE, "x", domain="id.example.com")
    response = await browser.post("/ui/login", data={**FORM, "csrf": "x"})
    assert response.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://id.example.com"},
        {"origin": "https://id.example.com:8443"},
        {"origin": "https://id.example.com.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
    ],
)
async def test_form_of_another_site_is_refused(browser: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """Even with the right value: browsers say where a form comes from, and cannot be made to lie."""
    value = hidden((await browser.get("/ui/login")).text)["csrf"]
    response = await browser.post("/ui/login", data={**FORM, "csrf": value}, headers=headers)
    assert response.status_code == 403
    assert "__Host-hexkeep-session" not in browser.cookies


@pytest.mark.parametrize("headers", [{"origin": ORIGIN, "sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}])
async def test_form_of_our_own_page_is_accepted(browser: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """What browsers send with it."""
    value = hidden((await browser.get("/ui/login")).text)["csrf"]
    response = await browser.post("/ui/login", data={**FORM, "csrf": value}, headers=headers)
    assert response.status_code == 303


async def test_repeated_field_is_refused(browser: httpx.AsyncClient) -> None:
    """Our forms have each field once."""
    value = hidden((await browser.get("/ui/login")).text)["csrf"]
    body = f"csrf={value}&user_name=ada&user_name=grace&password=x"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert (await browser.post("/ui/login", content=body, headers=kind)).status_code == 400


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"x=" + b"y" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"x=%ff", "application/x-www-form-urlencoded", 400),
    ],
)
async def test_malformed_form_is_an_error_page(
    browser: httpx.AsyncClient, content: bytes, kind: str, status: int
) -> None:
    """With the right status, never a 500."""
    response = await browser.post("/ui/login", content=content, headers={"content-type": kind})
    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/html")
