"""The pages in Chromium: with the keyboard, with assistive technology, in both schemes, on a phone, enlarged."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import SHARING
from tests.browser.conftest import AXE, SCREENSHOTS, Elsewhere, Served, Visit, Visitor
from tests.unit.adapters.site import PASSWORD, USER_NAME, authorization, hidden

pytestmark = SHARING

DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
ENLARGED = {"width": 640, "height": 400}
"""A desktop window at 200 %: half as many CSS pixels (WCAG 2.2, 1.4.4)."""
NARROW = {"width": 320, "height": 256}
"""The same at 400 % (WCAG 2.2, 1.4.10)."""
SCOPES = "openid profile email offline_access"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def type_in(page: Page, user_name: str, password: str) -> None:
    """Sign in as somebody does who has no mouse; the focus is where the page put it."""
    await expect(page.get_by_label("User name")).to_be_focused()
    await page.keyboard.type(user_name)
    await page.keyboard.press("Tab")
    await page.keyboard.type(password)
    await page.keyboard.press("Enter")


def form_to(action: str, fields: Mapping[str, str]) -> str:
    """A page of another site with a form that leads to ours."""
    inputs = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in fields.items())
    return f'<form method="post" action="{action}">{inputs}<button>Go</button></form>'


async def request_url(served: Served, callback: str = "https://app.example.com/callback") -> str:
    """The authorization request of an application that asks for consent and listens at ``callback``."""
    client = await served.tenant.application(
        name="Northwind Travel Desk", consent_required=True, redirect_uris=(callback,)
    )
    return f"{served.origin}/oauth/authorize?{urlencode(authorization(client, redirect_uri=callback, scope=SCOPES))}"


async def strangers_url(served: Served, callback: str = "https://app.example.com/callback") -> str:
    """A request that makes no sense, of a client that has registered itself without being invited."""
    client = await served.tenant.application()
    project = (await served.tenant.do("GetApplication", client_id=client["client_id"]))["project_id"]
    await served.tenant.do("SetClientRegistration", mode="open", project_id=project)
    async with httpx.AsyncClient(base_url=served.origin, trust_env=False) as program:
        document = {"redirect_uris": [callback], "application_type": "native", "token_endpoint_auth_method": "none"}
        made = await program.post("/oauth/register", json=document)
    wrong = authorization(made.json(), redirect_uri=callback, max_age="soon")
    return f"{served.origin}/oauth/authorize?{urlencode(wrong)}"


@pytest.mark.parametrize("mode", ["query", "form_post"])
async def test_nobody_is_sent_to_a_stranger_unasked(
    served: Served, visitor: Visitor, elsewhere: Elsewhere, mode: str
) -> None:
    """RFC 9700 section 4.11.2: an error stays here until the person presses the button, which brings it there.

    From there it may go on: the page has nothing to guard.
    """
    visit, callback = await visitor(), f"{elsewhere.origin}/callback"
    page, elsewhere.sends_on = visit.page, True
    await page.goto(f"{await strangers_url(served, callback)}&response_mode={mode}")
    await expect(page.get_by_role("heading", name="This sign-in cannot begin")).to_be_visible()
    await expect(page.get_by_text("invalid_request", exact=True)).to_be_visible()
    await page.keyboard.press("Tab")
    onward = page.get_by_role("link" if mode == "query" else "button", name=f"Go on to {elsewhere.origin}")
    await expect(onward).to_be_focused()
    async with page.expect_request(f"{callback}?error=invalid_request*" if mode == "query" else callback):
        await page.keyboard.press("Enter")
    await page.wait_for_url(elsewhere.other)
    assert visit.complaints == []


@pytest.mark.parametrize("script", [False, True])
async def test_keyboard_signs_in_and_out(served: Served, visitor: Visitor, *, script: bool) -> None:
    """With or without script, nothing but the keyboard, nothing to complain about, the cookie kept on localhost."""
    visit = await visitor(script=script)
    page = visit.page
    await page.goto(served.origin)
    await expect(page.get_by_label("User name")).to_be_focused()
    await type_in(page, USER_NAME, PASSWORD)
    await expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    (session,) = [one for one in await page.context.cookies() if one["name"] == "__Host-hexkeep-session"]
    assert (session["secure"], session["httpOnly"], session["sameSite"]) == (True, True, "Lax")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Sign out")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    assert visit.complaints == []


async def test_failed_sign_in_is_told_where_the_focus_is(served: Served, visitor: Visitor) -> None:
    """The summary has the focus, the title begins with it, the user name stays; the next Tab leads into the form."""
    page = (await visitor()).page
    await page.goto(f"{served.origin}/ui/login")
    await type_in(page, USER_NAME, "not the password")
    await expect(page.get_by_role("alert")).to_be_focused()
    await expect(page).to_have_title(
        "Error: The user name or the password is wrong \N{EN DASH} Sign in \N{EN DASH} Hexkeep"
    )
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("User name")).to_be_focused()
    await expect(page.get_by_label("User name")).to_have_value(USER_NAME)


async def test_whole_way_of_an_application(served: Served, visitor: Visitor, elsewhere: Elsewhere) -> None:
    """Sign in, consent, and back to the application, with its yes or no, by a page that needs no script."""
    visit, callback = await visitor(), f"{elsewhere.origin}/callback"
    page = visit.page
    await page.goto(await request_url(served, callback))
    await type_in(page, USER_NAME, PASSWORD)
    await page.get_by_role("button", name="Allow", exact=True).press("Enter")
    await page.wait_for_url(f"{callback}?code=*")
    await page.goto(await request_url(served, callback))
    await page.get_by_role("button", name="Do not allow").press("Enter")
    await page.wait_for_url(f"{callback}?error=access_denied*")
    assert visit.complaints == []


async def test_sign_in_form_leads_to_the_application(served: Served, visitor: Visitor, elsewhere: Elsewhere) -> None:
    """Straight from the login form, where there is nothing to consent to; so does its button to cancel."""
    visit, callback = await visitor(), f"{elsewhere.origin}/callback"
    client = await served.tenant.application(redirect_uris=(callback,))
    url = f"{served.origin}/oauth/authorize?{urlencode(authorization(client, redirect_uri=callback))}"
    await visit.page.goto(url)
    await visit.page.get_by_role("button", name="Cancel and go back").press("Enter")
    await visit.page.wait_for_url(f"{callback}?error=access_denied*")
    await visit.page.goto(url)
    await type_in(visit.page, USER_NAME, PASSWORD)
    await visit.page.wait_for_url(f"{callback}?code=*")
    assert visit.complaints == []


async def test_form_from_another_site_is_refused(served: Served, visitor: Visitor, elsewhere: Elsewhere) -> None:
    """A stranger's page cannot sign the browser in: Chromium says where the form comes from."""
    page = (await visitor()).page
    await page.goto(f"{served.origin}/ui/login")
    fields = hidden(await page.content()) | {"user_name": USER_NAME, "password": PASSWORD}
    elsewhere.html = form_to(f"{served.origin}/ui/login", fields)
    await page.goto(elsewhere.origin)
    await page.get_by_role("button").click()
    await expect(page.get_by_role("heading", name="This form was not accepted")).to_be_visible()


