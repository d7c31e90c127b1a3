"""The page of sessions and applications."""

import re

import httpx
import pytest

from hexkeep.adapters.web.devices import device
from tests.unit.adapters.site import ORIGIN, Site, Tenant, answered, authorization, code_for, redeem, sign_in

PAGE = "/ui/access"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def pressed(browser: httpx.AsyncClient, **fields: str) -> httpx.Response:
    """A button of the page."""
    page = await browser.get(PAGE)
    csrf = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    return await browser.post(PAGE, data={"csrf": csrf, **fields}, headers={"origin": ORIGIN})


def values(html: str, name: str) -> list[str]:
    """What the hidden fields of that name hold."""
    return re.findall(rf'name="{name}" value="([^"]+)"', html)


async def signed_in(browser: httpx.AsyncClient) -> bool:
    """Whether the session in the browser holds."""
    return (await browser.get("/ui/account")).status_code == 200


async def test_sessions_are_listed_and_ended_one_by_one(browser: httpx.AsyncClient, site: Site) -> None:
    """By the browser that they are in; the one at hand is marked."""
    await sign_in(browser)
    async with site.browser() as other:
        other.headers["user-agent"] = FIREFOX
        await sign_in(other)
        page = await browser.get(PAGE)
        assert "Firefox on Linux" in page.text
        assert page.text.count("This one") == 1
        theirs = values(page.text, "session")[0]
        done = await pressed(browser, session=theirs)
        assert done.headers["location"] == f"{PAGE}?done=session"
        assert "That session has ended" in (await browser.get(done.headers["location"])).text
        assert not await signed_in(other)
    assert await signed_in(browser)


async def test_ending_the_session_at_hand_signs_out(browser: httpx.AsyncClient) -> None:
    """The same way as by the button on the account page."""
    await sign_in(browser)
    (own,) = values((await browser.get(PAGE)).text, "session")
    assert (await pressed(browser, session=own)).headers["location"] == "/ui/signed-out"
    assert not await signed_in(browser)


async def test_sign_out_everywhere(browser: httpx.AsyncClient, site: Site) -> None:
    """All sessions end, the one at hand as well."""
    await sign_in(browser)
    async with site.browser() as other:
        await sign_in(other)
        assert (await pressed(browser, everywhere="yes")).headers["location"] == "/ui/signed-out"
        assert not await signed_in(other)
    assert not await signed_in(browser)


async def test_an_application_is_shown_and_loses_all_it_has(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """With what it may do, and where a sign-in to it begins; the module `oidcc-3rd_party-init-login` follows that."""
    grants = ("authorization_code", "refresh_token")
    metadata = {"initiate_login_uri": "https://app.example.com/start?a=1"}
    client = await tenant.application(name="<b>Shop</b>", grant_types=grants, client_metadata=metadata)
    code = await code_for(browser, client, scope="openid offline_access")
    tokens = (await redeem(browser, client, code)).json()
    page = await browser.get(PAGE)
    assert 'href="https://app.example.com/start?a=1&amp;iss=https%3A%2F%2Fid.example.com"' in page.text
    assert "&lt;b&gt;Shop" in page.text
    assert "While you are away as well" in page.text
    assert values(page.text, "application") == [client["client_id"]]
    done = await pressed(browser, application=client["client_id"])
    left = await browser.get(done.headers["location"])
    assert "The application has no access any more" in left.text
    assert values(left.text, "application") == []
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refused = await browser.post("/oauth/token", data=form, auth=(client["client_id"], client["client_secret"]))
    assert refused.json()["error"] == "invalid_grant"
    again = await browser.get("/oauth/authorize", params=authorization(client, prompt="none"))
    assert "code" in answered(again.headers["location"])


@pytest.mark.parametrize("fields", [{"session": "nobody-s"}, {"application": "none"}, {"session": "x" * 300}, {}])
async def test_what_is_not_there_takes_nothing_away(browser: httpx.AsyncClient, fields: dict[str, str]) -> None:
    """Somebody was quicker, or made it up."""
    await sign_in(browser)
    response = await pressed(browser, **fields)
    assert response.status_code in {303, 400}
    assert await signed_in(browser)


async def test_only_our_own_page_takes_anything_away(browser: httpx.AsyncClient) -> None:
    """A form of another site presses no button."""
    await sign_in(browser)
    forged = await browser.post(PAGE, data={"everywhere": "yes"}, headers={"origin": "https://evil.example"})
    assert forged.status_code == 403
    assert await signed_in(browser)


async def test_nobody_is_led_to_the_sign_in(browser: httpx.AsyncClient) -> None:
    """The page is of a person."""
    assert (await browser.get(PAGE)).headers["location"] == "/ui/login"


async def test_an_application_cannot_have_a_plain_start(tenant: Tenant) -> None:
    """The module `oidcc-3rd_party-init-login-nohttps`: such a registration is refused."""
    with pytest.raises(ValueError, match="https"):
        await tenant.application(client_metadata={"initiate_login_uri": "http://app.example.com/start"})


@pytest.mark.parametrize(
    ("user_agent", "named"),
    [
        (FIREFOX, ("Firefox", "Linux")),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36 Edg/140.0", ("Edge", "Windows")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", ("Safari", "an iPhone")),
        ("curl/8.0", ("", "")),
    ],
)
def test_browsers_have_names(user_agent: str, named: tuple[str, str]) -> None:
    """As people call them."""
    assert device(user_agent) == named
