"""Sign-in by a directory, in a browser that keeps cookies: the page for name and password, and what it says."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from hexkeep.core.idpintent.passwords import PER_NAME_AND_PLACE
from hexkeep.testing.idp import Account
from hexkeep.testing.idp_password import PASSWORD, PasswordMisbehaviour
from tests.fakes.directory import READER_PASSWORD, Directory, directory
from tests.unit.adapters.site import ORIGIN, Site, Tenant, answered, authorization, hidden, running_site, sign_in

NAME = "Northwind directory"
PAGE, LINK = "/ui/idp/password", "/ui/idp/link"
SAME_ORIGIN = {"origin": ORIGIN}


@dataclass
class Nearby:
    """A site with one directory that is offered, and Ada in it."""

    site: Site
    tenant: Tenant
    upstream: Directory
    provider_id: str

    @property
    def page(self) -> str:
        """Where name and password are given."""
        return f"{PAGE}?provider={self.provider_id}"

    def browser(self) -> httpx.AsyncClient:
        """A browser with cookies of its own."""
        return self.site.browser()


@pytest.fixture
async def nearby() -> AsyncIterator[Nearby]:
    """People who come for the first time get an account."""
    async with directory() as upstream, running_site(outbound=upstream) as site:
        upstream.hold(Account(user_name="countess"), PASSWORD)
        tenant = await site.tenant()
        settings = {**upstream.settings, "auto_creation": True, "creation_allowed": True, "linking_allowed": True}
        made = await tenant.do("CreateInstanceLdapIdentityProvider", name=NAME, **settings)
        provider_id = str(made["identity_provider_id"])
        await tenant.do("SetDefaultLoginProviders", identity_provider_ids=(provider_id,))
        yield Nearby(site, tenant, upstream, provider_id)


async def given(
    browser: httpx.AsyncClient, page: str, name: str = "countess", password: str = PASSWORD
) -> httpx.Response:
    """Fill the page in and send it."""
    fields = hidden((await browser.get(page)).text)
    return await browser.post(PAGE, data={**fields, "user_name": name, "password": password}, headers=SAME_ORIGIN)


async def test_button_leads_to_the_page_and_back_to_the_application(nearby: Nearby) -> None:
    """From the application over the page to an account and back with a code; the second time it is the same account."""
    client = await nearby.tenant.application()
    subjects = set()
    for _ in range(2):
        async with nearby.browser() as browser:
            began = await browser.get("/oauth/authorize", params=authorization(client))
            shown = (await browser.get(began.headers["location"])).text
            button = shown.partition('<a class="button quiet" href="')[2].partition('"')[0].replace("&amp;", "&")
            led = await browser.get(button)
            assert led.headers["location"].startswith(nearby.page)
            assert NAME in (await browser.get(led.headers["location"])).text
            back = await given(browser, led.headers["location"])
            assert "code" in answered(back.headers["location"])
            subjects.add((await browser.get("/ui/account")).text.partition("countess")[1])
    assert subjects == {"countess"}
    users: Any = (await nearby.tenant.do("ListUsers", organization_id=nearby.tenant.organization_id))["users"]
    assert sorted(one.user_name for one in users) == ["ada", "countess"]


async def test_name_and_organization_come_along(nearby: Nearby) -> None:
    """The name that led here is filled in, and other ways to sign in are those of the same people."""
    acme = str((await nearby.tenant.do("CreateOrganization", name="Acme"))["organization_id"])
    await nearby.tenant.do("SetDefaultDomainPolicy", validate_organization_domains=False)
    await nearby.tenant.do("AddOrganizationDomain", organization_id=acme, domain="acme.example")
    takes = {"identity_provider_id": nearby.provider_id, "email_domains": ("acme.example",)}
    await nearby.tenant.do("UpdateInstanceLdapIdentityProvider", **takes)
    async with nearby.browser() as browser:
        login = hidden((await browser.get("/ui/login")).text)
        form = {**login, "user_name": "grace@acme.example", "decision": "discover"}
        led = await browser.post("/ui/login", data=form, headers=SAME_ORIGIN)
        shown = (await browser.get(led.headers["location"])).text
        assert 'value="grace@acme.example"' in shown
        assert f'href="/ui/login?organization={acme}"' in shown
        fields = {**hidden(shown), "user_name": "grace@acme.example", "password": "wrong"}
        again = await browser.post(f"{PAGE}?organization={acme}", data=fields, headers=SAME_ORIGIN)
        assert again.status_code == 403
        assert f"organization={acme}" in again.text


async def test_wrong_name_and_wrong_password_read_the_same(nearby: Nearby) -> None:
    """Text, status and headers tell nobody who is there."""
    async with nearby.browser() as browser:
        answers = [
            await given(browser, nearby.page, name, password)
            for name, password in (("countess", "wrong"), ("nobody-0", "wrong"))
        ]
    told = [one.text.replace("countess", "nobody-0") for one in answers]
    assert told[0] == told[1]
    assert [one.status_code for one in answers] == [403, 403]
    assert "or the password is wrong" in told[0]
    assert {name: value for name, value in answers[0].headers.items() if name != "content-length"}.keys() == {
        name: value for name, value in answers[1].headers.items() if name != "content-length"
    }.keys()


async def test_guesses_end_with_the_time_to_wait(nearby: Nearby) -> None:
    """The page says how long, and so does the header; the directory is not asked meanwhile."""
    async with nearby.browser() as browser:
        for _ in range(PER_NAME_AND_PLACE):
            assert (await given(browser, nearby.page, password="wrong")).status_code == 403
        before = len(nearby.upstream.tried)
        limited = await given(browser, nearby.page)
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "900")
    assert "Wait 15 minutes" in limited.text
    assert len(nearby.upstream.tried) == before


async def test_page_says_what_a_person_can_do(nearby: Nearby) -> None:
    """What is missing, and that the directory does not answer; the name stays, the password does not."""
    async with nearby.browser() as browser:
        empty = await given(browser, nearby.page, password="")
        assert empty.status_code == 400
        assert "Enter your user name and your password" in empty.text
        nearby.upstream.misbehave(PasswordMisbehaviour.UNREACHABLE)
        gone = await given(browser, nearby.page)
    assert gone.status_code == 503
    assert int(gone.headers["retry-after"]) > 0
    assert f"{NAME} does not answer" in gone.text
    assert 'value="countess"' in gone.text
    assert PASSWORD not in gone.text


async def test_nothing_is_taken_from_other_sites(nearby: Nearby) -> None:
    """A form without this browser's token, or from another origin, signs nobody in."""
    async with nearby.browser() as browser:
        fields = hidden((await browser.get(nearby.page)).text)
        form = {**fields, "user_name": "countess", "password": PASSWORD}
        for headers, data in (
            ({"origin": "https://evil.example"}, form),
            ({**SAME_ORIGIN, "sec-fetch-site": "cross-site"}, form),
            (SAME_ORIGIN, {**form, "csrf": "x" * 43}),
        ):
            refused = await browser.post(PAGE, data=data, headers=headers)
            assert refused.status_code == 403
            assert "form_refused" in refused.text
    assert nearby.upstream.tried == []


