"""Sign-in by an OpenID provider that has requests pushed to it (RFC 9126): the kit, and what the browser carries."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from pydantic import JsonValue

from hexkeep.ports.idp import Begun, IdpFailed, IdpMalformed, IdpRefused, IdpUnreachable, SignInAsked
from hexkeep.ports.outbound import WebRequest, WebResponse
from hexkeep.testing.idp import Account, Misbehaviour, StandingClock, Upstream, asked, returned, surroundings
from hexkeep.testing.idp_oidc import (
    CLIENT_ID,
    CLIENT_SECRET,
    ISSUER,
    PUSHED_HOLDS,
    OidcUpstream,
    RequestUnknown,
)
from tests.unit.plugins import test_idp_oidc as plain
from tests.unit.plugins.test_idp_oidc import provider

PUSH = "pushed_authorization_request_endpoint"
FRESH = replace(asked("a state"), max_age=60, anew=True, login_hint="ada@example.net")


class TestPushed(plain.TestOidc):
    """The contract holds with requests that are pushed."""

    @pytest.fixture
    def upstream(self, clock: StandingClock) -> Upstream:
        """An OpenID provider that takes no others."""
        return OidcUpstream(clock, pushes=True, requires_pushed=True)


@pytest.fixture
def clock() -> StandingClock:
    """The time of both sides."""
    return StandingClock()


@pytest.fixture
def upstream(clock: StandingClock) -> OidcUpstream:
    """The other side, which would take other requests as well."""
    return OidcUpstream(clock, pushes=True)


async def begun(upstream: OidcUpstream, wish: SignInAsked = FRESH, **settings: object) -> Begun:
    """Somebody is on the way there."""
    return await provider(surroundings(upstream, upstream.clock), **settings).begin(wish)


async def finished(upstream: OidcUpstream, began: Begun, parameters: Mapping[str, str]) -> None:
    """Somebody has come back."""
    await provider(surroundings(upstream, upstream.clock)).finish(returned("a state", began, parameters))


async def test_browser_carries_a_reference_alone(upstream: OidcUpstream) -> None:
    """Section 4: all that is asked for goes from here, and nothing of it is kept where it could be taken out."""
    began = await begun(upstream)
    ((request_uri, pushed),) = upstream.pushed.items()
    assert began.url == f"{ISSUER}/authorize?{urlencode({'client_id': CLIENT_ID, 'request_uri': request_uri})}"
    known = {"scope": "openid profile email", "max_age": "0", "prompt": "login", "login_hint": "ada@example.net"}
    assert known.items() <= pushed.parameters.items()
    assert pushed.parameters["nonce"] == began.kept["nonce"]
    assert began.kept["verifier"] not in pushed.parameters.values()


async def test_query_of_the_endpoint_stays(clock: StandingClock) -> None:
    """RFC 6749 section 3.1: it may have one of its own, which is no part of what is pushed."""

    class Housed(OidcUpstream):
        def metadata(self) -> dict[str, JsonValue]:
            return {**super().metadata(), "authorization_endpoint": f"{ISSUER}/authorize?house=1"}

    upstream = Housed(clock, pushes=True)
    began = await begun(upstream)
    ((request_uri, pushed),) = upstream.pushed.items()
    assert parse_qs(urlsplit(began.url).query) == {
        "house": ["1"],
        "client_id": [CLIENT_ID],
        "request_uri": [request_uri],
    }
    assert "house" not in pushed.parameters


async def test_who_sits_at_the_browser_changes_nothing(upstream: OidcUpstream) -> None:
    """Section 4: what stands beside the reference does not count, whoever has put it there."""
    began = await begun(upstream)
    changed = f"{began.url}&{urlencode({'max_age': '9999999', 'prompt': 'none', 'scope': 'openid', 'nonce': 'own'})}"
    assert upstream.wants_new_sign_in(changed)
    await finished(upstream, began, await upstream.sign_in(changed, Account()))


async def test_request_of_the_browser_itself_signs_nobody_in(upstream: OidcUpstream) -> None:
    """Where the provider takes those as well, one without the wish has no nonce: that never was in the browser."""
    began = await begun(upstream)
    ((_, pushed),) = upstream.pushed.items()
    unseen = {"nonce", "code_challenge", "code_challenge_method", "max_age", "prompt", "login_hint"}
    known = {name: value for name, value in pushed.parameters.items() if name not in unseen}
    parameters = await upstream.sign_in(f"{ISSUER}/authorize?{urlencode(known)}", Account())
    with pytest.raises(IdpMalformed) as failed:
        await finished(upstream, began, parameters)
    assert failed.value.reason == "id_token_nonce"


async def test_reference_is_good_once_and_for_a_while(upstream: OidcUpstream, clock: StandingClock) -> None:
    """The other side of this kit keeps to section 4: unknown, used or over is nothing, nor is another client's."""
    first, second = await begun(upstream), await begun(upstream)
    await upstream.sign_in(first.url, Account())
    other = second.url.replace(f"client_id={CLIENT_ID}", "client_id=other")
    for refused in (first.url, f"{second.url}x", other):
        with pytest.raises(RequestUnknown):
            await upstream.sign_in(refused, Account())
    clock.time += PUSHED_HOLDS
    with pytest.raises(RequestUnknown):
        await upstream.sign_in(second.url, Account())
    upstream.requires_pushed = True
    with pytest.raises(RequestUnknown):
        await upstream.sign_in(f"{ISSUER}/authorize?client_id={CLIENT_ID}&response_type=code", Account())


