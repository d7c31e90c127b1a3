"""Authlib's client, which we did not write, signs people in through a real server and a browser."""

from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
from authlib.integrations.base_client import OAuthError
from joserfc import jwt
from joserfc.jwk import KeySet
from playwright.async_api import Browser, Page

from tests.browser.chromium import SHARING, window
from tests.browser.person import allow, deny, expect_heading, sign_in
from tests.e2e.authlib_party import Party, query_of
from tests.e2e.callback import Callback
from tests.e2e.rest import ROLE, World

pytestmark = SHARING

ROLES, ORGANIZATION = "urn:hexkeep:roles", "urn:hexkeep:organization"
SCOPE = "openid profile email offline_access"


@pytest_asyncio.fixture(loop_scope="session")
async def callback() -> AsyncIterator[Callback]:
    """Where the application lives."""
    async with Callback() as callback:
        yield callback


@pytest_asyncio.fixture(loop_scope="session")
async def page(shared_browser: Browser) -> AsyncIterator[Page]:
    """An empty page."""
    async with window(shared_browser) as opened:
        yield opened


def party_of(world: World, callback: Callback, scope: str = SCOPE, kind: str = "web", **settings: object) -> Party:
    """A new application and its client."""
    credentials = world.application(
        callback.url, kind=kind, post_logout_redirect_uris=[f"{callback.url}/signed-out"], **settings
    )
    return Party(world.server, credentials, callback.url, scope)


@pytest.mark.parametrize(("kind", "method"), [("web", "basic"), ("web", "post"), ("spa", "none"), ("native", "none")])
async def test_person_is_signed_in(world: World, callback: Callback, page: Page, kind: str, method: str) -> None:
    """Discovery, code with PKCE, verified ID token and userinfo for confidential and public clients."""
    party = party_of(world, callback, kind=kind, auth_method=method)
    if method == "post":
        party.app.client_kwargs["token_endpoint_auth_method"] = "client_secret_post"
    await page.goto(await party.begin())
    await sign_in(page, world.ada.user_name, world.ada.password)
    visited = await callback.visit()
    assert query_of(visited)["iss"] == [world.server.origin]
    token = await party.redeem(visited)
    claims, userinfo = await party.claims(token), await party.userinfo(token)
    assert claims["sub"] == userinfo["sub"] == world.ada.user_id
    assert (userinfo["preferred_username"], userinfo["email"]) == ("ada", "ada@example.com")
    assert userinfo["email_verified"] is True


async def test_id_token_verifies_against_published_keys(world: World, callback: Callback, page: Page) -> None:
    """It is verified by joserfc with a key of the JWKS that its kid names; the access token is no ID token."""
    party = party_of(world, callback)
    await page.goto(await party.begin())
    await sign_in(page, world.ada.user_name, world.ada.password)
    token = await party.redeem(await callback.visit())
    async with httpx2.AsyncClient(trust_env=False) as http:
        keys = KeySet.import_key_set((await http.get((await party.metadata())["jwks_uri"])).json())
    id_token = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
    access_token = jwt.decode(token["access_token"], keys, algorithms=["RS256", "ES256"])
    assert id_token.claims["iss"] == access_token.claims["iss"] == world.server.origin
    assert (id_token.header["typ"], access_token.header["typ"]) == ("JWT", "at+jwt")
    assert id_token.claims["exp"] > id_token.claims["iat"] >= id_token.claims["auth_time"]


async def test_refresh_rotates(world: World, callback: Callback, page: Page) -> None:
    """Each refresh token is good for the next pair; an old one that comes back ends them all."""
    party = party_of(world, callback)
    await page.goto(await party.begin())
    await sign_in(page, world.ada.user_name, world.ada.password)
    first = await party.redeem(await callback.visit())
    second = await party.refresh(first)
    third = await party.refresh(second)
    assert len({one["refresh_token"] for one in (first, second, third)}) == 3
    assert (await party.userinfo(third))["sub"] == world.ada.user_id
    with pytest.raises(OAuthError, match="invalid_grant"):
        await party.refresh(first)
    with pytest.raises(OAuthError, match="invalid_grant"):
        await party.refresh(third)
    with pytest.raises(httpx2.HTTPStatusError, match="401"):
        await party.userinfo(third)