async def test_form_post_of_an_application_finds_the_session(
    served: Served, visitor: Visitor, elsewhere: Elsewhere
) -> None:
    """An authorization request by cross-site POST is led through GET, where the Lax cookie is sent."""
    page, callback = (await visitor()).page, f"{elsewhere.origin}/callback"
    client = await served.tenant.application(redirect_uris=(callback,))
    await page.goto(served.origin)
    await type_in(page, USER_NAME, PASSWORD)
    await expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    silent = authorization(client, redirect_uri=callback, prompt="none")
    elsewhere.html = form_to(f"{served.origin}/oauth/authorize", silent)
    await page.goto(elsewhere.origin)
    await page.get_by_role("button").click()
    await page.wait_for_url(f"{callback}?code=*")


async def test_page_cannot_be_framed(served: Served, visitor: Visitor, elsewhere: Elsewhere) -> None:
    """Clickjacking finds nothing to click."""
    visit = await visitor()
    elsewhere.html = f'<iframe src="{served.origin}/ui/login"></iframe>'
    await visit.page.goto(elsewhere.origin)
    await expect(visit.page.frame_locator("iframe").get_by_label("Password")).to_have_count(0)
    assert any("frame-ancestors" in complaint for complaint in visit.complaints), visit.complaints


async def register(page: Page) -> None:
    """On the page for a new account: fill it in, as somebody does who has no mouse."""
    await expect(page.get_by_label("E-mail address")).to_be_focused()
    for text in ("grace@example.com", "Grace", "Hopper", ""):
        await page.keyboard.type(text)
        await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")


