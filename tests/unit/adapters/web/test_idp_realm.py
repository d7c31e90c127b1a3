"""Pages around identity providers: where a domain leads, what the policy leaves, linking, signing out, other hosts."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote_to_bytes, urlencode

import httpx
import pytest

from hexkeep.adapters.asgi.types import Receive, Scope, Send
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.oidc.discovery import END_SESSION
from hexkeep.ports.api import Meta, System
from hexkeep.testing.idp import Account, Misbehaviour
from hexkeep.testing.idp_oidc import CLIENT_ID, CLIENT_SECRET, ISSUER, OidcUpstream
from tests.unit.adapters.site import AFTER_LOGOUT, ORIGIN, Site, answered, authorization, hidden, running_site, sign_in
from tests.unit.adapters.web.test_idp import SAME_ORIGIN, Elsewhere, came_back, elsewhere, gone, signed_in_again
from tests.waiting import until

__all__ = ["elsewhere"]
SHOP = "https://login.shop.example"
SIGNED_OUT = f"{ORIGIN}/ui/idp/signed-out"


@pytest.fixture
async def realm(elsewhere: Elsewhere) -> str:
    """An organization that holds a domain, whose own provider takes it, and where no password will do: its id."""
    do = elsewhere.tenant.do
    acme = str((await do("CreateOrganization", name="Acme"))["organization_id"])
    await do("SetDefaultDomainPolicy", validate_organization_domains=False)
    await do("AddOrganizationDomain", organization_id=acme, domain="acme.example")
    await do("SetLoginPolicy", organization_id=acme, password_allowed=False)
    settings = {"issuer": ISSUER, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    chosen = {"organization_id": acme, "name": "Acme login", "auto_creation": True, "email_domains": ("acme.example",)}
    made = await do("CreateOidcIdentityProvider", **chosen, **settings)
    await do("SetLoginProviders", organization_id=acme, identity_provider_ids=(made["identity_provider_id"],))
    return acme


async def discovered(browser: httpx.AsyncClient, name: str, page: str = "/ui/login") -> httpx.Response:
    """Somebody has given a name and wants to sign in with the organization."""
    form = {**hidden((await browser.get(page)).text), "user_name": name, "decision": "discover"}
    return await browser.post("/ui/login", data=form, headers=SAME_ORIGIN)


def onward(answer: httpx.Response) -> str:
    """Where a page that goes on by itself goes."""
    assert answer.status_code == 200, answer.text
    return answer.headers["refresh"].removeprefix("0; url=")


def back_at(url: str) -> str:
    """Where the provider sends the browser back to."""
    return answered(url)["redirect_uri"]


async def test_domain_leads_to_the_provider_and_back(elsewhere: Elsewhere, realm: str) -> None:
    """The name is handed on as a hint, and who comes back is one of the organization's people."""
    async with elsewhere.browser() as browser:
        url = onward(await discovered(browser, "grace@acme.example"))
        assert answered(url)["login_hint"] == "grace@acme.example"
        account = Account("sub-7", user_name="grace", email="grace@acme.example")
        back = await browser.get(back_at(url), params=await elsewhere.upstream.sign_in(url, account))
        assert back.headers["location"] == "/ui/account"
        shown = await browser.get("/ui/account")
        assert "grace@acme.example" in shown.text


@pytest.mark.parametrize("scope", ["openid", "openid urn:hexkeep:organization:id:{realm}"])
async def test_hint_leads_to_no_provider_of_an_organization_by_itself(
    elsewhere: Elsewhere, realm: str, scope: str
) -> None:
    """Its owner could write the link and have the browser signed in as themselves: the person presses a button."""
    client = await elsewhere.tenant.application()
    asked = authorization(client, login_hint="grace@acme.example", scope=scope.format(realm=realm))
    async with elsewhere.browser() as browser:
        began = await browser.get("/oauth/authorize", params=asked)
        shown = await browser.get(began.headers["location"])
        assert shown.status_code == 200
        assert 'value="grace@acme.example"' in shown.text
        url = onward(await discovered(browser, "grace@acme.example", began.headers["location"]))
        assert answered(url)["login_hint"] == "grace@acme.example"


