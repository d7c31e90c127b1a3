"""mod_auth_mellon, which we did not write, guards a page of an Apache: sign-in, logout from both sides, forgeries."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from playwright.async_api import Page, Route

from tests.browser.person import expect_heading, sign_in
from tests.e2e.mellon import AVAILABLE, WHY_NOT, Mellon, mellon
from tests.e2e.rest import World
from tests.e2e.server import HexkeepServer, serving
from tests.saml_parties import swapped, tampered
from tests.waiting import until

OK = 200
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not AVAILABLE, reason=WHY_NOT)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HexkeepServer]:
    """A server on SQLite that may reach the Apache beside it."""
    settings = {"HEXKEEP_OUTBOUND__PRIVATE_NETWORKS": "true"}
    with serving(tmp_path_factory.mktemp("mellon"), settings) as server:
        yield server


@pytest.fixture(scope="module")
def party(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mellon]:
    """Apache with its private page, which hears by SOAP."""
    with mellon(world, tmp_path_factory.mktemp("apache")) as party:
        yield party


async def enter(world: World, party: Mellon, page: Page) -> dict[str, str]:
    """Sign in to the private page; its headers."""
    await page.goto(party.private)
    await sign_in(page, world.ada.user_name, world.ada.password)
    await page.wait_for_url(party.private)
    await expect_heading(page, "Private")
    again = await page.goto(party.private)
    assert again is not None
    return again.headers


async def signed_out_there(party: Mellon, page: Page) -> bool:
    """Whether the page is private again."""
    answer = await page.request.get(party.private, max_redirects=0)
    return answer.status != OK


def states(world: World) -> set[str]:
    """How it stands with what was to be brought from server to server."""
    found = world.rest.get("/admin/v1/deliveries?channel=backchannel_logout")["deliveries"]
    return {str(one["state"]) for one in found}


async def test_private_page_is_seen_until_it_signs_out(world: World, party: Mellon, page: Page) -> None:
    """A transient name and attributes arrive; a logout of the module's ends our session and comes back to its page."""
    headers = await enter(world, party, page)
    assert (headers["x-uid"], world.ada.user_name in headers["x-name"]) == (world.ada.user_name, False)
    await page.goto(party.sign_out)
    await page.wait_for_url(f"{party.origin}/bye.html")
    await page.goto(party.private)
    await expect_heading(page, "Sign in")


async def test_it_hears_by_soap_when_the_session_ends_elsewhere(world: World, party: Mellon, page: Page) -> None:
    """From server to server: an administrator ends all sessions of the person."""
    await enter(world, party, page)
    assert not await signed_out_there(party, page)
    ended = await asyncio.to_thread(world.rest.send, "POST", f"/management/v1/users/{world.ada.user_id}/sessions/end")
    assert ended.is_success, ended.text

    async def told() -> bool:
        return await signed_out_there(party, page)

    async def noted() -> bool:
        return await asyncio.to_thread(states, world) == {"delivered"}

    await until(told, 15)
    await until(noted, 15)  # the module has ended its session before it answers, and we note the answer after that


async def test_it_hears_by_the_browser_too(world: World, tmp_path: Path, page: Page) -> None:
    """One without an endpoint for SOAP: the browser that signs out is led there and back. Its names are encrypted."""
    with mellon(world, tmp_path, soap=False, encrypt_name_ids=True, name_id_format="email_address") as party:
        assert (await enter(world, party, page))["x-name"]
        await page.goto(f"{world.server.origin}/ui/logout")
        await page.get_by_role("button", name="Sign out").click()
        await page.wait_for_url(f"{world.server.origin}/ui/signed-out")
        assert await signed_out_there(party, page)


async def test_changed_assertion_lets_nobody_in(world: World, party: Mellon, page: Page) -> None:
    """Another name, another word that is signed, and the assertion of another answer, signed as it was."""
    seen: list[dict[str, str]] = []
    changes = (
        lambda fields: tampered(fields, ">ada<", ">root<"),
        lambda fields: tampered(fields, 'Version="2.0"', 'Version="2.1"'),
        lambda fields: swapped(seen[0], fields),
    )

    async def change(route: Route) -> None:
        seen.append(dict(parse_qsl(route.request.post_data or "")))
        await route.continue_(post_data=urlencode(changes[len(seen) - 1](seen[-1])))

    await page.route(party.consumer, change)
    for _ in changes:
        async with page.expect_response(party.consumer) as answered:
            await page.goto(party.private, wait_until="commit")
            if not seen:
                await sign_in(page, world.ada.user_name, world.ada.password)
        assert (await answered.value).status >= 400
        assert await signed_out_there(party, page)
    assert len(seen) == len(changes)
