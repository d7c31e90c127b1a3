"""Where identity providers tell of logouts (OIDC Back-Channel Logout 1.0 and Front-Channel Logout 1.0)."""

import json

import httpx
import pytest

from hexkeep.engine.committer import Bounds
from hexkeep.testing.idp import Account, Misbehaviour
from hexkeep.testing.idp_oidc import ISSUER
from tests.unit.adapters.site import OTHER_ORIGIN
from tests.unit.adapters.web.test_idp import Elsewhere, came_back, elsewhere
from tests.waiting import until

__all__ = ["elsewhere"]

ADA, GRACE = Account("sub-ada"), Account("sub-grace")
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def linked(elsewhere: Elsewhere) -> Elsewhere:
    """Both have an account here, too."""
    other = await elsewhere.tenant.user()
    for user_id, account in ((elsewhere.tenant.user_id, ADA), (other, GRACE)):
        named = {"identity_provider_id": elsewhere.provider_id, "external_id": account.external_id}
        await elsewhere.tenant.do("AddIdentityProviderLink", user_id=user_id, display_name="there", **named)
    return elsewhere


async def signed_in(there: Elsewhere, browser: httpx.AsyncClient, account: Account = ADA) -> str:
    """Somebody has signed in by the provider; the name of the session there."""
    assert (await came_back(there, browser, account)).headers["location"] == "/ui/account"
    return there.upstream.sessions[account.external_id]


async def in_session(*browsers: httpx.AsyncClient) -> list[bool]:
    """Whether each is signed in."""
    return [(await one.get("/ui/account")).status_code == 200 for one in browsers]


async def posted(there: Elsewhere, token: str, provider_id: str = "", **more: str) -> httpx.Response:
    """The provider posts a token, without any cookie."""
    async with there.browser() as bare:
        place = f"/oidc/rp/backchannel-logout/{provider_id or there.provider_id}"
        return await bare.post(place, data={"logout_token": token, **more})


def error(response: httpx.Response) -> tuple[int, str]:
    """The status, and the code of the error; section 2.8 wants neither cached, and nothing of the cause is in it."""
    assert response.headers["cache-control"] == "no-store"
    said = response.json()
    assert set(said) == {"error", "error_description"}
    assert "logout_token" not in json.dumps(said)
    return response.status_code, str(said["error"])


async def test_session_there_ends_the_session_here(linked: Elsewhere) -> None:
    """The one that began by it and no other; then, where the person alone is named, all of theirs and nobody else's."""
    there = linked
    async with there.browser() as first, there.browser() as second, there.browser() as third, there.browser() as grace:
        sid = await signed_in(there, first)
        for browser, account in ((second, ADA), (third, ADA), (grace, GRACE)):
            await signed_in(there, browser, account)
        answer = await posted(there, await there.upstream.logout_token({"sid": sid}))
        assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (200, b"", "no-store")
        assert "set-cookie" not in answer.headers
        assert await in_session(first, second, third, grace) == [False, True, True, True]
        assert (await posted(there, (await there.upstream.end("sub-ada", whole=True))["logout_token"])).is_success
        assert await in_session(second, third, grace) == [False, False, True]


async def test_session_that_nobody_knows_is_over(linked: Elsewhere) -> None:
    """Section 2.7: it is as if it had ended now, and the answer is the same, so nobody learns who is signed in."""
    async with linked.browser() as browser:
        await signed_in(linked, browser)
        for claims in ({"sub": "nobody"}, {"sid": "none"}, {"sub": "sub-ada", "sid": "none"}):
            answer = await posted(linked, await linked.upstream.logout_token(dict(claims)))
            assert (answer.status_code, answer.content) == (200, b"")
        assert await in_session(browser) == [True]