@pytest.mark.parametrize("wish", [asked("a state"), FRESH], ids=["plain", "fresh"])
@pytest.mark.parametrize(
    "how", [Misbehaviour.UNREACHABLE, Misbehaviour.FAILS, Misbehaviour.TOO_LARGE, Misbehaviour.NO_JSON]
)
async def test_request_that_cannot_be_pushed_is_none(
    upstream: OidcUpstream, how: Misbehaviour, wish: SignInAsked
) -> None:
    """Nobody is sent there with the parameters instead, whatever was asked for."""
    upstream.misbehave(how)
    with pytest.raises(how.failure):
        await begun(upstream, wish)


@dataclass
class Wrong(OidcUpstream):
    """A provider that answers as it is told to."""

    status: int = 201
    body: bytes = b"{}"

    async def _push(self, request: WebRequest) -> WebResponse:
        return WebResponse(request.url, self.status, {"location": f"{ISSUER}/elsewhere"}, self.body)


@pytest.mark.parametrize(
    ("status", "body", "failure", "reason"),
    [
        (400, {"error": "invalid_request", "error_description": "said by a stranger"}, IdpRefused, "pushed_400"),
        (401, {"error": "invalid_client"}, IdpRefused, "pushed_401"),
        (429, {}, IdpRefused, "pushed_429"),
        (200, {"request_uri": "urn:x", "expires_in": 60}, IdpRefused, "pushed_200"),
        (302, {"request_uri": "urn:x", "expires_in": 60}, IdpRefused, "pushed_302"),
        (307, {"request_uri": "urn:x", "expires_in": 60}, IdpRefused, "pushed_307"),
        (503, {}, IdpUnreachable, "status_503"),
        (201, {}, IdpMalformed, "request_uri"),
        (201, {"request_uri": ""}, IdpMalformed, "request_uri"),
        (201, {"request_uri": ["urn:x"]}, IdpMalformed, "request_uri"),
        (201, {"request_uri": "urn:\ud800"}, IdpMalformed, "request_uri"),
        (201, ["urn:x"], IdpMalformed, "pushed"),
    ],
)
async def test_answer_that_is_none_is_a_failure(
    clock: StandingClock, status: int, body: JsonValue, failure: type[IdpFailed], reason: str
) -> None:
    """Sections 2.2 and 2.3: 201 with a reference, and nothing else; the reason is a word of ours."""
    upstream = Wrong(clock, pushes=True, status=status, body=json.dumps(body).encode())
    with pytest.raises(failure) as failed:
        await begun(upstream)
    assert failed.value.reason == reason
    assert [one.url for one in upstream.requests if one.method == "POST"] == [f"{ISSUER}/pushed"]


