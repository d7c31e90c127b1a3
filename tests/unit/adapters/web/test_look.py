import re
from importlib import resources

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexkeep.adapters.web import look
from hexkeep.adapters.web.look import contrast, sheet_of
from hexkeep.core.policy.events import Branding, ThemeMode
from tests.unit.adapters.site import Tenant, authorization, hidden, sign_in

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


async def test_page_without_branding_asks_for_one_sheet(browser: httpx.AsyncClient) -> None:
    """And has no footer."""
    page = await browser.get("/ui/login")
    assert page.text.count('rel="stylesheet"') == 1
    assert "<footer" not in page.text


async def test_branding_is_a_sheet_of_our_own(tenant: Tenant, browser: httpx.AsyncClient) -> None:
    """Nothing inline; a preview is nothing that anybody sees; another branding has another address."""
    await tenant.do("SetDefaultBrandingPreview", primary_colour="#aa0044")
    assert "/ui/look.css" not in (await browser.get("/ui/login")).text
    await tenant.do("ActivateDefaultBranding")
    page = await browser.get("/ui/login")
    (address,) = re.findall(r'href="(/ui/look\.css\?v=[0-9a-f]{16})"', page.text)
    assert "<style" not in page.text
    assert "style=" not in page.text
    sheet = await browser.get(address)
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    assert "--accent: #aa0044;" in sheet.text
    await tenant.do("SetDefaultBrandingPreview", primary_colour="#00aa44")
    await tenant.do("ActivateDefaultBranding")
    assert address not in (await browser.get("/ui/login")).text


async def test_watermark_can_be_left_out(tenant: Tenant, browser: httpx.AsyncClient) -> None:
    """Then the page does not say what it is made by, but in its title."""
    assert 'class="brand"' in (await browser.get("/ui/login")).text
    await tenant.do("SetDefaultBrandingPreview", disable_watermark=True)
    await tenant.do("ActivateDefaultBranding")
    assert 'class="brand"' not in (await browser.get("/ui/login")).text


async def test_links_are_below_every_page(tenant: Tenant, browser: httpx.AsyncClient) -> None:
    """Those that are set."""
    await tenant.do("SetDefaultPrivacyPolicy", terms_link="https://example.com/t?a=1&b=2", support_email="h@e.com")
    for path in ("/ui/login", "/ui/signed-out"):
        page = await browser.get(path)
        assert 'href="https://example.com/t?a=1&amp;b=2" rel="noopener noreferrer">Terms of service' in page.text
        assert 'href="mailto:h@e.com"' in page.text
        assert "Privacy" not in page.text


async def test_pages_are_framed_by_nobody_but_who_may(tenant: Tenant, browser: httpx.AsyncClient) -> None:
    """Both switch and origins are needed."""
    await tenant.do("SetDefaultSecurityPolicy", framing_origins=["https://portal.example.com"])
    page = await browser.get("/ui/login")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"
    await tenant.do("SetDefaultSecurityPolicy", framing_allowed=True)
    page = await browser.get("/ui/login")
    assert "frame-ancestors https://portal.example.com;" in page.headers["content-security-policy"]
    assert "x-frame-options" not in page.headers


async def test_sign_in_leads_there(tenant: Tenant, browser: httpx.AsyncClient) -> None:
    """Where no application has asked for it."""
    await tenant.do("SetDefaultLoginPolicy", default_redirect="https://start.example.com/home")
    done = await sign_in(browser)
    assert (done.status_code, done.headers["location"]) == (200, "https://start.example.com/home")


async def test_page_looks_as_the_applications_organization_wants(tenant: Tenant, browser: httpx.AsyncClient) -> None:
    """From the first page of its sign-in to the refusal of a form; elsewhere as the instance does."""
    client, own = await tenant.application(), {"organization_id": tenant.organization_id}
    await tenant.do("SetBrandingPreview", **own, primary_colour="#aa0044")
    await tenant.do("ActivateBranding", **own)
    await tenant.do("SetPrivacyPolicy", **own, help_link="https://help.example.com/")
    assert "look.css" not in (await browser.get("/ui/login")).text
    began = await browser.get("/oauth/authorize", params=authorization(client))
    page = await browser.get(began.headers["location"])
    (address,) = re.findall(r'href="(/ui/look[^"]*)"', page.text)
    assert "--accent: #aa0044;" in (await browser.get(address.replace("&amp;", "&"))).text
    (action,) = re.findall(r'<form method="post" action="([^"]*)"', page.text)
    form = {**hidden(page.text), "user_name": "ada", "password": "wrong", "decision": "sign_in"}
    again = await browser.post(action, data=form, headers={"origin": str(browser.base_url).rstrip("/")})
    assert again.status_code == 403
    assert address in again.text
    assert 'href="https://help.example.com/"' in again.text


async def test_pages_say_what_the_instance_wants_them_to(tenant: Tenant, browser: httpx.AsyncClient) -> None:
    """Escaped, with the gaps that are meant and no others."""
    evil = "<b>Hi</b> {page.__class__} {minutes}"
    await tenant.do("SetDefaultCustomTexts", language="en", texts={"page.login.title": evil, "page.nothing": "x"})
    page = await browser.get("/ui/login")
    assert "<h1>&lt;b&gt;Hi&lt;/b&gt; {page.__class__} {minutes}</h1>" in page.text
    await tenant.do("ResetDefaultCustomTexts", language="en")
    assert "<h1>Sign in</h1>" in (await browser.get("/ui/login")).text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fixed_colours_are_those_of_our_own_sheet(scheme: str) -> None:
    """Written twice, since a sheet cannot ask another for its colours."""
    sheet = resources.files("hexkeep.adapters.web").joinpath("static", "style.css").read_text()
    light, dark = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)[:2]
    declared = dict(re.findall(r"--([a-z-]+): ([^;]+);", light if scheme == "light" else dark))
    assert (look.LIGHT if scheme == "light" else look.DARK).items() <= declared.items()
    own = look._colours(Branding(), "" if scheme == "light" else "_dark")  # noqa: SLF001 - what is compared
    same = {"accent", "ground", "ink", "problem"}
    assert {name: own[name] for name in same} == {name: declared[name] for name in same}


@given(COLOURS)
def test_what_is_written_on_a_button_can_be_read(accent: str) -> None:
    """Whatever colour it has."""
    (ink,) = set(
        re.findall(r"--on-accent: (#[0-9a-f]{6});", sheet_of(Branding(primary_colour=accent, theme=ThemeMode.LIGHT)))
    )
    assert contrast(ink, accent) >= 4.2


def test_fixed_theme_is_the_same_whatever_the_browser_prefers() -> None:
    """All colours, also those that no branding changes."""
    for theme, sheet_colour in ((ThemeMode.LIGHT, "#ffffff"), (ThemeMode.DARK, "#181e29")):
        sheet = sheet_of(Branding(theme=theme))
        assert sheet.count(f"--sheet: {sheet_colour};") == 2
        assert sheet.count(f"color-scheme: {theme};") == 2