async def test_hint_of_an_application_is_followed_at_once(elsewhere: Elsewhere) -> None:
    """To a provider of the instance, and to the application in the end; who comes back meanwhile may choose."""
    client = await elsewhere.tenant.application()
    takes = {"identity_provider_id": elsewhere.provider_id, "auto_creation": True, "email_domains": ("acme.example",)}
    await elsewhere.tenant.do("UpdateInstanceOidcIdentityProvider", **takes)
    asked = authorization(client, login_hint="grace@acme.example")
    async with elsewhere.browser() as browser:
        began = await browser.get("/oauth/authorize", params=asked)
        away = await browser.get(began.headers["location"])
        url = away.headers["location"]
        assert url.startswith(f"{ISSUER}/authorize?")
        shown = await browser.get(began.headers["location"])
        assert "Northwind login" in shown.text
        back = await browser.get(
            back_at(url),
            params=await elsewhere.upstream.sign_in(url, Account("sub-8", user_name="mary", email="mary@example.com")),
        )
        assert "code" in answered(back.headers["location"])


async def test_hint_to_a_provider_that_fails_leaves_other_ways(elsewhere: Elsewhere) -> None:
    """The page is no error: whoever has another way in uses it, and who presses the button reads what is wrong."""
    takes = {"identity_provider_id": elsewhere.provider_id, "email_domains": ("acme.example",)}
    await elsewhere.tenant.do("UpdateInstanceOidcIdentityProvider", **takes)
    asked = authorization(await elsewhere.tenant.application(), login_hint="grace@acme.example")
    elsewhere.upstream.pushes = True
    async with elsewhere.browser() as browser:
        began = await browser.get("/oauth/authorize", params=asked)
        elsewhere.upstream.misbehave(Misbehaviour.FAILS)
        shown = await browser.get(began.headers["location"])
        assert (shown.status_code, 'type="password"' in shown.text) == (200, True)
        elsewhere.upstream.misbehave(None)
        assert (await browser.get(began.headers["location"])).headers["location"].startswith(f"{ISSUER}/authorize?")


async def test_page_shows_what_the_policy_leaves(elsewhere: Elsewhere, realm: str) -> None:
    """No form for a password where none will do, but for who insists; where nothing else is there, one is."""
    async with elsewhere.browser() as browser:
        shown = (await browser.get("/ui/login", params={"organization": realm})).text
        assert "Acme login" in shown
        assert 'type="password"' not in shown
        assert "Northwind login" not in shown
        insisting = {"organization": realm, "by": "password"}
        assert 'type="password"' in (await browser.get("/ui/login", params=insisting)).text
        await elsewhere.tenant.do(
            "SetLoginPolicy",
            organization_id=realm,
            password_allowed=False,
            passwordless_allowed=False,
            external_allowed=False,
        )
        assert 'type="password"' in (await browser.get("/ui/login", params={"organization": realm})).text


@pytest.mark.parametrize("known", [True, False])
async def test_password_that_would_not_do_leads_to_what_does(elsewhere: Elsewhere, realm: str, *, known: bool) -> None:
    """The same page whether somebody has that name or not."""
    if known:
        await elsewhere.tenant.user(organization_id=realm, user_name="grace@acme.example")
    async with elsewhere.browser() as browser:
        refused = await sign_in(browser, user_name="grace@acme.example", password="anything at all")
        assert refused.status_code == 403
        assert "Acme login" in refused.text
        assert 'type="password"' not in refused.text


async def test_unknown_domain_stays_here(elsewhere: Elsewhere, realm: str) -> None:
    """It is said of the name, which stays in its field, and of no password; without a name that is asked for."""
    async with elsewhere.browser() as browser:
        answer = await discovered(browser, "grace@nowhere.example")
        assert answer.status_code == 400
        assert "no sign-in of its own" in answer.text
        assert 'value="grace@nowhere.example"' in answer.text
        assert _marked(answer.text) == ["user_name"]
        unnamed = await discovered(browser, "")
        assert unnamed.status_code == 400
        assert "Enter your e-mail address or user name first" in unnamed.text
        assert 'for="user_name">E-mail address or user name<' in unnamed.text
        assert _marked(unnamed.text) == ["user_name"]
        assert _marked((await sign_in(browser, password="wrong")).text) == ["user_name", "password"]


