"""Userinfo: a resource behind bearer tokens."""

import httpx
import pytest

from tests.unit.adapters.proofs import OFFERED
from tests.unit.adapters.site import ORIGIN, OTHER_ORIGIN, Site, Tenant, code_for, redeem
from tests.unit.adapters.test_assets import png

PATH = "/oidc/userinfo"


@pytest.fixture
async def token(browser: httpx.AsyncClient, tenant: Tenant) -> str:
    """The administrator's access token."""
    client = await tenant.application()
    return str((await redeem(browser, client, await code_for(browser, client))).json()["access_token"])


def bearer(token: str) -> dict[str, str]:
    """The header that presents it."""
    return {"authorization": f"Bearer {token}"}


async def test_token_may_come_in_the_header_or_the_body(browser: httpx.AsyncClient, tenant: Tenant, token: str) -> None:
    """RFC 6750 sections 2.1 and 2.2, OIDC Core section 5.3.1."""
    answers = [
        await browser.get(PATH, headers=bearer(token)),
        await browser.post(PATH, headers=bearer(token)),
        await browser.post(PATH, data={"access_token": token}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert {answer.json()["sub"] for answer in answers} == {tenant.user_id}
    assert answers[0].headers["cache-control"] == "no-store"
    assert answers[0].headers["access-control-allow-origin"] == "*"


async def test_picture_is_where_it_is_said_to_be(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """OIDC Core section 5.1: a URL that refers to an image file, under the issuer, for who has no token."""
    await tenant.do("SetUserAvatar", user_id=tenant.user_id, content=png())
    client = await tenant.application()
    code = await code_for(browser, client, scope="openid profile")
    token = str((await redeem(browser, client, code)).json()["access_token"])
    picture = (await browser.get(PATH, headers=bearer(token))).json()["picture"]
    assert picture.startswith(f"{ORIGIN}/assets/")
    shown = await browser.get(picture)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")


async def test_without_a_token_there_is_a_bare_challenge(browser: httpx.AsyncClient, token: str) -> None:
    """RFC 6750 section 3.1: no error code for who presents nothing. The query is no place for a token.

    RFC 9449 section 7.2: both schemes are offered.
    """
    for response in (await browser.get(PATH), await browser.get(PATH, params={"access_token": token})):
        assert (response.status_code, response.content) == (401, b"")
        assert OFFERED.fullmatch(response.headers["www-authenticate"])


async def test_two_ways_at_once_are_refused(browser: httpx.AsyncClient, token: str) -> None:
    """RFC 6750 section 2: not more than one method in a request."""
    response = await browser.post(PATH, headers=bearer(token), data={"access_token": token})
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_request"'


@pytest.mark.parametrize("presented", ["Bearer nonsense", "Bearer a.b.c", "Basic YTpi", "Bearer", "Bearer a b"])
async def test_bad_token_is_invalid(browser: httpx.AsyncClient, presented: str) -> None:
    """RFC 6750 section 3.1."""
    response = await browser.get(PATH, headers={"authorization": presented})
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")
    assert response.headers["www-authenticate"].startswith('Bearer error="invalid_token"')


async def test_token_of_another_instance_is_worthless(site: Site, token: str) -> None:
    """It was signed by somebody else's key."""
    await site.tenant(OTHER_ORIGIN)
    async with site.browser(OTHER_ORIGIN) as stranger:
        response = await stranger.get(PATH, headers=bearer(token))
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")


async def test_body_is_bounded(browser: httpx.AsyncClient) -> None:
    """Also on a protected resource."""
    response = await browser.post(PATH, data={"access_token": "x" * 70_000})
    assert response.status_code == 413
    assert response.headers["www-authenticate"].startswith("Bearer ")


async def test_token_ends_with_the_session(browser: httpx.AsyncClient, token: str) -> None:
    """Signing out in the browser ends what was issued in that session."""
    page = await browser.get("/ui/logout")
    csrf = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    await browser.post("/ui/logout", data={"csrf": csrf})
    assert (await browser.get(PATH, headers=bearer(token))).status_code == 401
