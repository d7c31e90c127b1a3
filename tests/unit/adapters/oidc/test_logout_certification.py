"""The modules of the conformance plan `oidcc-rp-initiated-logout-certification-test-plan`, each by its name.

Every module signs somebody in, sends the browser to the end session endpoint, and looks where it comes out. An error
page of ours is a 4xx without a redirect; behind it the session goes on, as `prompt=none` shows.
"""

import httpx
import pytest

from tests.unit.adapters.oidc.test_logout import PATH
from tests.unit.adapters.site import AFTER_LOGOUT, ORIGIN, Tenant, answered, authorization, code_for, hidden, redeem


class Party:
    """The relying party of the suite with its browser: it has signed somebody in and kept the ID token."""

    def __init__(self, browser: httpx.AsyncClient, client: dict[str, str], id_token: str) -> None:
        self.browser = browser
        self.client = client
        self.id_token = id_token

    async def logout(self, **params: str) -> httpx.Response:
        """The browser at the end session endpoint."""
        return await self.browser.get(PATH, params=params)

    async def signed_in(self) -> bool:
        """Whether `prompt=none` gets a code."""
        asked = authorization(self.client, prompt="none")
        return "code" in answered((await self.browser.get("/oauth/authorize", params=asked)).headers["location"])

    async def confirmed(self, page: httpx.Response) -> httpx.Response:
        """What follows once the person presses the button."""
        assert page.status_code == 200, page.text
        return await self.browser.post("/ui/logout", data=hidden(page.text), headers={"origin": ORIGIN})


@pytest.fixture
async def party(browser: httpx.AsyncClient, tenant: Tenant) -> Party:
    """Somebody has signed in to an application."""
    client = await tenant.application()
    tokens = (await redeem(browser, client, await code_for(browser, client))).json()
    return Party(browser, client, str(tokens["id_token"]))


def is_error_page(response: httpx.Response) -> bool:
    """Whether the person sees an error of ours, and the browser goes nowhere."""
    told = response.headers["content-type"].startswith("text/html")
    return told and 400 <= response.status_code < 500 and "location" not in response.headers


async def test_discovery_endpoint_verification(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """`oidcc-rp-initiated-logout-discovery-endpoint-verification`."""
    document = (await browser.get("/.well-known/openid-configuration")).json()
    assert document["end_session_endpoint"] == tenant.origin + PATH


async def test_rp_initiated_logout(party: Party) -> None:
    """`oidcc-rp-initiated-logout`: back with the state, and `prompt=none` finds nobody."""
    asked = {"id_token_hint": party.id_token, "post_logout_redirect_uri": AFTER_LOGOUT, "state": "s-1"}
    assert (await party.logout(**asked)).headers["location"] == f"{AFTER_LOGOUT}?state=s-1"
    assert not await party.signed_in()


async def test_bad_post_logout_redirect_uri(party: Party) -> None:
    """`…-bad-post-logout-redirect-uri`."""
    asked = {"id_token_hint": party.id_token, "post_logout_redirect_uri": f"{AFTER_LOGOUT}/other", "state": "s-1"}
    assert is_error_page(await party.logout(**asked))
    assert await party.signed_in()


async def test_query_added_to_post_logout_redirect_uri(party: Party) -> None:
    """`…-query-added-to-post-logout-redirect-uri`."""
    asked = {"id_token_hint": party.id_token, "post_logout_redirect_uri": f"{AFTER_LOGOUT}?foo=bar", "state": "s-1"}
    assert is_error_page(await party.logout(**asked))
    assert await party.signed_in()


async def test_modified_id_token_hint(party: Party) -> None:
    """`…-modified-id-token-hint`: a signature that does not fit."""
    head, body, signature = party.id_token.split(".")
    forged = ".".join((head, body, signature[::-1]))
    asked = {"id_token_hint": forged, "post_logout_redirect_uri": AFTER_LOGOUT, "state": "s-1"}
    assert is_error_page(await party.logout(**asked))
    assert await party.signed_in()


async def test_bad_id_token_hint(party: Party) -> None:
    """`…-bad-id-token-hint`: no token at all."""
    asked = {"id_token_hint": "bad", "post_logout_redirect_uri": AFTER_LOGOUT, "state": "s-1"}
    assert is_error_page(await party.logout(**asked))
    assert await party.signed_in()


async def test_no_id_token_hint(party: Party) -> None:
    """`…-no-id-token-hint`: without it nobody has registered the place to return to."""
    assert is_error_page(await party.logout(post_logout_redirect_uri=AFTER_LOGOUT, state="s-1"))
    assert await party.signed_in()


async def test_no_params(party: Party) -> None:
    """`…-no-params`: the person is asked, and stays on our own page."""
    done = await party.confirmed(await party.logout())
    assert done.headers["location"] == "/ui/signed-out"
    assert not await party.signed_in()


async def test_only_state(party: Party) -> None:
    """`…-only-state`: a state without a place to bring it to means nothing."""
    done = await party.confirmed(await party.logout(state="s-1"))
    assert done.headers["location"] == "/ui/signed-out"
    assert not await party.signed_in()


async def test_no_post_logout_redirect_uri(party: Party) -> None:
    """`…-no-post-logout-redirect-uri`: signed out at once, and on our own page."""
    done = await party.logout(id_token_hint=party.id_token, state="s-1")
    assert done.headers["location"] == "/ui/signed-out"
    assert not await party.signed_in()


async def test_no_state(party: Party) -> None:
    """`…-no-state`: back to the bare address."""
    done = await party.logout(id_token_hint=party.id_token, post_logout_redirect_uri=AFTER_LOGOUT)
    assert done.headers["location"] == AFTER_LOGOUT
    assert not await party.signed_in()


async def test_hints_are_taken_and_need_nothing(party: Party) -> None:
    """RP-Initiated Logout section 2: `logout_hint` and `ui_locales` may be there; with them it goes the same way."""
    hints = {"logout_hint": "ada", "ui_locales": "de en"}
    asked = {"client_id": party.client["client_id"], "post_logout_redirect_uri": AFTER_LOGOUT, **hints}
    done = await party.confirmed(await party.logout(**asked))
    assert done.headers["location"] == AFTER_LOGOUT
    assert not await party.signed_in()
