"""What holds for every page: headers, transport, errors, assets."""

import base64
import hashlib
import re

import httpx
import pytest

from hexkeep.adapters.web.policy import page_headers
from hexkeep.adapters.web.texts import scope_text
from hexkeep.core.oidc.scopes import SUPPORTED
from tests.unit.adapters.site import Site, Tenant, authorization, sign_in

SIGNED_OUT = ["/ui/login", "/ui/signed-out", "/ui/nowhere", "/oauth/authorize?client_id=x"]
SIGNED_IN = ["/ui/account", "/ui/password", "/ui/logout", "/oidc/logout"]


def checked(response: httpx.Response) -> None:
    """Insist on everything a page's headers have to say."""
    headers = response.headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(part.partition(" ")[::2] for part in headers["content-security-policy"].split("; "))
    assert policy.pop("form-action").split()[0] == "'self'"
    [*scripts] = re.findall(r"<script>(.*?)</script>", response.text, re.DOTALL)
    if scripts:
        [digest] = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
        assert (policy.pop("script-src"), policy.pop("connect-src")) == (f"'sha256-{digest}'", "'self'")
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["strict-transport-security"].startswith("max-age=")
    assert headers["x-request-id"]
    html = re.sub(r"<script>.*?</script>", "", response.text, flags=re.DOTALL)
    assert html.startswith('<!doctype html>\n<html lang="en">')
    assert not re.search(r"<script|<style|\son[a-z]+=|style=|javascript:", html)
    assert html.count("<h1>") == 1


async def test_every_page_has_its_headers(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """Signed out, signed in, in the course of a sign-in, and when something is wrong."""
    client = await tenant.application(consent_required=True)
    began = await browser.get("/oauth/authorize", params=authorization(client))
    for path in [*SIGNED_OUT, began.headers["location"]]:
        checked(await browser.get(path))
    checked(await sign_in(browser, password="not the password"))
    consent = await sign_in(browser, began.headers["location"])
    for path in [*SIGNED_IN, consent.headers["location"]]:
        checked(await browser.get(path))


async def test_own_pages_keep_their_window_to_themselves(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """Not so in the course of a sign-in: it may run in a window that the application opened and waits for."""
    client = await tenant.application()
    began = await browser.get("/oauth/authorize", params=authorization(client))
    assert (await browser.get("/ui/login")).headers["cross-origin-opener-policy"] == "same-origin"
    assert "cross-origin-opener-policy" not in (await browser.get(began.headers["location"])).headers


@pytest.mark.parametrize(
    ("target", "listed"),
    [
        ("https://app.example:8443", True),
        ("com.example.app:", True),
        ("http:", True),
        ("https://app.example; script-src *", False),
        ("https://app.example *", False),
        ("*", False),
        ("'unsafe-inline'", False),
    ],
)
def test_policy_takes_nothing_but_an_origin(target: str, *, listed: bool) -> None:
    """Whatever could open the policy further is left out."""
    policy = dict(page_headers(target))["content-security-policy"]
    assert policy.endswith(f"form-action 'self' {target}" if listed else "form-action 'self'")


async def test_root_leads_to_where_one_belongs(browser: httpx.AsyncClient) -> None:
    """To the login page or to the account."""
    assert (await browser.get("/")).headers["location"] == "/ui/login"
    await sign_in(browser)
    assert (await browser.get("/")).headers["location"] == "/ui/account"
    assert (await browser.get("/ui")).headers["location"] == "/ui/account"


@pytest.mark.parametrize("path", ["/ui/account", "/ui/password"])
async def test_pages_of_a_person_need_one(browser: httpx.AsyncClient, path: str) -> None:
    """Everybody else signs in first."""
    assert (await browser.get(path)).headers["location"] == "/ui/login"


async def test_names_are_escaped(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """A person's name is text, whatever is in it."""
    await tenant.user(given_name="<script>alert(1)</script>", family_name='"&')
    await sign_in(browser, user_name="grace")
    html = (await browser.get("/ui/account")).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &#34;&amp;" in html
    assert "<script" not in html


async def test_style_is_kept_for_ever_under_its_hash(browser: httpx.AsyncClient) -> None:
    """Another content has another name, so browsers need not ask again."""
    page = await browser.get("/ui/login")
    for path in re.findall(r'(?:href|src)="(/ui/static/[^"]+)"', page.text):
        response = await browser.get(path)
        assert response.status_code == 200
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert response.headers["content-type"].startswith(("text/css", "image/svg+xml"))
        assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/ui/static/../app.py", "/ui/static/style.css", "/ui/static/%2e%2e/texts.py"])
async def test_nothing_else_is_served_from_the_package(browser: httpx.AsyncClient, path: str) -> None:
    """There are no files behind these paths, only the few assets."""
    assert (await browser.get(path)).status_code == 404


@pytest.mark.parametrize("host", ["http://id.example.com", "http://127.0.0.1:8080", "http://[::1]:8080"])
@pytest.mark.parametrize("path", ["/", "/ui/login", "/ui/account"])
async def test_plain_http_is_refused(site: Site, tenant: Tenant, host: str, path: str) -> None:
    """Browsers would not keep the cookies, and the password would go in clear."""
    async with site.browser(host) as browser:
        response = await browser.get(path)
        posted = await browser.post("/ui/login", data={"user_name": "ada", "password": "x"})
    assert (response.status_code, posted.status_code) == (403, 403)
    assert "A secure connection is needed" in response.text
    assert "<form" not in response.text
    assert ("http://localhost:8080" in response.text) == (host != "http://id.example.com")
    assert "set-cookie" not in response.headers


async def test_localhost_may_do_without_tls(site: Site) -> None:
    """For development: browsers treat it as secure."""
    await site.tenant("http://localhost:8080")
    async with site.browser("http://localhost:8080") as browser:
        assert (await browser.get("/ui/login")).status_code == 200


async def test_unknown_host_has_no_pages(site: Site) -> None:
    """No instance, no login form."""
    async with site.browser("https://nobody.example") as browser:
        response = await browser.get("/ui/login")
    assert response.status_code == 404
    assert "<form" not in response.text


async def test_wrong_method_is_a_page(browser: httpx.AsyncClient) -> None:
    """405 with what is allowed."""
    response = await browser.put("/ui/login")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, POST")


async def test_error_page_names_code_and_request(browser: httpx.AsyncClient) -> None:
    """What whoever runs the server needs in order to find it in the log."""
    response = await browser.get("/ui/nowhere", headers={"x-request-id": "abc-1"})
    assert "<code>not_found</code>" in response.text
    assert "<code>abc-1</code>" in response.text
    assert response.headers["x-request-id"] == "abc-1"


async def test_request_id_is_ours_when_theirs_is_no_id(browser: httpx.AsyncClient) -> None:
    """It stands in pages and logs."""
    response = await browser.get("/ui/nowhere", headers={"x-request-id": "<script>"})
    assert "<script" not in response.text
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["x-request-id"])


def test_every_scope_is_explained() -> None:
    """Nobody is asked to allow what is not said in words."""
    assert [scope for scope in SUPPORTED if scope_text(scope) == scope] == []
