"""Sign-in by an identity provider, in a browser that keeps cookies: the way there and back, and who tries to cheat."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from hexkeep.adapters.system.clock import SystemClock
from hexkeep.testing.idp import Account, Misbehaviour
from hexkeep.testing.idp_oidc import CLIENT_ID, CLIENT_SECRET, ISSUER, OidcUpstream
from tests.unit.adapters.site import (
    ORIGIN,
    PASSWORD,
    Site,
    Tenant,
    answered,
    authorization,
    hidden,
    running_site,
    sign_in,
)

CALLBACK = f"{ORIGIN}/ui/idp/callback"
SAME_ORIGIN = {"origin": ORIGIN}


@dataclass
class Elsewhere:
    """A site with one provider that is offered, and its other side."""

    site: Site
    tenant: Tenant
    upstream: OidcUpstream
    provider_id: str

    @property
    def callback(self) -> str:
        """Where the provider sends browsers back to."""
        return f"{CALLBACK}/{self.provider_id}"

    def browser(self) -> httpx.AsyncClient:
        """A browser with cookies of its own."""
        return self.site.browser()


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    """The provider asks first."""
    upstream = OidcUpstream(SystemClock())
    async with running_site(outbound=upstream) as site:
        tenant = await site.tenant()
        settings = {"issuer": ISSUER, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        made = await tenant.do("CreateInstanceOidcIdentityProvider", name="Northwind login", **settings)
        provider_id = str(made["identity_provider_id"])
        await tenant.do("SetDefaultLoginProviders", identity_provider_ids=(provider_id,))
        yield Elsewhere(site, tenant, upstream, provider_id)


async def button(browser: httpx.AsyncClient, page: str = "/ui/login") -> str:
    """Where the button of the sign-in page leads."""
    shown = (await browser.get(page)).text
    return shown.partition('<a class="button quiet" href="')[2].partition('"')[0].replace("&amp;", "&")


async def gone(browser: httpx.AsyncClient, page: str = "/ui/login") -> str:
    """Where the browser is at the provider."""
    answer = await browser.get(await button(browser, page))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def came_back(
    elsewhere: Elsewhere, browser: httpx.AsyncClient, account: Account, page: str = "/ui/login"
) -> httpx.Response:
    """Signed in there, and back here."""
    parameters = await elsewhere.upstream.sign_in(await gone(browser, page), account)
    return await browser.get(elsewhere.callback, params=parameters)


async def test_account_may_be_made_on_the_way_to_where_the_policy_says(elsewhere: Elsewhere) -> None:
    """Browsers hold the policy of the form against redirects that follow, so none does: a page leads there."""
    await elsewhere.tenant.do("SetDefaultLoginPolicy", default_redirect="https://start.example.com/home")
    async with elsewhere.browser() as browser:
        choice = (await came_back(elsewhere, browser, Account())).headers["location"]
        page = await browser.get(choice)
        form = {"given_name": "Grace", "user_name": "grace", "email": "ada@example.net", "decision": "create"}
        made = await browser.post(choice, data={**hidden(page.text), **form}, headers=SAME_ORIGIN)
    assert page.headers["content-security-policy"].endswith("form-action 'self'")
    assert (made.status_code, made.headers["location"]) == (200, "https://start.example.com/home")


async def test_newcomer_makes_an_account_for_an_application(elsewhere: Elsewhere) -> None:
    """From the application over the provider to a choice, an account, and back with a code; then without asking."""
    client = await elsewhere.tenant.application()
    async with elsewhere.browser() as browser:
        began = await browser.get("/oauth/authorize", params=authorization(client))
        chosen = await came_back(elsewhere, browser, Account("sub-1", user_name="grace"), began.headers["location"])
        page = await browser.get(chosen.headers["location"])
        assert "Nobody here has that account yet" in page.text
        form = {"given_name": "Grace", "user_name": "grace", "email": "ada@example.net", "decision": "create"}
        made = await browser.post(chosen.headers["location"], data={**hidden(page.text), **form}, headers=SAME_ORIGIN)
        assert "code" in answered(made.headers["location"])
        assert not browser.cookies.get("__Host-hexkeep-idp-proof")
    async with elsewhere.browser() as browser:
        began = await browser.get("/oauth/authorize", params=authorization(client))
        again = await came_back(elsewhere, browser, Account("sub-1"), began.headers["location"])
        assert "code" in answered(again.headers["location"])


async def test_person_links_the_account_by_signing_in(elsewhere: Elsewhere) -> None:
    """Who has an account here signs in to it once more, and then is shown whose it is before it is linked."""
    async with elsewhere.browser() as browser:
        chosen = (await came_back(elsewhere, browser, Account("sub-1"))).headers["location"]
        asked = await browser.get(chosen)
        sent = {**hidden(asked.text), "decision": "sign_in"}
        assert (await browser.post(chosen, data=sent, headers=SAME_ORIGIN)).headers["location"] == "/ui/login"
        assert (await sign_in(browser)).headers["location"] == chosen
        confirm = await browser.get(chosen)
        assert "You are signed in here as ada" in confirm.text
        linked = await browser.post(chosen, data={**hidden(confirm.text), "decision": "link"}, headers=SAME_ORIGIN)
        assert linked.headers["location"] == "/ui/account"
    async with elsewhere.browser() as browser:
        assert (await came_back(elsewhere, browser, Account("sub-1"))).headers["location"] == "/ui/account"
        assert "ada" in (await browser.get("/ui/account")).text


async def signed_in_again(
    elsewhere: Elsewhere, browser: httpx.AsyncClient, account: Account, form: dict[str, str]
) -> str:
    """A form of the page of sessions has led to a fresh sign-in, at the provider, and from there back to the page."""
    asked = await browser.post("/ui/access", data=form, headers=SAME_ORIGIN)
    assert asked.headers["location"] == "/ui/login"
    page = await browser.get("/ui/login")
    assert "To go on, show once more that it is you" in page.text
    there = answered(await gone(browser))
    assert (there["prompt"], there["max_age"]) == ("login", "0"), "who is signed in there shows it once more"
    back = await came_back(elsewhere, browser, account)
    return back.headers["location"]


async def test_person_unlinks_the_account(elsewhere: Elsewhere) -> None:
    """It is listed beside sessions and applications; once taken away it is nobody's, and nobody else's goes with it."""
    created = {"identity_provider_id": elsewhere.provider_id, "external_id": "sub-1", "display_name": "Ada there"}
    await elsewhere.tenant.do("AddIdentityProviderLink", user_id=elsewhere.tenant.user_id, **created)
    other = await elsewhere.tenant.user(email_verified=True)
    theirs = await elsewhere.tenant.do("AddIdentityProviderLink", user_id=other, **{**created, "external_id": "sub-2"})
    async with elsewhere.browser() as browser:
        await came_back(elsewhere, browser, Account("sub-1"))
        page = await browser.get("/ui/access")
        assert "Ada there" in page.text
        _, _, line = page.text.partition('name="link" value="')
        own = {"csrf": browser.cookies["__Host-hexkeep-csrf"], "link": line.partition('"')[0]}
        onward = await signed_in_again(elsewhere, browser, Account("sub-1"), own)
        assert "Now you can link and unlink" in (await browser.get(onward)).text
        answers = [
            await browser.post("/ui/access", data={**own, "link": str(link)}, headers=SAME_ORIGIN)
            for link in (theirs["identity_provider_link_id"], own["link"])
        ]
        assert "does not sign you in any more" not in (await browser.get(answers[0].headers["location"])).text
        assert "does not sign you in any more" in (await browser.get(answers[1].headers["location"])).text
    told = await elsewhere.site.mail.next("link_added")
    assert (told.to, told.values["provider"]) == ("grace@example.com", "Northwind login")
    for account, onward in (("sub-1", "/ui/idp/account"), ("sub-2", "/ui/account")):
        async with elsewhere.browser() as browser:
            assert (await came_back(elsewhere, browser, Account(account))).headers["location"] == onward


async def test_newcomers_account_is_linked_after_a_fresh_sign_in(elsewhere: Elsewhere) -> None:
    """Who came by a provider signs in by it once more before another account there is linked, which waits for that."""
    created = {"identity_provider_id": elsewhere.provider_id, "external_id": "sub-1"}
    await elsewhere.tenant.do("AddIdentityProviderLink", user_id=elsewhere.tenant.user_id, **created)
    async with elsewhere.browser() as browser:
        await came_back(elsewhere, browser, Account("sub-1"))
        there = (await browser.get("/ui/idp", params={"provider": elsewhere.provider_id})).headers["location"]
        parameters = await elsewhere.upstream.sign_in(there, Account("sub-2"))
        chosen = (await browser.get(elsewhere.callback, params=parameters)).headers["location"]
        form = {**hidden((await browser.get(chosen)).text), "decision": "link"}
        asked = await browser.post(chosen, data=form, headers=SAME_ORIGIN)
        assert asked.headers["location"] == "/ui/login"
        again = await came_back(elsewhere, browser, Account("sub-1"))
        assert again.headers["location"] == chosen
        linked = await browser.post(chosen, data=form, headers=SAME_ORIGIN)
        assert linked.headers["location"] == "/ui/account"
        assert not browser.cookies.get("__Host-hexkeep-idp-proof")


async def test_log_tells_why_and_no_secret(elsewhere: Elsewhere, caplog: pytest.LogCaptureFixture) -> None:
    """The operator reads which provider failed and why, in one word; neither states, codes, proofs nor secrets."""
    caplog.set_level("DEBUG")
    async with elsewhere.browser() as browser:
        well = await elsewhere.upstream.sign_in(await gone(browser), Account())
        await browser.get(elsewhere.callback, params=well)
        proof = browser.cookies["__Host-hexkeep-idp-proof"]
        elsewhere.upstream.misbehave(Misbehaviour.WRONG_AUDIENCE)
        ill = await elsewhere.upstream.sign_in(await gone(browser), Account())
        assert (await browser.get(elsewhere.callback, params=ill)).status_code == 401
        binding = browser.cookies["__Host-hexkeep-idp"]
    said = "\n".join(one.getMessage() for one in caplog.records if one.name.startswith("hexkeep"))
    assert f"{elsewhere.provider_id} failed: idp_malformed (id_token_aud)" in said
    secrets = (well["code"], well["state"], ill["code"], ill["state"], proof, binding, CLIENT_SECRET)
    assert [secret for secret in secrets if secret in said] == []


async def test_request_that_cannot_be_pushed_leads_nowhere(
    elsewhere: Elsewhere, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever has it fail is not sent to the provider with the parameters instead; well again, it is a way in."""
    elsewhere.upstream.pushes = True
    async with elsewhere.browser() as browser:
        elsewhere.upstream.misbehave(Misbehaviour.FAILS)
        shown = await browser.get(await button(browser))
        assert (shown.status_code, "location" in shown.headers) == (503, False)
        assert "The identity provider does not answer" in shown.text
        elsewhere.upstream.misbehave(None)
        assert answered(await gone(browser)).keys() == {"client_id", "request_uri"}
        assert (await came_back(elsewhere, browser, Account())).headers["location"] == "/ui/idp/account"
    assert f"{elsewhere.provider_id} failed: idp_unreachable (status_503)" in caplog.text


