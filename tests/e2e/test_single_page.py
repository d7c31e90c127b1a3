"""A single-page application on oidc-client-ts, which we did not write, in Chromium: another origin than Hexkeep's."""

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.async_api import Page

from tests.browser.person import expect_heading, sign_in
from tests.e2e.generated_clients import NODE, run
from tests.e2e.rest import World
from tests.e2e.server import HexkeepServer, serving

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title><h1>Shop</h1>
<script type="application/json" id="settings">{settings}</script><script src="spa.js"></script></html>"""


BOUND = {"dpop_bound_access_tokens": True, "dpop_nonce_required": True}


class Shops(NamedTuple):
    """Where the applications are."""

    plain: str
    bound: str


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that says nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HexkeepServer]:
    """A server on SQLite: nothing here depends on the storage."""
    with serving(tmp_path_factory.mktemp("sqlite")) as server:
        yield server


@pytest.fixture(scope="module")
def shops(world: World, server: HexkeepServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shops]:
    """The addresses of two applications of one page each, the second with tokens that are bound to a key."""
    folder = tmp_path_factory.mktemp("shop")
    run("esbuild", "spa.mjs", "--bundle", "--format=iife", f"--outfile={folder / 'spa.js'}", folder=NODE)
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        origin = f"http://127.0.0.1:{listener.server_port}"
        shops = Shops(f"{origin}/index.html", f"{origin}/bound.html")
        plain = world.application(shops.plain, kind="spa", post_logout_redirect_uris=[shops.plain])
        bound = world.application(shops.bound, kind="spa", api_access=True, client_metadata=BOUND)
        _write(folder / "index.html", {"authority": server.origin, "client_id": plain.client_id})
        _write(folder / "bound.html", {"authority": server.origin, "client_id": bound.client_id, "dpop": True})
        yield shops
        listener.shutdown()


def _write(page: Path, settings: dict[str, object]) -> None:
    page.write_text(PAGE.format(settings=json.dumps(settings)), encoding="utf-8")


async def test_tokens_of_a_page_are_good_with_its_key_alone(world: World, shops: Shops, page: Page) -> None:
    """RFC 9449 in a browser: code, refresh, userinfo and our own API across origins, with nonces that are demanded."""
    await page.goto(shops.bound)
    await page.evaluate("party.signIn()")
    await sign_in(page, world.ada.user_name, world.ada.password)
    await page.wait_for_url(f"{shops.bound}?code=*")
    first: dict[str, Any] = await page.evaluate("party.callback()")
    second: dict[str, Any] = await page.evaluate("party.refresh()")
    world.server.secrets |= {one[name] for one in (first, second) for name in one if name.endswith("_token")}
    assert first["token_type"] == second["token_type"] == "DPoP"
    assert first["access_token"] != second["access_token"]
    for path, name in (("/oidc/userinfo", "sub"), ("/auth/v1/me", "user_id")):
        url = f"{world.server.origin}{path}"
        assert (await page.evaluate("url => party.call(url)", url))[name] == world.ada.user_id
        assert await page.evaluate("url => party.stolen(url)", url) == 401


async def test_person_signs_in_to_a_page_refreshes_and_signs_out(world: World, shops: Shops, page: Page) -> None:
    """Code with PKCE, userinfo and refresh by scripts across origins, and a sign-out after which login asks again."""
    shop = shops.plain
    await page.goto(shop)
    await page.evaluate("party.signIn()")
    await sign_in(page, world.ada.user_name, world.ada.password)
    await page.wait_for_url(f"{shop}?code=*")
    first: dict[str, Any] = await page.evaluate("party.callback()")
    second: dict[str, Any] = await page.evaluate("party.refresh()")
    world.server.secrets |= {one[name] for one in (first, second) for name in one if name.endswith("_token")}
    assert first["profile"]["sub"] == second["profile"]["sub"] == world.ada.user_id
    assert first["profile"]["email"] == "ada@example.com"
    assert first["refresh_token"] != second["refresh_token"]
    assert first["access_token"] != second["access_token"]
    await page.evaluate("party.signOut()")
    await page.wait_for_url(f"{shop}?state=*")
    assert await page.evaluate("party.signedOut()") is None
    await page.evaluate("party.signIn()")
    await expect_heading(page, "Sign in")