async def test_token_counts_once(linked: Elsewhere) -> None:
    """Section 2.6, step 8: who brings it again ends nothing that began since, and is answered as before."""
    async with linked.browser() as browser:
        await signed_in(linked, browser)
        token = await linked.upstream.logout_token({"sub": "sub-ada"})
        first = await posted(linked, token)
        assert await in_session(browser) == [False]
        await signed_in(linked, browser)
        again = await posted(linked, token)
        assert (first.status_code, first.content) == (again.status_code, again.content) == (200, b"")
        assert await in_session(browser) == [True]


async def test_token_counts_until_the_sessions_have_ended(linked: Elsewhere) -> None:
    """Where the database fails meanwhile the provider tries again with the same token, and is not refused."""
    async with linked.browser() as browser, linked.browser() as since:
        await signed_in(linked, browser)
        token = await linked.upstream.logout_token({"sub": "sub-ada"})
        linked.site.events.storm(Bounds().attempts)
        assert error(await posted(linked, token)) == (503, "temporarily_unavailable")
        assert await in_session(browser) == [True]
        await signed_in(linked, since)
        assert (await posted(linked, token)).status_code == 200
        assert await in_session(browser, since) == [False, True]


async def test_all_sessions_of_a_person_end_however_many(linked: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than end at once end a little later, by the queue."""
    monkeypatch.setattr("hexkeep.core.idpintent.ended.AT_ONCE", 1)
    async with linked.browser() as first, linked.browser() as second, linked.browser() as third:
        for browser in (first, second, third):
            await signed_in(linked, browser)
        assert (await posted(linked, await linked.upstream.logout_token({"sub": "sub-ada"}))).status_code == 200

        async def over() -> bool:
            return not any(await in_session(first, second, third))

        await until(over)


@pytest.mark.parametrize(
    "how",
    [
        Misbehaviour.WRONG_AUDIENCE,
        Misbehaviour.WRONG_ISSUER,
        Misbehaviour.UNSIGNED,
        Misbehaviour.FOREIGN_SIGNATURE,
        Misbehaviour.SIGNED_WITH_SECRET,
        Misbehaviour.STALE,
    ],
)
async def test_what_the_provider_has_not_said_ends_nothing(linked: Elsewhere, how: Misbehaviour) -> None:
    """Each is a bad request, and reads the same: an attacker learns nothing from it."""
    async with linked.browser() as browser:
        sid = await signed_in(linked, browser)
        linked.upstream.misbehave(how)
        refused = await posted(linked, await linked.upstream.logout_token({"sub": "sub-ada", "sid": sid}))
        assert error(refused) == (400, "invalid_request")
        assert refused.content == (await posted(linked, "x")).content
        assert await in_session(browser) == [True]


async def test_tokens_of_a_sign_in_end_nothing(linked: Elsewhere) -> None:
    """The ID token is the provider's and new, and its application gets to see it; nor does a token with a nonce."""
    async with linked.browser() as browser:
        sid = await signed_in(linked, browser)
        forms = await linked.upstream.mistaken("sub-ada"), {"logout_token": await with_nonce(linked, sid)}
        for form in forms:
            assert error(await posted(linked, form["logout_token"])) == (400, "invalid_request")
        assert await in_session(browser) == [True]


async def with_nonce(there: Elsewhere, sid: str) -> str:
    """A logout token that could be an ID token."""
    return await there.upstream.logout_token({"sid": sid, "nonce": "n"})


async def test_place_is_of_one_provider(linked: Elsewhere) -> None:
    """What one has said ends nothing at the place of another, were it the same server; at no place there is nobody."""
    settings = {"issuer": ISSUER, "client_id": "another client", "client_secret": "s3cret"}
    made = await linked.tenant.do("CreateInstanceOidcIdentityProvider", name="Another", **settings)
    async with linked.browser() as browser:
        sid = await signed_in(linked, browser)
        token = await linked.upstream.logout_token({"sid": sid})
        other = str(made["identity_provider_id"])
        assert error(await posted(linked, token, other)) == (400, "invalid_request")
        assert error(await posted(linked, token, "none")) == (404, "invalid_request")
        assert await in_session(browser) == [True]
        assert (await posted(linked, token)).status_code == 200


async def test_provider_that_does_not_answer_may_try_again(linked: Elsewhere) -> None:
    """Whether it has said so nobody can tell without its keys: that is no refusal."""
    made = await linked.tenant.do(
        "CreateInstanceOidcIdentityProvider", name="Away", issuer="https://away.example.net", client_id="hexkeep"
    )
    answer = await posted(linked, "a.b.c", str(made["identity_provider_id"]))
    assert error(answer) == (503, "temporarily_unavailable")


async def test_requests_that_are_none_are_refused(linked: Elsewhere) -> None:
    """By another method, as another type, too large, with a field twice, and to another instance's host."""
    place = f"/oidc/rp/backchannel-logout/{linked.provider_id}"
    token = await linked.upstream.logout_token({"sub": "sub-ada"})
    async with linked.browser() as bare:
        answers = [
            await bare.get(place, params={"logout_token": token}),
            await bare.post(place, json={"logout_token": token}),
            await bare.post(place, data={"logout_token": token, "more": "x" * 40_000}),
            await bare.post(place, content=f"logout_token={token}&logout_token=x", headers=FORM),
            await bare.post(place, params={"logout_token": token}, content="", headers=FORM),
        ]
        assert [one.status_code for one in answers] == [405, 415, 413, 400, 400]
        assert "access-control-allow-origin" not in answers[-1].headers
    await linked.site.tenant(OTHER_ORIGIN)
    async with linked.site.browser(OTHER_ORIGIN) as elsewhere_:
        assert (await elsewhere_.post(place, data={"logout_token": token})).status_code == 404


async def framed(there: Elsewhere, provider_id: str = "", **query: str) -> httpx.Response:
    """A page of the provider has the browser load a frame, which gets no cookie of ours."""
    place = f"/oidc/rp/frontchannel-logout/{provider_id or there.provider_id}"
    frame = {"sec-fetch-dest": query.pop("dest", "iframe"), "sec-fetch-site": "cross-site"}
    async with there.browser() as bare:
        return await bare.get(place, params=query, headers=frame)


async def test_frame_ends_the_session_that_it_names(linked: Elsewhere) -> None:
    """Front-Channel Logout section 2: any site may show it, nobody keeps it, and it says the same of every session."""
    async with linked.browser() as first, linked.browser() as second:
        sid = await signed_in(linked, first)
        await signed_in(linked, second)
        unknown = await framed(linked, iss=ISSUER, sid="x" * 30)
        assert await in_session(first, second) == [True, True]
        answers = [await framed(linked, iss=ISSUER, sid=sid) for _ in range(2)]
        assert await in_session(first, second) == [False, True]
    for answer in (unknown, *answers):
        assert (answer.status_code, answer.content) == (200, unknown.content)
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors *"


async def test_frame_of_nobody_ends_nothing(linked: Elsewhere) -> None:
    """Of another issuer or none, of a short name, by a link, at the place of another provider, by another method."""
    made = await linked.tenant.do(
        "CreateInstanceOidcIdentityProvider", name="Another", issuer=ISSUER, client_id="another client"
    )
    async with linked.browser() as browser:
        sid = await signed_in(linked, browser)
        right = {"iss": ISSUER, "sid": sid}
        for wrong in ({"iss": f"{ISSUER}.example"}, {"sid": ""}, {"sid": "1"}, {"dest": "document"}):
            assert error(await framed(linked, **(right | wrong))) == (400, "invalid_request")
        assert error(await framed(linked, sid=sid)) == (400, "invalid_request")
        assert error(await framed(linked, "none", **right)) == (404, "invalid_request")
        assert (await framed(linked, str(made["identity_provider_id"]), **right)).status_code == 200
        place = f"/oidc/rp/frontchannel-logout/{linked.provider_id}"
        assert (await browser.post(place, params=right)).status_code == 405
        assert (await browser.head(place, params=right)).status_code == 405
        assert (await browser.get(f"{place}?iss={ISSUER}&sid={sid}&sid=x")).status_code == 400
        assert await in_session(browser) == [True]