def _marked(page: str) -> list[str]:
    """The fields that the problem is said of, to everybody."""
    fields = re.findall(r'<input id="(\w+)"([^>]+)>', page)
    return [name for name, rest in fields if 'aria-invalid="true" aria-describedby="problem"' in rest]


async def linked(elsewhere: Elsewhere, browser: httpx.AsyncClient, account: Account) -> httpx.Response:
    """The person who is signed in has linked an account from the page of sessions."""
    page = await browser.get("/ui/access")
    assert "Link Northwind login" in page.text
    form = {"csrf": browser.cookies["__Host-hexkeep-csrf"], "provider": elsewhere.provider_id}
    url = onward(await browser.post("/ui/access", data=form, headers=SAME_ORIGIN))
    return await browser.get(back_at(url), params=await elsewhere.upstream.sign_in(url, account))


async def test_person_links_an_account_from_the_page_of_sessions(elsewhere: Elsewhere) -> None:
    """Back there with a word, and by it from then on; an account of somebody else's stays theirs."""
    other = await elsewhere.tenant.user()
    theirs = {"identity_provider_id": elsewhere.provider_id, "external_id": "sub-2", "user_id": other}
    await elsewhere.tenant.do("AddIdentityProviderLink", **theirs)
    async with elsewhere.browser() as browser:
        await sign_in(browser)
        taken = await linked(elsewhere, browser, Account("sub-2"))
        assert "signs somebody else in" in (await browser.get(taken.headers["location"])).text
        done = await linked(elsewhere, browser, Account("sub-1"))
        shown = (await browser.get(done.headers["location"])).text
        assert "signs you in from now on" in shown
        assert "Link Northwind login" not in shown
    async with elsewhere.browser() as browser:
        assert (await came_back(elsewhere, browser, Account("sub-1"))).headers["location"] == "/ui/account"


async def test_linking_takes_a_form_of_ours_and_the_session_that_began(elsewhere: Elsewhere) -> None:
    """Without the form's token nothing begins; who has signed out meanwhile links nothing."""
    async with elsewhere.browser() as browser:
        await sign_in(browser)
        forged = await browser.post("/ui/access", data={"provider": elsewhere.provider_id}, headers=SAME_ORIGIN)
        assert (forged.status_code, "refresh" in forged.headers) == (403, False)
        page = await browser.get("/ui/access")
        form = {**hidden(page.text), "provider": elsewhere.provider_id}
        url = onward(await browser.post("/ui/access", data=form, headers=SAME_ORIGIN))
        del browser.cookies["__Host-hexkeep-session"]
        back = await browser.get(back_at(url), params=await elsewhere.upstream.sign_in(url, Account("sub-1")))
        assert back.status_code == 401
        await sign_in(browser)
        assert "Link Northwind login" in (await browser.get("/ui/access")).text


async def test_only_way_in_stays(elsewhere: Elsewhere) -> None:
    """Who has nothing but the link keeps it, and reads why."""
    await elsewhere.tenant.do(
        "UpdateInstanceOidcIdentityProvider", identity_provider_id=elsewhere.provider_id, auto_creation=True
    )
    async with elsewhere.browser() as browser:
        await came_back(elsewhere, browser, Account("sub-9", user_name="mary", email="mary@example.com"))
        page = await browser.get("/ui/access")
        link = re.findall(r'name="link" value="([^"]+)"', page.text)[0]
        form = {"csrf": browser.cookies["__Host-hexkeep-csrf"], "link": link}
        await signed_in_again(elsewhere, browser, Account("sub-9"), form)
        answer = await browser.post("/ui/access", data=form, headers=SAME_ORIGIN)
        assert "no other way to sign in" in (await browser.get(answer.headers["location"])).text


