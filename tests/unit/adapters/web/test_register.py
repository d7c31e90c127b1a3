"""The pages on which people make accounts for themselves."""

import re

import httpx
import pytest

from hexkeep.core.userregistration.commands import PER_ADDRESS
from hexkeep.testing.jose import claims_of
from tests.mailbox import Message
from tests.unit.adapters.site import PASSWORD, USER_NAME, Site, Tenant, answered, authorization, hidden, redeem, sign_in

NEWCOMER = {"email": "grace@example.com", "given_name": "Grace", "family_name": "Hopper", "password": PASSWORD}
NOT_VALID = "This link or code is not valid, or not any more. Ask for another one"


@pytest.fixture
async def open_tenant(tenant: Tenant) -> Tenant:
    """An instance in which people may make accounts."""
    await tenant.do("SetDefaultLoginPolicy", registration_allowed=True)
    return tenant


async def filled_in(browser: httpx.AsyncClient, page: str = "/ui/register", **changes: str) -> httpx.Response:
    """Fill the form in as a person does."""
    shown = await browser.get(page)
    assert shown.status_code == 200, shown.text
    return await browser.post(page, data={**hidden(shown.text), **NEWCOMER, **changes})


async def proven(browser: httpx.AsyncClient, shown: httpx.Response, code: str, **changes: str) -> httpx.Response:
    """Enter the code and the password on the page that was shown."""
    fields = {**hidden(shown.text), "code": code, "password": PASSWORD, **changes}
    return await browser.post("/ui/verify-registration", data=fields)


async def mailed(site: Site) -> Message:
    """The mail with the code."""
    return await site.mail.next("register_user")


async def test_newcomer_whom_no_application_sends_goes_where_the_policy_says(
    site: Site, browser: httpx.AsyncClient, open_tenant: Tenant
) -> None:
    """By a page that leads there: browsers hold the policy of the form that makes the account against redirects."""
    await open_tenant.do("SetDefaultLoginPolicy", default_redirect="https://start.example.com/home")
    asked = await filled_in(browser)
    assert asked.headers["content-security-policy"].endswith("form-action 'self'")
    done = await proven(browser, asked, (await mailed(site)).values["code"])
    assert (done.status_code, done.headers["location"]) == (200, "https://start.example.com/home")


async def test_newcomer_comes_back_to_the_application(
    site: Site, browser: httpx.AsyncClient, open_tenant: Tenant
) -> None:
    """By `prompt=create`, with the hinted address filled in: form, mail, code, and then a code for the application."""
    client = await open_tenant.application(name="Shop & <i>Co</i>")
    wanted = authorization(client, prompt="create", login_hint="grace@example.com", scope="openid email")
    page = (await browser.get("/oauth/authorize", params=wanted)).headers["location"]
    shown = await browser.get(page)
    assert 'value="grace@example.com"' in shown.text
    assert "Shop &amp; &lt;i&gt;Co&lt;/i&gt;" in shown.text
    asked = await filled_in(browser, page)
    done = await proven(browser, asked, (await mailed(site)).values["code"])
    tokens = (await redeem(browser, client, answered(done.headers["location"])["code"])).json()
    told = await browser.get("/oidc/userinfo", headers={"authorization": f"Bearer {tokens['access_token']}"})
    assert (told.json()["email"], told.json()["email_verified"]) == ("grace@example.com", True)
    async with site.browser() as later:
        assert (await sign_in(later, user_name="grace@example.com")).status_code == 303


async def test_newcomer_belongs_to_the_organization_that_is_meant(
    site: Site, browser: httpx.AsyncClient, tenant: Tenant
) -> None:
    """By its scope: its login policy lets people in, whatever that of the default one says, and the page names it."""
    other = str((await tenant.do("CreateOrganization", name="Contoso & Sons"))["organization_id"])
    await tenant.do("SetLoginPolicy", organization_id=other, registration_allowed=True)
    client, scope = await tenant.application(), f"openid urn:hexkeep:organization:id:{other}"
    page = (await browser.get("/oauth/authorize", params=authorization(client, scope=scope))).headers["location"]
    [register] = re.findall(r'href="(/ui/register\?request=[^"]+)"', (await browser.get(page)).text)
    assert "The account will belong to Contoso &amp; Sons." in (await browser.get(register)).text
    asked = await filled_in(browser, register)
    done = await proven(browser, asked, (await mailed(site)).values["code"])
    tokens = (await redeem(browser, client, answered(done.headers["location"])["code"])).json()
    assert claims_of(tokens["id_token"])["urn:hexkeep:organization:id"] == other
    everybody = (await browser.get("/oauth/authorize", params=authorization(client))).headers["location"]
    assert "/ui/register" not in (await browser.get(everybody)).text