async def test_another_browser_comes_back_with_nothing(elsewhere: Elsewhere) -> None:
    """Without the cookie, or with another browser's, a state is none, and the person's own attempt goes on."""
    async with elsewhere.browser() as person, elsewhere.browser() as attacker:
        parameters = await elsewhere.upstream.sign_in(await gone(person), Account())
        bare = await attacker.get(elsewhere.callback, params=parameters)
        assert bare.status_code == 401
        assert "idp_intent_invalid" in bare.text
        await gone(attacker)
        stolen = await attacker.get(elsewhere.callback, params=parameters)
        assert (stolen.status_code, "set-cookie" in stolen.headers) == (401, False)
        assert (await person.get(elsewhere.callback, params=parameters)).headers["location"] == "/ui/idp/account"


async def test_state_is_used_up(elsewhere: Elsewhere) -> None:
    """What came back once comes back in vain."""
    async with elsewhere.browser() as browser:
        parameters = await elsewhere.upstream.sign_in(await gone(browser), Account())
        assert (await browser.get(elsewhere.callback, params=parameters)).status_code == 303
        assert (await browser.get(elsewhere.callback, params=parameters)).status_code == 401


async def test_two_windows_do_not_disturb_each_other(elsewhere: Elsewhere) -> None:
    """A second attempt in the same browser leaves the first one alone."""
    async with elsewhere.browser() as browser:
        first = await elsewhere.upstream.sign_in(await gone(browser), Account())
        second = await elsewhere.upstream.sign_in(await gone(browser), Account())
        assert (await browser.get(elsewhere.callback, params=first)).status_code == 303
        assert (await browser.get(elsewhere.callback, params=second)).status_code == 303


