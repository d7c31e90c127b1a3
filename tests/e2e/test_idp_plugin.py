"""An identity provider that a distribution of its own brings is installed, set up, and signed in by."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.person import expect_heading
from tests.e2e.rest import Rest
from tests.e2e.server import HexkeepServer, serving
from tests.e2e.test_examples import copied
from tests.fakes.forum import forum
from tests.unit.cli.server import TIMEOUT
from tests.waiting import until

pytestmark = pytest.mark.timeout(TIMEOUT)

NAME = "Our forum"
SECRET = "known to the forum and to nobody else but us"
PROVIDERS = "/admin/v1/identity-providers"
SERVICE = "hexkeep.admin.v1.IdpDiscourseService"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HexkeepServer]:
    """A server beside which the distribution was installed, as anybody's would be; nothing else is set."""
    folder = tmp_path_factory.mktemp("plugin")
    command: list[str | Path] = [Path(sys.executable).with_name("uv"), "pip", "install", "--offline", "--no-deps"]
    source = copied("idp-plugin", folder / "source")
    target = folder / "installed"
    subprocess.run([*command, "--quiet", "--python", sys.executable, "--target", target, source], check=True)
    with serving(folder / "server", {"PYTHONPATH": str(target)}) as made:
        made.secrets.add(SECRET)
        yield made


@pytest.fixture(scope="module")
def token(server: HexkeepServer) -> str:
    """What proves its administrator."""
    with Rest(server) as made:
        return made.sign_in(server.administrator.user_name, server.administrator.password)


@pytest.fixture(scope="module")
def rest(server: HexkeepServer, token: str) -> Iterator[Rest]:
    """Its administrator, at work."""
    with Rest(server, token) as made:
        yield made


def created(rest: Rest, name: str, **settings: object) -> str:
    """The id of a new provider of the plugin's kind."""
    made: str = rest.post(f"{PROVIDERS}/discourse", name=name, secret=SECRET, **settings)["identity_provider_id"]
    return made


def test_kind_is_on_every_surface(server: HexkeepServer, rest: Rest, token: str) -> None:
    """Made over REST, changed by the command line, read over Connect, described by the document; never the secret."""
    one = created(rest, "Somewhere", url="https://forum.example.com")
    words = [f"identity_provider_id={one}", "email_verified=true", "update_mask=email_verified"]
    server.command("call", "UpdateInstanceDiscourseIdentityProvider", *words, settings={"HEXKEEP_TOKEN": token})
    answer = rest.send("POST", f"/{SERVICE}/GetInstanceDiscourseIdentityProvider", json={"identity_provider_id": one})
    told = answer.json()
    assert told["settings"] == {"url": "https://forum.example.com", "email_verified": True}
    assert (told["provider"]["kind"], told["provider"]["has_secret"]) == ("discourse", True)
    assert f"{PROVIDERS}/discourse" in rest.get("/openapi.json")["paths"]


def test_settings_are_judged_by_the_plugin(rest: Rest) -> None:
    """A secret that is too short is refused with the field's name, and one that is kept goes to no other forum."""
    fields = {"name": "Short", "url": "https://forum.example.com", "secret": "short"}
    refused = rest.send("POST", f"{PROVIDERS}/discourse", json=fields)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_input")
    assert "secret" in refused.text
    one = created(rest, "Kept", url="https://forum.example.com")
    moved = rest.send("PATCH", f"{PROVIDERS}/{one}/discourse", json={"url": "https://forum.example.org"})
    assert "secret" in moved.text
    assert moved.is_client_error


@pytest.mark.browser
async def test_person_signs_in_by_the_forum(server: HexkeepServer, rest: Rest, page: Page) -> None:
    """The first time an account is made of what the forum tells, then it is the same one; signing out is for both."""
    async with forum("localhost", SECRET) as made:
        offered = created(rest, NAME, url=made.origin, auto_creation=True, provider_logout=True)
        put = rest.send("PUT", "/admin/v1/login-providers", json={"identity_provider_ids": [offered]})
        assert put.is_success, put.text
        await at_the_forum(server, page)
        await page.get_by_role("link", name="Log in").click()
        await expect_account(page, "Ada Lovelace", "ada_l")
        made.member |= {"username": "countess", "name": "Ada King"}
        await page.context.clear_cookies(domain="localhost")
        await at_the_forum(server, page)
        await expect_account(page, "Ada Lovelace", "ada_l")
        await page.get_by_role("button", name="Sign out").click()
        await expect_heading(page, "You are signed out")
        await at_the_forum(server, page)
        await expect(page.get_by_role("link", name="Log in")).to_be_visible()
    links = "identity-provider-links"

    async def shown() -> bool:
        """Lists follow what was written on pages, which tell no position, a moment later."""
        users = rest.get("/management/v1/users?user_name=ada_l")["users"]
        told = [rest.get(f"/management/v1/users/{one['user_id']}/{links}")["links"] for one in users]
        return [[(one["identity_provider_id"], one["external_id"]) for one in each] for each in told] == [
            [(offered, "17")]
        ]

    await until(shown)


async def at_the_forum(server: HexkeepServer, page: Page) -> None:
    """From the sign-in page to the forum, which leads back by itself whom it knows."""
    await page.goto(f"{server.origin}/ui/login")
    await page.get_by_role("link", name=NAME).click()


async def expect_account(page: Page, name: str, user_name: str) -> None:
    """Somebody is signed in."""
    await expect_heading(page, "Your account")
    for text in (name, user_name):
        await expect(page.get_by_role("definition").filter(has_text=text).first).to_be_visible()
