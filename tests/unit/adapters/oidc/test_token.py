"""The token endpoint: what it answers, and what it refuses."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.unit.adapters.site import OTHER_ORIGIN, Site, Tenant, code_for, redeem

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def client(tenant: Tenant) -> dict[str, str]:
    """A confidential client."""
    return await tenant.application()


async def test_code_is_exchanged_for_tokens(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """RFC 6749 sections 4.1.4 and 5.1: tokens as JSON, never cached, readable to scripts of any origin."""
    response = await redeem(browser, client, await code_for(browser, client))
    assert response.status_code == 200
    assert set(response.json()) == {"access_token", "token_type", "expires_in", "id_token", "scope"}
    headers = response.headers
    assert (headers["cache-control"], headers["pragma"]) == ("no-store", "no-cache")
    assert headers["content-type"] == "application/json"
    assert headers["access-control-allow-origin"] == "*"


async def test_refresh_token_rotates(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """RFC 6749 section 6: who asked for offline access gets further with a refresh token, each time another one."""
    code = await code_for(browser, client, scope="openid offline_access")
    first = (await redeem(browser, client, code)).json()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": first}
    second = await browser.post("/oauth/token", data=form, auth=(client["client_id"], client["client_secret"]))
    assert second.json()["refresh_token"] != first


async def test_reused_code_is_refused_and_revokes(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """RFC 6749 section 4.1.2: a code works once; the second time ends what the first one issued."""
    code = await code_for(browser, client)
    token = (await redeem(browser, client, code)).json()["access_token"]
    again = await redeem(browser, client, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    told = await browser.get("/oidc/userinfo", headers={"authorization": f"Bearer {token}"})
    assert told.status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"redirect_uri": "https://app.example.com/other"},
        {"code": "x" * 43},
    ],
    ids=["verifier", "no verifier", "redirect uri", "code"],
)
async def test_what_does_not_belong_to_the_code_is_refused(
    browser: httpx.AsyncClient, client: dict[str, str], changes: dict[str, str]
) -> None:
    """RFC 6749 section 5.2, RFC 7636 section 4.6."""
    response = await redeem(browser, client, **{"code": await code_for(browser, client), **changes})
    assert response.status_code == 400
    assert response.json()["error"] in {"invalid_grant", "invalid_request"}
    assert "access_token" not in response.text


async def test_code_of_another_instance_is_worthless(site: Site, browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """Instances share nothing, whatever the ids and the code."""
    client = await tenant.application()
    other = await site.tenant(OTHER_ORIGIN)
    there = await other.application()
    code = await code_for(browser, client)
    async with site.browser(OTHER_ORIGIN) as stranger:
        own_client = await redeem(stranger, there, code)
        same_client = await redeem(stranger, client, code)
    assert (own_client.status_code, own_client.json()["error"]) == (400, "invalid_grant")
    assert (same_client.status_code, same_client.json()["error"]) == (401, "invalid_client")


async def test_wrong_secret_is_told_the_scheme(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """RFC 6749 section 5.2: a client that used the Authorization header gets a challenge of its scheme."""
    response = await redeem(browser, {**client, "client_secret": "wrong"}, "x")
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
    assert response.headers["www-authenticate"].startswith("Basic ")


async def test_unknown_client_looks_like_a_wrong_secret(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """Nobody learns which clients there are."""
    unknown = await redeem(browser, {"client_id": "nobody", "client_secret": "wrong"}, "x")
    wrong = await redeem(browser, {**client, "client_secret": "wrong"}, "x")
    assert (unknown.status_code, unknown.json()) == (wrong.status_code, wrong.json())


async def test_repeated_parameter_is_refused(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """RFC 6749 section 3.2."""
    body = "grant_type=client_credentials&grant_type=authorization_code"
    response = await browser.post("/oauth/token", content=body, headers=FORM)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b'{"grant_type": "client_credentials"}', {"content-type": "application/json"}, 415),
        (b"grant_type=x", {}, 415),
        (b"grant_type=x", {"content-type": "application/x-www-form-urlencoded; charset=latin-1"}, 415),
        (b"a=" + b"x" * 70_000, FORM, 413),
        (b"a=" + b"x" * 20_000, FORM, 400),
        (b"&".join(b"p%d=1" % n for n in range(65)), FORM, 400),
        (b"grant_type=%ff%fe", FORM, 400),
        (b"grant_type=\xff", FORM, 400),
        (b"", FORM, 401),
        (b"%%%&&&===;;;", FORM, 401),
    ],
)
async def test_malformed_request_is_a_client_error(
    browser: httpx.AsyncClient, content: bytes, headers: dict[str, str], status: int
) -> None:
    """Whatever comes, the answer is an error of RFC 6749 section 5.2 with a 4xx, never a 500."""
    response = await browser.post("/oauth/token", content=content, headers=headers)
    assert response.status_code == status
    assert set(response.json()) == {"error", "error_description"}
    assert response.json()["error"] == ("invalid_client" if status == 401 else "invalid_request")
    assert response.headers["cache-control"] == "no-store"


async def test_body_without_announced_length_is_bounded_too(browser: httpx.AsyncClient) -> None:
    """A chunked body ends at 64 KiB."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield b"x" * 1024

    response = await browser.post("/oauth/token", content=chunks(), headers=FORM)
    assert response.status_code == 413


async def test_get_is_not_a_way_to_ask_for_tokens(browser: httpx.AsyncClient) -> None:
    """RFC 6749 section 3.2: POST alone, so that no secret stands in a URL."""
    response = await browser.get("/oauth/token", params={"grant_type": "client_credentials"})
    assert (response.status_code, response.headers["allow"]) == (405, "OPTIONS, POST")


async def test_preflight_is_answered(browser: httpx.AsyncClient) -> None:
    """CORS: the browser asks first before a script may send an Authorization header."""
    asked = {
        "origin": "https://spa.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    response = await browser.options("/oauth/token", headers=asked)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["access-control-allow-methods"] == "POST"
    assert "authorization" in response.headers["access-control-allow-headers"].lower()