@pytest.mark.parametrize(
    ("wish", "prompt", "max_age"),
    [
        ({"prompt": "login"}, ["login"], ["0"]),
        ({"max_age": "60"}, None, ["60"]),
        ({"max_age": "60", "prompt": "login"}, ["login"], ["0"]),
        ({"prompt": "consent"}, None, None),
    ],
)
async def test_application_that_wants_a_new_proof_gets_one_of_the_provider(
    elsewhere: Elsewhere, wish: dict[str, str], prompt: list[str] | None, max_age: list[str] | None
) -> None:
    """OIDC Core section 3.1.2.1: a session at the provider is no way around ``prompt=login`` and ``max_age``."""
    client = await elsewhere.tenant.application()
    async with elsewhere.browser() as browser:
        began = await browser.get("/oauth/authorize", params=authorization(client) | wish)
        query = parse_qs(urlsplit(await gone(browser, began.headers["location"])).query)
        assert (query.get("prompt"), query.get("max_age")) == (prompt, max_age)


@pytest.mark.parametrize("obeys", [True, False])
async def test_session_there_that_is_too_old_is_asked_about_once(elsewhere: Elsewhere, *, obeys: bool) -> None:
    """The browser goes back to the provider, in whatever way; the second answer counts, or the person reads why not."""
    client, an_hour_ago = await elsewhere.tenant.application(), datetime.now(UTC) - timedelta(hours=1)
    created = {"identity_provider_id": elsewhere.provider_id, "external_id": "sub-1", "display_name": "Ada there"}
    await elsewhere.tenant.do("AddIdentityProviderLink", user_id=elsewhere.tenant.user_id, **created)
    async with elsewhere.browser() as browser:
        elsewhere.upstream.signed_in_at(an_hour_ago)
        began = await browser.get("/oauth/authorize", params=authorization(client) | {"max_age": "60"})
        first = await came_back(elsewhere, browser, Account("sub-1"), began.headers["location"])
        there = first.headers["location"]
        assert elsewhere.upstream.wants_new_sign_in(there)
        assert "__Host-hexkeep-session" not in browser.cookies
        elsewhere.upstream.signed_in_at(datetime.now(UTC) if obeys else an_hour_ago)
        parameters = await elsewhere.upstream.sign_in(there, Account("sub-1"))
        second = await browser.get(elsewhere.callback, params=parameters)
        if obeys:
            assert "code" in answered(second.headers["location"])
        else:
            assert second.status_code == 403
            assert "You have to sign in another way" in second.text