async def test_no_refresh_token_unasked(world: World, callback: Callback, page: Page) -> None:
    """Without the scope offline_access nothing outlives the session."""
    party = party_of(world, callback, "openid")
    await page.goto(await party.begin())
    await sign_in(page, world.ada.user_name, world.ada.password)
    token = await party.redeem(await callback.visit())
    assert "refresh_token" not in token
    assert set(await party.userinfo(token)) == {"sub"}


async def test_consent_is_asked_for_once(world: World, callback: Callback, page: Page) -> None:
    """Where the application asks for it the person says yes, and is not asked again for the same."""
    party = party_of(world, callback, consent_required=True)
    person = world.person("grace")
    await page.goto(await party.begin())
    await sign_in(page, person.user_name, person.password)
    await expect_heading(page, "Allow access?")
    assert not callback.visited
    await allow(page)
    token = await party.redeem(await callback.visit())
    assert (await party.claims(token))["sub"] == person.user_id
    await page.goto(await party.begin())
    assert (await party.claims(await party.redeem(await callback.visit())))["sub"] == person.user_id


async def test_refused_consent_is_told(world: World, callback: Callback, page: Page) -> None:
    """The application learns access_denied with its state, and gets no code."""
    party = party_of(world, callback, consent_required=True)
    person = world.person("edith")
    await page.goto(await party.begin(state="of-mine"))
    await sign_in(page, person.user_name, person.password)
    await deny(page)
    answer = query_of(await callback.visit())
    assert (answer["error"], answer["state"], answer["iss"]) == (["access_denied"], ["of-mine"], [world.server.origin])
    assert "code" not in answer


async def test_roles_and_organization_come_when_asked_for(world: World, callback: Callback, page: Page) -> None:
    """As claims of the ID token and of userinfo; whoever does not ask does not get them."""
    asking, silent = party_of(world, callback, f"openid {ROLES} {ORGANIZATION}"), party_of(world, callback, "openid")
    await page.goto(await asking.begin())
    await sign_in(page, world.ada.user_name, world.ada.password)
    token = await asking.redeem(await callback.visit())
    for claims in (await asking.claims(token), await asking.userinfo(token)):
        assert claims[ROLES] == {world.project_id: [ROLE]}
        assert claims[f"{ORGANIZATION}:id"] == world.organization_id
        assert claims[f"{ORGANIZATION}:name"] == "Default"
    await page.goto(await silent.begin())
    claims = await silent.claims(await silent.redeem(await callback.visit()))
    assert not [name for name in claims if name.startswith("urn:hexkeep:")]


async def test_single_sign_on_and_logout(world: World, callback: Callback, page: Page) -> None:
    """A second application needs no password; RP-initiated logout ends the session for both, and comes back."""
    one, other = party_of(world, callback), party_of(world, callback, "openid")
    await page.goto(await one.begin())
    await sign_in(page, world.ada.user_name, world.ada.password)
    token = await one.redeem(await callback.visit())
    await page.goto(await other.begin(prompt="none"))
    shared = await other.redeem(await callback.visit())
    assert (await other.claims(shared))["sid"] == (await one.claims(token))["sid"]
    await page.goto(await one.logout(token, f"{callback.url}/signed-out", "bye"))
    assert await callback.visit() == f"{callback.url}/signed-out?state=bye"
    with pytest.raises(httpx2.HTTPStatusError, match="401"):
        await other.userinfo(shared)
    await page.goto(await other.begin(prompt="none"))
    assert query_of(await callback.visit())["error"] == ["login_required"]