async def test_link_in_the_mail_goes_on_in_the_same_browser(
    site: Site, browser: httpx.AsyncClient, open_tenant: Tenant
) -> None:
    """Opening it does nothing. In another browser it makes the account, and ends there."""
    wanted = authorization(await open_tenant.application(), prompt="create")
    page = (await browser.get("/oauth/authorize", params=wanted)).headers["location"]
    await filled_in(browser, page)
    mail = await mailed(site)
    shown = await browser.get(mail.values["link"])
    assert f'value="{mail.values["code"]}"' in shown.text
    assert "code" in answered((await proven(browser, shown, mail.values["code"])).headers["location"])
    async with site.browser() as phone:
        await filled_in(browser, email="mary@example.com")
        mail = await mailed(site)
        done = await proven(phone, await phone.get(mail.values["link"]), mail.values["code"])
        assert done.headers["location"] == "/ui/account"


async def test_the_answer_is_the_same_for_who_is_known(
    site: Site, browser: httpx.AsyncClient, open_tenant: Tenant
) -> None:
    """Byte for byte but for the id, and so is a code that is wrong; the mail alone tells."""
    unknown = await filled_in(browser)
    known = await filled_in(browser, user_name=USER_NAME)
    fields = [hidden(one.text) for one in (unknown, known)]
    assert unknown.text == known.text.replace(fields[1]["user"], fields[0]["user"])
    refused = [await proven(browser, one, "ZZZZZZZZ") for one in (unknown, known)]
    assert [one.status_code for one in refused] == [400, 400]
    assert refused[0].text == refused[1].text.replace(fields[1]["user"], fields[0]["user"])
    mail = await site.mail.next("account_exists")
    assert (mail.to, mail.values["link"]) == ("grace@example.com", "https://id.example.com/ui/login")


async def test_signed_in_person_is_replaced_by_the_newcomer(
    site: Site, browser: httpx.AsyncClient, open_tenant: Tenant
) -> None:
    """The session of before ends."""
    await sign_in(browser)
    before = browser.cookies["__Host-hexkeep-session"]
    asked = await filled_in(browser)
    done = await proven(browser, asked, (await mailed(site)).values["code"])
    assert done.headers["location"] == "/ui/account"
    assert "Grace Hopper" in (await browser.get("/ui/account")).text
    browser.cookies.set("__Host-hexkeep-session", before, domain="id.example.com")
    assert (await browser.get("/ui/account")).headers["location"] == "/ui/login"