async def test_provider_that_cannot_be_asked_says_so_and_leaves_other_ways(elsewhere: Elsewhere) -> None:
    """OAuth 2.0 has no words for a new sign-in: nobody is led there by a hint, and who presses the button reads why."""
    endpoints = {name: f"{ISSUER}/{name}" for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")}
    settings = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "id_attribute": "id", **endpoints}
    takes = {"name": "Hub", "email_domains": ("hub.example",)}
    made = await elsewhere.tenant.do("CreateInstanceOauthIdentityProvider", **takes, **settings)
    await elsewhere.tenant.do("SetDefaultLoginProviders", identity_provider_ids=(made["identity_provider_id"],))
    asked = authorization(await elsewhere.tenant.application(), login_hint="grace@hub.example")
    async with elsewhere.browser() as browser:
        led = (await browser.get("/oauth/authorize", params=asked)).headers["location"]
        assert (await browser.get(led)).headers["location"].startswith(endpoints["authorization_endpoint"])
    async with elsewhere.browser() as browser:
        led = (await browser.get("/oauth/authorize", params=asked | {"max_age": "86400"})).headers["location"]
        shown = await browser.get(led)
        assert (shown.status_code, 'type="password"' in shown.text) == (200, True)
        pressed = await browser.get(await button(browser, led))
        assert pressed.status_code == 403
        assert "You have to sign in another way" in pressed.text


async def test_states_are_not_mixed_up(elsewhere: Elsewhere) -> None:
    """A code that an attacker has got, put into the person's own attempt, signs nobody in: PKCE does not fit."""
    async with elsewhere.browser() as person, elsewhere.browser() as attacker:
        injected = await elsewhere.upstream.sign_in(await gone(attacker), Account("attacker"))
        own = parse_qs(urlsplit(await gone(person)).query)["state"][0]
        answer = await person.get(elsewhere.callback, params={**injected, "state": own})
        assert answer.status_code == 403
        assert "__Host-hexkeep-session" not in answer.headers.get("set-cookie", "")


async def test_other_sites_begin_nothing(elsewhere: Elsewhere) -> None:
    """A page of another site cannot have somebody signed in here without being asked."""
    async with elsewhere.browser() as browser:
        path = await button(browser)
        refused = await browser.get(path, headers={"sec-fetch-site": "cross-site"})
        assert (refused.status_code, "location" in refused.headers) == (403, False)
        assert (await browser.get(path, headers={"sec-fetch-site": "same-origin"})).status_code == 303


