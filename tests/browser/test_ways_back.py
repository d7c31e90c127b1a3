"""How a person gets back to an application in Chromium: by a posted form, as the account that was chosen."""

from urllib.parse import urlencode, urlsplit

import pytest
from playwright.async_api import Request, Route, expect

from tests.browser.chromium import SHARING
from tests.browser.conftest import SCREENSHOTS, Elsewhere, Served, Visitor, looked_at
from tests.browser.person import expect_heading, sign_in
from tests.unit.adapters.site import PASSWORD, USER_NAME, authorization

pytestmark = SHARING

CLIENT_PAGES = {"client_uri": "https://app.example.com/", "policy_uri": "https://app.example.com/privacy"}


@pytest.mark.parametrize("script", [False, True])
async def test_answer_is_posted_by_script_or_by_its_button(
    served: Served, visitor: Visitor, elsewhere: Elsewhere, *, script: bool
) -> None:
    """Straight from the login form; the policy lets the one script run, and the application's callback lead on.

    Chromium holds ``form-action`` against every redirect that follows a form, also those of others.
    """
    visit, callback = await visitor(script=script), f"{elsewhere.origin}/callback"
    elsewhere.sends_on = True
    client = await served.tenant.application(redirect_uris=(callback,))
    params = authorization(client, redirect_uri=callback, response_mode="form_post")
    await visit.page.goto(f"{served.origin}/oauth/authorize?{urlencode(params)}")
    await sign_in(visit.page, USER_NAME, PASSWORD)
    if not script:
        await expect_heading(visit.page, "Going back to the application")
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        await visit.page.screenshot(path=SCREENSHOTS / "form-post.png", full_page=True)
        await visit.page.get_by_role("button", name="Continue").press("Enter")
    await visit.page.wait_for_url(elsewhere.other)
    assert visit.complaints == []


async def test_forms_lead_to_applications_that_lead_on(served: Served, visitor: Visitor, elsewhere: Elsewhere) -> None:
    """Sign-in and sign-out by a page that goes on by itself: it tells the application nothing of where it comes from.

    Going back asks for the page of the form again, and sends nothing a second time.
    """
    visit, elsewhere.sends_on = await visitor(), True
    page, callback, bye = visit.page, f"{elsewhere.origin}/callback", f"{elsewhere.origin}/bye"
    client = await served.tenant.application(redirect_uris=(callback,), post_logout_redirect_uris=(bye,))
    sent: list[Request] = []

    def noted(request: Request) -> None:
        sent.append(request)

    page.on("request", noted)
    await page.goto(f"{served.origin}/oauth/authorize?{urlencode(authorization(client, redirect_uri=callback))}")
    await sign_in(page, USER_NAME, PASSWORD)
    await page.wait_for_url(elsewhere.other)
    await page.go_back()
    await expect_heading(page, "This sign-in is over")
    asked = urlencode({"client_id": client["client_id"], "post_logout_redirect_uri": bye})
    await page.goto(f"{served.origin}/oidc/logout?{asked}")
    await page.get_by_role("button", name="Sign out").press("Enter")
    await page.wait_for_url(elsewhere.other)
    assert [urlsplit(one.url).path for one in sent if one.method == "POST"] == ["/ui/login", "/ui/logout"]
    there = [one for one in sent if one.url.startswith((callback, bye))]
    assert ["referer" in await one.all_headers() for one in there] == [False, False]
    assert visit.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_page_that_leads_away_has_a_link_as_well(
    served: Served, visitor: Visitor, elsewhere: Elsewhere, scheme: str
) -> None:
    """For whoever's browser goes nowhere by itself; the page can be read by everybody meanwhile."""
    visit, callback = await visitor(color_scheme=scheme, script=True), f"{elsewhere.origin}/callback"
    client = await served.tenant.application(redirect_uris=(callback,))
    page = visit.page

    async def stay(route: Route) -> None:
        await route.fulfill(status=204)

    await page.route(f"{callback}?*", stay, times=1)
    await page.goto(f"{served.origin}/oauth/authorize?{urlencode(authorization(client, redirect_uri=callback))}")
    await sign_in(page, USER_NAME, PASSWORD)
    await expect_heading(page, "One moment")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Continue")).to_be_focused()
    await looked_at(page, f"leaving-{scheme}")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{callback}?code=*")
    assert [one for one in visit.complaints if not one.startswith(callback)] == []  # it went nowhere at first


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_person_chooses_an_account_with_the_keyboard(
    served: Served, visitor: Visitor, elsewhere: Elsewhere, scheme: str
) -> None:
    """From the consent page to the accounts, to one more account and back to the first; readable for everybody."""
    visit, callback = await visitor(color_scheme=scheme, script=True), f"{elsewhere.origin}/callback"
    page = visit.page
    user_name = f"grace.{scheme}"
    await served.tenant.user(user_name=user_name, email=f"{user_name}@example.com")
    client = await served.tenant.application(
        name="Northwind Travel Desk", consent_required=True, redirect_uris=(callback,), client_metadata=CLIENT_PAGES
    )
    url = f"{served.origin}/oauth/authorize?{urlencode(authorization(client, redirect_uri=callback))}"
    await page.goto(url)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await expect(page.get_by_role("link", name="How it uses what it learns")).to_be_visible()
    await page.screenshot(path=SCREENSHOTS / f"login-links-{scheme}.png", full_page=True)
    await sign_in(page, USER_NAME, PASSWORD)
    await expect(page.get_by_role("link", name="How it uses what it learns")).to_be_visible()
    await page.screenshot(path=SCREENSHOTS / f"consent-links-{scheme}.png", full_page=True)
    await page.get_by_role("link", name="Use another account").press("Enter")
    await expect_heading(page, "Choose an account")
    await page.get_by_role("link", name="Use another account").press("Enter")
    await sign_in(page, user_name, PASSWORD)
    await expect(page.get_by_text("You are signed in as Grace")).to_be_visible()
    await page.get_by_role("link", name="Use another account").press("Enter")
    await expect(page.get_by_role("button", name="Grace")).to_be_focused()
    await looked_at(page, f"accounts-{scheme}")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Ada Lovelace")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("You are signed in as Ada Lovelace")).to_be_visible()
    await page.get_by_role("button", name="Allow", exact=True).press("Enter")
    await page.wait_for_url(f"{callback}?code=*")
    await page.goto(f"{served.origin}/oidc/logout?client_id={client['client_id']}")
    await expect(page.get_by_text("You are signed in as Ada Lovelace.")).to_be_visible()
    await expect(page.get_by_role("button", name="Sign out everybody")).to_have_accessible_description(
        "Also signed in here: Grace."
    )
    await looked_at(page, f"logout-one-of-many-{scheme}")
    await page.get_by_role("button", name="Sign out Ada Lovelace").press("Enter")
    await expect(page.get_by_text("Still signed in here: Grace.")).to_be_visible()
    await looked_at(page, f"signed-out-one-of-many-{scheme}")
    await page.get_by_role("button", name="Sign them out too").press("Enter")
    await expect(page.get_by_text("Still signed in")).to_have_count(0)
    assert visit.complaints == []