async def test_nobody_registers_where_it_is_not_allowed(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """No link, no page, and no account for who sends the form all the same."""
    login = await browser.get("/ui/login")
    assert "Create an account" not in login.text
    assert (await browser.get("/ui/register")).headers["location"] == "/ui/login"
    forced = await browser.post("/ui/register", data={**hidden(login.text), **NEWCOMER})
    assert forced.status_code == 403
    await tenant.do("SetDefaultLoginPolicy", registration_allowed=True)
    assert 'href="/ui/register">Create an account' in (await browser.get("/ui/login")).text


@pytest.mark.parametrize(
    ("changes", "problem", "faults"),
    [
        (
            {"given_name": " "},
            "Enter your e-mail address, your given name and a password",
            ["email", "given_name", "password"],
        ),
        ({"email": "nowhere"}, "E-mail address is too long or malformed", ["email"]),
        ({"user_name": "two words"}, "User name is too long or malformed", ["user_name"]),
        ({"password": "short"}, "Password must have 8 to 128 characters", ["password"]),
        ({"password": "grace-is-great"}, "Password must not contain the user&#39;s name", ["password"]),
        ({"preferred_language": "<script>"}, "Language of our messages to you is too long or malformed", []),
    ],
    ids=str,
)
async def test_what_is_wrong_is_said_at_its_field(
    browser: httpx.AsyncClient, open_tenant: Tenant, changes: dict[str, str], problem: str, faults: list[str]
) -> None:
    """What was filled in stays, except the password."""
    refused = await filled_in(browser, **changes)
    assert refused.status_code == 400
    assert f">{problem}<" in refused.text
    assert re.findall(r'<input id="([a-z_]+)"[^>]*aria-invalid', refused.text) == faults
    assert 'value="Hopper"' in refused.text
    assert PASSWORD not in refused.text


async def test_markup_in_names_stays_text(site: Site, browser: httpx.AsyncClient, open_tenant: Tenant) -> None:
    """On the form that is shown again, and on the account page."""
    name = "<img src=x onerror=alert(1)>"
    refused = await filled_in(browser, given_name=name, password="short")
    asked = await filled_in(browser, given_name=name)
    await proven(browser, asked, (await mailed(site)).values["code"])
    account = await browser.get("/ui/account")
    for page in (refused, asked, account):
        assert "<img src=x" not in page.text
    assert "&lt;img src=x onerror=alert(1)&gt;" in account.text


@pytest.mark.parametrize("path", ["/ui/register", "/ui/verify-registration"])
async def test_forms_of_other_sites_are_refused(browser: httpx.AsyncClient, open_tenant: Tenant, path: str) -> None:
    """Neither begins an account nor signs the browser in to one that a stranger has made."""
    form = {**hidden((await browser.get("/ui/register")).text), **NEWCOMER, "user": "x", "code": "BCDFGHJK"}
    foreign = await browser.post(path, data=form, headers={"origin": "https://evil.example.com"})
    forged = await browser.post(path, data={**form, "csrf": "x" * 43})
    assert (foreign.status_code, forged.status_code) == (403, 403)


async def test_code_is_good_for_who_knows_the_password(
    site: Site, browser: httpx.AsyncClient, open_tenant: Tenant
) -> None:
    """A wrong password, nothing, a wrong code and an incomplete link say what they are; the right ones still work."""
    asked = await filled_in(browser)
    code = (await mailed(site)).values["code"]
    assert "not the password that you have chosen" in (await proven(browser, asked, code, password="another one")).text
    assert "Enter the code from the message" in (await proven(browser, asked, "")).text
    assert NOT_VALID in (await proven(browser, asked, "ZZZZZZZZ")).text
    assert NOT_VALID in (await proven(browser, asked, code, user="<script>")).text
    assert "This link is not complete" in (await browser.get("/ui/verify-registration")).text
    assert (await proven(browser, asked, code)).status_code == 303
    assert NOT_VALID in (await proven(browser, asked, code)).text


async def test_wishes_are_limited(browser: httpx.AsyncClient, open_tenant: Tenant) -> None:
    """One mailbox is not filled, and the page says how long to wait."""
    for _ in range(PER_ADDRESS):
        assert (await filled_in(browser)).status_code == 200
    refused = await filled_in(browser)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3600")
    assert "Wait 60 minutes" in refused.text


async def test_form_follows_the_instance(browser: httpx.AsyncClient, open_tenant: Tenant) -> None:
    """Terms are shown where there are any; languages that may be used, the browser's first."""
    shown = await browser.get("/ui/register", headers={"accept-language": "fr, de-CH;q=0.8, en;q=0.5"})
    assert '<option value="de" lang="de" selected>Deutsch' in shown.text
    assert "you agree" not in shown.text
    await open_tenant.do("SetDefaultPrivacyPolicy", terms_link="https://example.com/terms")
    await open_tenant.do("SetRestrictions", allowed_languages=("en",))
    shown = await browser.get("/ui/register", headers={"accept-language": "de;q=x"})
    assert "<select" not in shown.text
    assert "you agree" in shown.text
    assert shown.text.count('href="https://example.com/terms"') == 2


async def test_person_goes_back_or_signs_in_instead(browser: httpx.AsyncClient, open_tenant: Tenant) -> None:
    """The application hears `access_denied`; who has an account goes on with that."""
    wanted = authorization(await open_tenant.application(), prompt="create")
    page = (await browser.get("/oauth/authorize", params=wanted)).headers["location"]
    shown = await browser.get(page)
    [login] = re.findall(r'href="(/ui/login\?request=[^"]+)"', shown.text)
    assert "code" in answered((await sign_in(browser, login)).headers["location"])
    page = (await browser.get("/oauth/authorize", params=wanted)).headers["location"]
    cancelled = await browser.post(page, data={**hidden((await browser.get(page)).text), "decision": "cancel"})
    assert answered(cancelled.headers["location"])["error"] == "access_denied"