async def test_reference_is_carried_as_a_value(clock: StandingClock) -> None:
    """Whatever the provider calls it, it adds no parameter to the URL."""
    strange = "urn:x&prompt=none#\r\n?%26"
    upstream = Wrong(clock, pushes=True, body=json.dumps({"request_uri": strange}).encode())
    query = urlsplit((await begun(upstream)).url).query
    assert parse_qsl(query) == [("client_id", CLIENT_ID), ("request_uri", strange)]


@pytest.mark.parametrize(
    "said",
    [
        {"require_pushed_authorization_requests": True},
        {PUSH: "http://login.example.net/pushed"},
        {PUSH: "https://user@login.example.net/pushed"},
        {PUSH: "/pushed"},
        {PUSH: None},
        {PUSH: ""},
    ],
    ids=json.dumps,
)
async def test_place_for_requests_is_judged_like_any(clock: StandingClock, said: dict[str, JsonValue]) -> None:
    """Section 5: one that wants them pushed says where, and it is a URL like the other ones of the document."""

    class Wanting(OidcUpstream):
        def metadata(self) -> dict[str, JsonValue]:
            return {**super().metadata(), **said}

    with pytest.raises(IdpMalformed) as failed:
        await begun(Wanting(clock))
    assert failed.value.reason == f"discovery_{PUSH}"


async def test_provider_that_has_no_such_place_is_asked_by_the_browser(clock: StandingClock) -> None:
    """As ever."""
    assert "scope=openid" in (await begun(OidcUpstream(clock))).url


@dataclass
class Choosy(OidcUpstream):
    """A provider where clients authenticate in another way."""

    methods: tuple[JsonValue, ...] = ("client_secret_post",)

    def metadata(self) -> dict[str, JsonValue]:
        """OIDC Discovery section 3."""
        return {**super().metadata(), "token_endpoint_auth_methods_supported": [*self.methods]}

    def authenticated(self, request: WebRequest, fields: Mapping[str, str]) -> bool:
        """RFC 6749 section 2.3.1: in the body, and not besides in the header; of a public client there is no secret."""
        secret = CLIENT_SECRET if "client_secret_post" in self.methods else None
        named = (fields.get("client_id"), fields.get("client_secret"))
        return named == (CLIENT_ID, secret) and "authorization" not in request.headers


@pytest.mark.parametrize(
    ("methods", "settings"),
    [(("client_secret_post",), {}), (("none",), {"client_secret": ""})],
    ids=["secret_in_the_body", "public"],
)
async def test_client_is_at_that_place_what_it_is_for_tokens(
    clock: StandingClock, methods: tuple[str, ...], settings: dict[str, object]
) -> None:
    """Section 2: authenticated as at the token endpoint; a public client names itself. No parameter comes twice."""
    upstream = Choosy(clock, pushes=True, requires_pushed=True, methods=methods)
    began = await begun(upstream, FRESH, **settings)
    one = provider(surroundings(upstream, clock), **settings)
    told = await one.finish(returned("a state", began, await upstream.sign_in(began.url, Account())))
    assert told.external_id == Account().external_id


async def test_wrong_client_pushes_nothing(upstream: OidcUpstream) -> None:
    """A secret that is not right is said before anybody is sent there."""
    with pytest.raises(IdpRefused) as failed:
        await begun(upstream, client_secret="another one")
    assert failed.value.reason == "pushed_401"
    assert upstream.pushed == {}