async def test_sign_out_goes_by_the_provider(elsewhere: Elsewhere) -> None:
    """From our own page there and back to it; a state that is none leads there as well."""
    await elsewhere.tenant.do(
        "UpdateInstanceOidcIdentityProvider",
        identity_provider_id=elsewhere.provider_id,
        auto_creation=True,
        provider_logout=True,
    )
    async with elsewhere.browser() as browser:
        await came_back(elsewhere, browser, Account("sub-9", user_name="mary", email="mary@example.com"))
        form = hidden((await browser.get("/ui/logout")).text)
        url = onward(await browser.post("/ui/logout", data=form, headers=SAME_ORIGIN))
        assert answered(url)["post_logout_redirect_uri"] == SIGNED_OUT
        assert (await browser.get("/ui/account")).status_code == 303, "signed out here in any case"
        back = await browser.get(SIGNED_OUT, params=await elsewhere.upstream.sign_out(url))
        assert back.headers["location"] == "/ui/signed-out"
        again = await browser.get(SIGNED_OUT, params={"state": "https://evil.example"})
        assert again.headers["location"] == "/ui/signed-out"
        waiting = {"cookie": "__Host-hexkeep-signing-out=token"}
        late = await browser.get(SIGNED_OUT, params={"state": "gone"}, headers=waiting)
        assert late.headers["location"] == "/ui/signing-out", "service providers are still to be told"


async def test_what_a_provider_has_given_is_given_back(elsewhere: Elsewhere) -> None:
    """RFC 7009: who signs out here leaves no refresh token behind that would be good there."""
    options = {"auto_creation": True, "asks_again": True}
    await elsewhere.tenant.do(
        "UpdateInstanceOidcIdentityProvider", identity_provider_id=elsewhere.provider_id, **options
    )
    async with elsewhere.browser() as browser:
        await came_back(elsewhere, browser, Account("sub-9", user_name="mary", email="mary@example.com"))
        assert list(elsewhere.upstream.refreshing.values()) == ["sub-9"]
        form = hidden((await browser.get("/ui/logout")).text)
        await browser.post("/ui/logout", data=form, headers=SAME_ORIGIN)

    async def given_back() -> bool:
        return not elsewhere.upstream.refreshing

    await until(given_back, seconds=30)


async def test_sign_out_of_an_application_goes_by_the_provider_and_back_to_it(elsewhere: Elsewhere) -> None:
    """Where the application registered to go is where it ends."""
    await elsewhere.tenant.do(
        "UpdateInstanceOidcIdentityProvider",
        identity_provider_id=elsewhere.provider_id,
        auto_creation=True,
        provider_logout=True,
    )
    client = await elsewhere.tenant.application()
    async with elsewhere.browser() as browser:
        await came_back(elsewhere, browser, Account("sub-9", user_name="mary", email="mary@example.com"))
        wish = {"client_id": client["client_id"], "post_logout_redirect_uri": AFTER_LOGOUT, "state": "s"}
        asked = await browser.get(END_SESSION, params=wish)
        url = onward(await browser.post("/ui/logout", data=hidden(asked.text), headers=SAME_ORIGIN))
        back = await browser.get(SIGNED_OUT, params=await elsewhere.upstream.sign_out(url))
        assert back.headers["location"] == f"{AFTER_LOGOUT}?state=s"


async def shop(site: Site, elsewhere: Elsewhere) -> httpx.AsyncClient:
    """A browser on another host of the instance."""
    operation = site.iam.operation("AddInstanceHost")
    asked = operation.input(instance_id=elsewhere.tenant.id, host="login.shop.example")
    await site.iam.call(operation, asked, System(), Meta(instance=SYSTEM_INSTANCE, timeout=60))
    return site.browser(SHOP)


async def test_sign_in_that_began_on_another_host_ends_there(elsewhere: Elsewhere) -> None:
    """The provider sends the browser to the primary host, which sends it where it has what binds the attempt."""
    await elsewhere.tenant.do(
        "UpdateInstanceOidcIdentityProvider", identity_provider_id=elsewhere.provider_id, auto_creation=True
    )
    async with await shop(elsewhere.site, elsewhere) as browser:
        url = await gone(browser)
        assert answered(url)["redirect_uri"] == elsewhere.callback
        account = Account("sub-9", user_name="mary", email="mary@example.com")
        hop = await browser.get(back_at(url), params=await elsewhere.upstream.sign_in(url, account))
        assert hop.headers["location"].startswith(f"{SHOP}/ui/idp/callback/{elsewhere.provider_id}?")
        assert (await browser.get(hop.headers["location"])).headers["location"] == "/ui/account"
        assert "mary" in (await browser.get("/ui/account")).text