@pytest.mark.parametrize("provider", ["", "nobody", "https://evil.example"])
async def test_page_is_for_directories_that_are_offered(nearby: Nearby, provider: str) -> None:
    """Nobody is asked for a password in the name of a provider that is none, or has a page of its own."""
    settings = {"issuer": "https://login.example.net", "client_id": "hexkeep", "client_secret": "secret"}
    made = await nearby.tenant.do("CreateInstanceOidcIdentityProvider", name="Elsewhere", **settings)
    offered = (nearby.provider_id, str(made["identity_provider_id"]))
    await nearby.tenant.do("SetDefaultLoginProviders", identity_provider_ids=offered)
    async with nearby.browser() as browser:
        for one in (provider, offered[1]):
            answer = await browser.get(PAGE, params={"provider": one})
            assert answer.status_code == 409
            assert "idp_not_offered" in answer.text


async def begun(nearby: Nearby, browser: httpx.AsyncClient) -> str:
    """The page on which somebody who is signed in gives name and password of the account that is to be linked."""
    await sign_in(browser)
    page = await browser.get("/ui/access")
    assert f"Link {NAME}" in page.text
    form = {"csrf": browser.cookies["__Host-hexkeep-csrf"], "provider": nearby.provider_id}
    led = await browser.post("/ui/access", data=form, headers=SAME_ORIGIN)
    return led.headers["location"]


async def sent(
    browser: httpx.AsyncClient, page: str, name: str = "countess", password: str = PASSWORD, **more: str
) -> httpx.Response:
    """Fill that page in and send it."""
    form = {**hidden((await browser.get(page)).text), "user_name": name, "password": password, **more}
    return await browser.post(LINK, data=form, headers=SAME_ORIGIN)