@pytest.mark.parametrize(
    "query",
    [
        {"provider": "https://evil.example"},
        {"provider": "nobody"},
        {},
        {"provider": "PROVIDER", "request": "https://evil.example"},
        {"provider": "PROVIDER", "request": "unknown"},
    ],
    ids=["url", "unknown", "none", "request_url", "request_unknown"],
)
async def test_nothing_in_an_address_leads_elsewhere(elsewhere: Elsewhere, query: dict[str, str]) -> None:
    """Where the browser goes is the provider's own endpoint, or nowhere."""
    given = {name: value.replace("PROVIDER", elsewhere.provider_id) for name, value in query.items()}
    async with elsewhere.browser() as browser:
        answer = await browser.get("/ui/idp", params=given)
        assert 400 <= answer.status_code < 500
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ("state=unknown&code=x", 401),
        ("RelayState=unknown&SAMLResponse=x", 401),
        ("code=x", 401),
        ("state=a&state=b", 400),
        (f"state=a&SAMLResponse={'x' * 300_000}", 413),
        (f"state=a&SAMLResponse={'x' * 200_000}", 401),
    ],
    ids=["state", "relay_state", "none", "repeated", "too_large", "large"],
)
async def test_other_sites_post_nothing_unasked(elsewhere: Elsewhere, form: str, status: int) -> None:
    """A form of another site is kept for an attempt that waits for it, and for nothing else."""
    async with elsewhere.browser() as browser:
        headers = {"content-type": "application/x-www-form-urlencoded", "origin": "https://other.example"}
        answer = await browser.post(elsewhere.callback, content=form, headers=headers)
        assert (answer.status_code, "location" in answer.headers) == (status, False)


async def test_callback_leads_to_pages_of_ours_alone(elsewhere: Elsewhere) -> None:
    """Whatever stands besides in the address that the browser comes back to, the way on is ours."""
    async with elsewhere.browser() as browser:
        parameters = await elsewhere.upstream.sign_in(await gone(browser), Account())
        more = {"next": "https://evil.example", "redirect_uri": "https://evil.example", "request": "evil"}
        answer = await browser.get(elsewhere.callback, params={**more, **parameters})
        assert answer.headers["location"] == "/ui/idp/account"


async def test_who_cancels_reads_so(elsewhere: Elsewhere) -> None:
    """The page says what happened, with the status of it, and nothing of what stands in the address."""
    async with elsewhere.browser() as browser:
        parameters = await elsewhere.upstream.cancel(await gone(browser))
        answer = await browser.get(elsewhere.callback, params={**parameters, "error_description": "<b>call Mallory"})
        assert answer.status_code == 403
        assert "You did not go on" in answer.text
        assert "Mallory" not in answer.text


async def test_account_page_is_for_who_came_from_a_provider(elsewhere: Elsewhere) -> None:
    """Without a proof of this browser's own there is nothing to choose and nothing to make."""
    async with elsewhere.browser() as browser:
        await browser.get("/ui/login")
        assert (await browser.get("/ui/idp/account")).status_code == 401
        token = browser.cookies["__Host-hexkeep-csrf"]
        form = {"csrf": token, "given_name": "G", "user_name": "g", "email": "g@example.com", "decision": "create"}
        assert (await browser.post("/ui/idp/account", data=form, headers=SAME_ORIGIN)).status_code == 401


async def test_taken_name_is_said_at_the_field(elsewhere: Elsewhere) -> None:
    """Somebody else's user name is nobody's account to take."""
    await elsewhere.tenant.user(user_name="grace", password=PASSWORD)
    async with elsewhere.browser() as browser:
        chosen = (await came_back(elsewhere, browser, Account("sub-1", user_name="grace"))).headers["location"]
        form = {"given_name": "Grace", "user_name": "grace", "email": "g@example.com", "decision": "create"}
        sent = {**hidden((await browser.get(chosen)).text), **form}
        answer = await browser.post(chosen, data=sent, headers=SAME_ORIGIN)
        assert answer.status_code == 400
        assert "User name: is taken" in answer.text


async def test_login_page_has_no_button_where_nothing_is_offered(elsewhere: Elsewhere) -> None:
    """A provider that is switched off is not there."""
    await elsewhere.tenant.do("DeactivateInstanceIdentityProvider", identity_provider_id=elsewhere.provider_id)
    async with elsewhere.browser() as browser:
        assert "Northwind login" not in (await browser.get("/ui/login")).text
