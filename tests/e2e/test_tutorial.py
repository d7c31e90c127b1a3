"""The tutorial, followed to the letter: its commands in a shell, its application, its browser."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.architecture.source import ROOT
from tests.e2e.server import HexkeepServer, serving
from tests.ports import reserved_port

TUTORIAL = ROOT / "docs" / "tutorial" / "first-sign-in.md"
RUN = re.compile(r"<!-- run -->\n```sh\n(.*?)```", re.DOTALL)
NAME, PASSWORD = "ada", "seven green kettles"
PATIENCE = 60.0


def script(server: HexkeepServer, shop: str) -> str:
    """The tutorial's commands, at the origins of this test, with the password that was printed."""
    text = "\n".join(RUN.findall(TUTORIAL.read_text(encoding="utf-8")))
    for there, here in (
        ("http://localhost:8080", server.origin),
        ("http://localhost:8000", shop),
        ("--port 8000", f"--port {shop.rpartition(':')[2]}"),
        ("THE-PASSWORD", server.administrator.password),
        ("examples/", f"{ROOT}/examples/"),
        ("\nflask ", "\nexec flask "),
    ):
        assert there in text
        text = text.replace(there, here)
    return text


@contextmanager
def shell(text: str, server: HexkeepServer) -> Iterator[subprocess.Popen[bytes]]:
    """The commands at work, in the environment's own programs; what they say is shown when the test fails."""
    environment = {**server.environment, "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    process = subprocess.Popen(["bash", "-euo", "pipefail", "-c", text], env=environment, cwd=server.folder)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


async def answering(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return once the application answers; the test fails when its shell ends first."""
    async with httpx.AsyncClient(trust_env=False) as http, asyncio.timeout(PATIENCE):
        while process.poll() is None:
            try:
                await http.get(url)
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return
    pytest.fail(f"the tutorial's commands ended with {process.returncode}")


@pytest.mark.browser
async def test_application_of_the_tutorial_signs_a_user_in_and_out(tmp_path: Path, page: Page) -> None:
    """Whoever does what the tutorial says gets what it promises."""
    with serving(tmp_path / "hexkeep") as server, reserved_port() as port:
        shop = f"http://localhost:{port}"
        server.secrets.add(PASSWORD)
        with shell(script(server, shop), server) as process:
            await answering(shop, process)
            await page.goto(shop)
            await page.get_by_role("link", name="Sign in").click()
            await page.get_by_label("User name").fill(NAME)
            await page.get_by_label("Password").fill(PASSWORD)
            await page.get_by_role("button", name="Sign in").click()
            await expect(page.get_by_role("heading", name="Hello Ada Lovelace")).to_be_visible()
            await page.get_by_role("link", name="Sign out").click()
            await expect(page.get_by_role("link", name="Sign in")).to_be_visible()
            await page.goto(server.origin)
            await expect(page.get_by_label("User name")).to_be_visible()