async def test_person_links_an_account_of_the_directory(nearby: Nearby) -> None:
    """After a mistyped password; with a word on the page of sessions, and by it from then on."""
    async with nearby.browser() as browser:
        page = await begun(nearby, browser)
        assert page == f"{LINK}?provider={nearby.provider_id}"
        shown = (await browser.get(page)).text
        assert f"<h1>Link {NAME}</h1>" in shown
        wrong = await sent(browser, page, password="wrong")
        assert (wrong.status_code, "or the password is wrong" in wrong.text) == (403, True)
        assert 'value="countess"' in wrong.text
        missing = await sent(browser, page, password="")
        assert (missing.status_code, "Enter your user name" in missing.text) == (400, True)
        forged = await sent(browser, page, csrf="x" * 43)
        assert (forged.status_code, "form_refused" in forged.text) == (403, True)
        done = await sent(browser, page)
        after = (await browser.get(done.headers["location"])).text
        assert "signs you in from now on" in after
        assert f"Unlink: {NAME}" in after
        assert f"Link {NAME}" not in after
    async with nearby.browser() as browser:
        assert (await given(browser, nearby.page)).headers["location"] == "/ui/account"
        assert "Ada" in (await browser.get("/ui/account")).text


async def test_account_of_somebody_else_stays_theirs(nearby: Nearby) -> None:
    """Whose it is, is not told."""
    async with nearby.browser() as browser:
        await given(browser, nearby.page)
    async with nearby.browser() as browser:
        done = await sent(browser, await begun(nearby, browser))
        assert "signs somebody else in" in (await browser.get(done.headers["location"])).text


async def test_who_is_not_signed_in_links_nothing(nearby: Nearby) -> None:
    """Nor does a guess too many, which the page says as the sign-in page does; no directory hears of either."""
    async with nearby.browser() as browser:
        page = await begun(nearby, browser)
        for _ in range(PER_NAME_AND_PLACE):
            assert (await sent(browser, page, password="wrong")).status_code == 403
        before = len(nearby.upstream.tried)
        limited = await sent(browser, page)
        assert (limited.status_code, limited.headers["retry-after"]) == (429, "900")
        form = {**hidden((await browser.get(page)).text), "user_name": "countess", "password": PASSWORD}
        del browser.cookies["__Host-hexkeep-session"]
        assert (await browser.get(page)).headers["location"] == "/ui/login"
        assert (await browser.post(LINK, data=form, headers=SAME_ORIGIN)).headers["location"] == "/ui/login"
    assert len(nearby.upstream.tried) == before


async def test_log_holds_neither_names_nor_passwords(nearby: Nearby, caplog: pytest.LogCaptureFixture) -> None:
    """The operator reads which provider refused, and one word."""
    caplog.set_level("DEBUG")
    async with nearby.browser() as browser:
        await given(browser, nearby.page, "nobody-there", "swordfish")
        await given(browser, nearby.page)
    said = "\n".join(one.getMessage() for one in caplog.records if one.name.startswith("hexkeep"))
    assert f"{nearby.provider_id} failed: idp_refused (no_entry)" in said
    assert [one for one in ("nobody-there", "swordfish", PASSWORD, READER_PASSWORD, "countess") if one in said] == []


async def test_domain_leads_to_the_directory_of_an_organization(nearby: Nearby) -> None:
    """Its page is for the people of that organization, from the first look to the account."""
    do = nearby.tenant.do
    acme = str((await do("CreateOrganization", name="Acme"))["organization_id"])
    await do("SetDefaultDomainPolicy", validate_organization_domains=False)
    await do("AddOrganizationDomain", organization_id=acme, domain="acme.example")
    chosen = {"organization_id": acme, "name": "Acme directory", "email_domains": ("acme.example",)}
    settings = {**nearby.upstream.settings, "auto_creation": True}
    provider_id = (await do("CreateLdapIdentityProvider", **chosen, **settings))["identity_provider_id"]
    await do("SetLoginProviders", organization_id=acme, identity_provider_ids=(provider_id,))
    async with nearby.browser() as browser:
        fields = {**hidden((await browser.get("/ui/login")).text), "decision": "discover"}
        named = {**fields, "user_name": "countess@acme.example"}
        led = (await browser.post("/ui/login", data=named, headers=SAME_ORIGIN)).headers["location"]
        assert led == f"{PAGE}?provider={provider_id}&organization={acme}&login_hint=countess%40acme.example"
        shown = (await browser.get(led)).text
        assert "Acme directory" in shown
        action = shown.partition('<form method="post" action="')[2].partition('"')[0]
        person = {**hidden(shown), "user_name": "countess", "password": PASSWORD}
        back = await browser.post(action, data=person, headers=SAME_ORIGIN)
        assert back.headers["location"] == "/ui/account"
