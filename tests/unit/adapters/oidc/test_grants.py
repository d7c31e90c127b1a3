"""The grant management endpoint: what stands on the wire."""

import httpx
import pytest

from tests.unit.adapters.site import Tenant, code_for, redeem

GRANTS = "/oauth/grants"
BOTH = "grant_management_query grant_management_revoke"


@pytest.fixture
async def client(tenant: Tenant) -> dict[str, str]:
    """A client that acts for itself as well."""
    return await tenant.application(grant_types=("authorization_code", "client_credentials"))


async def bearer(browser: httpx.AsyncClient, client: dict[str, str], scope: str = BOTH) -> dict[str, str]:
    """The header with the client's own token."""
    form = {"grant_type": "client_credentials", "scope": scope}
    answer = await browser.post("/oauth/token", data=form, auth=(client["client_id"], client["client_secret"]))
    return {"authorization": f"Bearer {answer.json()['access_token']}"}


async def created(browser: httpx.AsyncClient, client: dict[str, str]) -> str:
    """Where a new grant is."""
    code = await code_for(browser, client, grant_management_action="create", scope="openid")
    return f"{GRANTS}/{(await redeem(browser, client, code)).json()['grant_id']}"


async def test_grant_is_looked_at_and_ended(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """Sections 6.4 to 6.6: JSON that nobody stores, then nothing, then 404."""
    place, header = await created(browser, client), await bearer(browser, client)
    told = await browser.get(place, headers=header)
    assert (told.status_code, told.headers["cache-control"]) == (200, "no-store")
    assert told.json() == {"scopes": [{"scope": "openid"}], "claims": [], "authorization_details": []}
    ended = await browser.delete(place, headers=header)
    assert (ended.status_code, ended.content) == (204, b"")
    for again in (await browser.get(place, headers=header), await browser.delete(place, headers=header)):
        assert (again.status_code, again.json()["error"]) == (404, "invalid_grant_id")
        assert "www-authenticate" not in again.headers


async def test_another_client_is_forbidden(browser: httpx.AsyncClient, client: dict[str, str], tenant: Tenant) -> None:
    """Section 6.6."""
    place = await created(browser, client)
    header = await bearer(browser, await tenant.application(grant_types=("client_credentials",), redirect_uris=()))
    for answer in (await browser.get(place, headers=header), await browser.delete(place, headers=header)):
        assert (answer.status_code, answer.json()["error"]) == (403, "access_denied")


async def test_token_has_to_be_there_and_to_have_the_scope(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """Section 6.6, RFC 6750 section 3.1."""
    place = await created(browser, client)
    bare = await browser.get(place)
    assert bare.status_code == 401
    assert bare.headers["www-authenticate"].startswith('Bearer realm="hexkeep"')
    bad = await browser.delete(place, headers={"authorization": "Bearer nonsense"})
    assert (bad.status_code, bad.json()["error"]) == (401, "invalid_token")
    less = await browser.delete(place, headers=await bearer(browser, client, "grant_management_query"))
    assert (less.status_code, less.json()["error"]) == (403, "insufficient_scope")
    assert (await browser.post(place)).status_code == 405