Seen = Callable[[Page, str], Awaitable[None]]


async def tour(served: Served, visit: Visit, seen: Seen) -> None:
    """Show every page to ``seen``, with a name for it."""
    page = visit.page
    await served.tenant.do("SetDefaultLoginPolicy", registration_allowed=True)
    await page.goto(await request_url(served))
    await seen(page, "login")
    await page.goto(f"{served.origin}/ui/register")
    await seen(page, "register")
    await register(page)
    await page.get_by_label("Code").wait_for()
    await seen(page, "verify-registration")
    await page.goto(await request_url(served))
    await type_in(page, USER_NAME, "not the password")
    await page.get_by_role("alert").wait_for()
    await seen(page, "login-wrong")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/ui/consent**")
    await seen(page, "consent")
    for name in ("account", "access", "password", "logout", "nowhere"):
        await page.goto(f"{served.origin}/ui/{name}")
        await seen(page, name)
    for name in ("forgotten-password", "verify-email", "reset-password", "invitation"):
        await page.goto(f"{served.origin}/ui/{name}?user=nobody&login=nobody&code=BCDFGHJK")
        await seen(page, name)
    await page.goto(f"{served.origin}/ui/invitation")
    await seen(page, "broken-link")
    await page.goto(f"{served.origin}/oauth/authorize?client_id=nobody")
    await seen(page, "error")
    await page.goto(await strangers_url(served))
    await seen(page, "stranger")
    await page.goto(served.origin.replace("localhost", "127.0.0.1"))
    await seen(page, "insecure")
    await page.goto(f"{served.origin}/ui/logout")
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/ui/signed-out")
    await seen(page, "signed-out")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("name", "size"), [("desktop", DESKTOP), ("phone", PHONE)])
async def test_pages_are_photographed(
    served: Served, visitor: Visitor, scheme: str, name: str, size: dict[str, int]
) -> None:
    """Into build/screenshots, for people to look at; no page needs to be moved sideways."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    visit = await visitor(color_scheme=scheme, viewport=size, script=True)

    async def photograph(page: Page, title: str) -> None:
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.screenshot(path=SCREENSHOTS / f"{title}-{scheme}-{name}.png", full_page=True)

    await tour(served, visit, photograph)
    assert visit.complaints == []


@pytest.mark.parametrize("size", [ENLARGED, NARROW])
async def test_enlarged_pages_stay_whole(served: Served, visitor: Visitor, size: dict[str, int]) -> None:
    """WCAG 2.2, 1.4.4 and 1.4.10: nothing is cut off or needs scrolling in two directions."""
    visit = await visitor(viewport=size, script=True)

    async def fits(page: Page, title: str) -> None:
        wide = "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
        assert await page.evaluate(f"{wide}.map(e => e.outerHTML)") == [], title
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), title

    await tour(served, visit, fits)


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: run npm ci in tests/e2e/node")
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_are_accessible(served: Served, visitor: Visitor, scheme: str) -> None:
    """axe-core finds nothing against WCAG 2.2 AA and its best practices, colour contrast included."""
    visit = await visitor(color_scheme=scheme, script=True)
    found: dict[str, object] = {}

    async def examine(page: Page, title: str) -> None:
        await page.evaluate(AXE.read_text(encoding="utf-8"))  # by the debugger, past the page's policy
        run = f"axe.run({{runOnly: {WCAG}}}).then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
        if violations := await page.evaluate(run):
            found[title] = violations

    await tour(served, visit, examine)
    assert found == {}
