"""A single-page application on oidc-client-ts, which we did not write, in Chromium: another origin than Hexkeep's."""

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.person import expect_heading, sign_in
from tests.e2e.generated_clients import NODE, run
from tests.e2e.rest import World
from tests.e2e.server import HexkeepServer, serving

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title><h1>Shop</h1>
<script type="application/json" id="settings">{settings}</script><script src="spa.js"></script></html>"""


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
def shop(world: World, server: HexkeepServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the application's one page."""
    folder = tmp_path_factory.mktemp("shop")
    run("esbuild", "spa.mjs", "--bundle", "--format=iife", f"--outfile={folder / 'spa.js'}", folder=NODE)
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        page = f"http://127.0.0.1:{listener.server_port}/index.html"
        client = world.application(page, kind="spa", post_logout_redirect_uris=[page])
        settings = {"authority": server.origin, "client_id": client.client_id}
        _write(folder, settings)
        yield page
        listener.shutdown()


def _write(folder: Path, settings: dict[str, str]) -> None:
    (folder / "index.html").write_text(PAGE.format(settings=json.dumps(settings)), encoding="utf-8")


async def test_person_signs_in_to_a_page_refreshes_and_signs_out(world: World, shop: str, page: Page) -> None:
    """Code with PKCE, userinfo and refresh by scripts across origins, and a sign-out after which login asks again."""
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