async def test_sign_out_that_began_on_another_host_ends_there(elsewhere: Elsewhere) -> None:
    """The provider knows the primary host alone, and who is still to be told is known on the other one."""
    options = {"auto_creation": True, "provider_logout": True}
    await elsewhere.tenant.do(
        "UpdateInstanceOidcIdentityProvider", identity_provider_id=elsewhere.provider_id, **options
    )
    async with await shop(elsewhere.site, elsewhere) as browser:
        url = await gone(browser)
        account = Account("sub-9", user_name="mary", email="mary@example.com")
        hop = await browser.get(back_at(url), params=await elsewhere.upstream.sign_in(url, account))
        await browser.get(hop.headers["location"])
        form = hidden((await browser.get("/ui/logout")).text)
        url = onward(await browser.post("/ui/logout", data=form, headers={"origin": SHOP}))
        assert answered(url)["post_logout_redirect_uri"] == SIGNED_OUT
        back = await browser.get(SIGNED_OUT, params=await elsewhere.upstream.sign_out(url))
        state = answered(url)["state"]
        assert back.headers["location"] == f"{SHOP}/ui/idp/signed-out?state={state}"
        waiting = {"cookie": "__Host-hexkeep-signing-out=token"}
        there = await browser.get(back.headers["location"], headers=waiting)
        assert there.headers["location"] == "/ui/signing-out"


async def test_query_goes_on_to_the_other_host_as_it_came(elsewhere: Elsewhere) -> None:
    """Also where a provider has left characters beyond ASCII as they are."""

    async def unescaped(scope: Scope, receive: Receive, send: Send) -> None:
        await elsewhere.site.app({**scope, "query_string": unquote_to_bytes(scope["query_string"])}, receive, send)

    async with await shop(elsewhere.site, elsewhere) as browser:
        url = await gone(browser)
        query = {"state": answered(url)["state"], "error": "access_denied", "error_description": "Verf\u00fcgt"}
        transport = httpx.ASGITransport(app=unescaped)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as primary:
            hop = await primary.get(back_at(url), params=query)
        assert hop.headers["location"].endswith(f"?{urlencode(query)}")


@pytest.mark.parametrize("state", ["unknown", "x" * 101, "", "\u00e9"])
async def test_state_that_is_none_leads_to_no_host(elsewhere: Elsewhere, state: str) -> None:
    """Without a cookie of ours the state alone is looked at, whatever stands in it."""
    async with elsewhere.browser() as browser:
        answer = await browser.get(elsewhere.callback, params={"state": state, "code": "x"})
        assert answer.status_code in {400, 401}
        assert "location" not in answer.headers


@dataclass
class Ahead(SystemClock):
    """The time, moved by a test."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """The time."""
        return super().now() + self.ahead


async def test_provider_is_asked_in_place_of_the_person() -> None:
    """Once its word is old an application gets its code all the same; without an account there the person signs in."""
    clock = Ahead()
    upstream = OidcUpstream(clock)
    async with running_site(clock, upstream) as site:
        tenant = await site.tenant()
        options = {"asks_again": True, "auto_creation": True}
        settings = {"issuer": ISSUER, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        made = await tenant.do("CreateInstanceOidcIdentityProvider", name="Northwind login", **settings, **options)
        provider_id = str(made["identity_provider_id"])
        await tenant.do("SetDefaultLoginProviders", identity_provider_ids=(provider_id,))
        await tenant.do("SetDefaultLoginPolicy", external_check_lifetime=timedelta(minutes=5))
        client = await tenant.application()
        there = Elsewhere(site, tenant, upstream, provider_id)
        async with site.browser() as browser:
            account = Account("sub-9", user_name="mary", email="mary@example.com")
            await came_back(there, browser, account)
            for _ in range(2):
                clock.ahead += timedelta(minutes=6)
                began = await browser.get("/oauth/authorize", params=authorization(client))
                assert began.headers["location"].startswith("/ui/login")
                onwards = await browser.get(began.headers["location"])
                assert "code" in answered(onwards.headers["location"])
            clock.ahead += timedelta(minutes=6)
            upstream.remove("sub-9")
            began = await browser.get("/oauth/authorize", params=authorization(client))
            assert "Northwind login" in (await browser.get(began.headers["location"])).text
            assert (await browser.get("/ui/account")).status_code == 303
