"""Sign-in by an OpenID provider: the kit, and what is OpenID Connect's own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import JsonValue

from hexkeep.core.idp.settings import OidcSettings
from hexkeep.plugins.idp_oidc import OidcIdentityProviders, OidcProvider
from hexkeep.ports.idp import IdpMalformed, IdpOffer, IdpRefused, IdpUnreachable, KnownAccount, Surroundings
from hexkeep.ports.outbound import WebRequest, WebResponse
from hexkeep.testing.idp import Account, StandingClock, Upstream, asked, returned, surroundings
from hexkeep.testing.idp_logout import BackChannelLogoutContract, FrontChannelLogoutContract
from hexkeep.testing.idp_oauth import Grant, answer
from hexkeep.testing.idp_oidc import CLIENT_ID, CLIENT_SECRET, ISSUER, OidcUpstream

SETTINGS: dict[str, object] = {"issuer": ISSUER, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


class TestOidc(BackChannelLogoutContract, FrontChannelLogoutContract):
    """The OpenID provider keeps the contract."""

    @pytest.fixture
    def offer(self) -> IdpOffer[Any]:
        """Our own."""
        (offer,) = OidcIdentityProviders().hexkeep_identity_providers()
        return offer

    @pytest.fixture
    def settings(self) -> Mapping[str, object]:
        """Those of a confidential client."""
        return SETTINGS

    @pytest.fixture
    def upstream(self, clock: StandingClock) -> Upstream:
        """An OpenID provider."""
        return OidcUpstream(clock)


@pytest.fixture
def clock() -> StandingClock:
    """The time of both sides."""
    return StandingClock()


@pytest.fixture
def upstream(clock: StandingClock) -> OidcUpstream:
    """The other side."""
    return OidcUpstream(clock)


@pytest.fixture
def around(clock: StandingClock, upstream: OidcUpstream) -> Surroundings:
    """What a provider reaches."""
    return surroundings(upstream, clock)


def provider(around: Surroundings, **settings: object) -> OidcProvider:
    """A provider with some other settings."""
    return OidcProvider(OidcSettings.model_validate({**SETTINGS, **settings}), around)


async def test_request_has_pkce_and_a_nonce(around: Surroundings) -> None:
    """Each request has a challenge of S256 and a nonce; the verifier stays here."""
    begun = await provider(around).begin(asked("a state"))
    query = parse_qs(urlsplit(begun.url).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["nonce"] == [begun.kept["nonce"]]
    assert query["state"] == ["a state"]
    assert begun.kept["verifier"] not in begun.url


async def test_new_key_is_fetched_once(around: Surroundings, upstream: OidcUpstream, clock: StandingClock) -> None:
    """A token of a key that is not known has the key set fetched anew, and what is known is not fetched again."""
    one = provider(around)
    for _ in range(2):
        begun = await one.begin(asked("s"))
        await one.finish(returned("s", begun, await upstream.sign_in(begun.url, Account())))
    upstream.rotate()
    clock.advance(seconds=61)
    begun = await one.begin(asked("s"))
    identity = await one.finish(returned("s", begun, await upstream.sign_in(begun.url, Account())))
    assert identity.external_id == "account-1"
    assert [request.url for request in upstream.requests].count(f"{ISSUER}/keys") == 2


async def test_discovery_of_another_issuer_is_none(around: Surroundings, upstream: OidcUpstream) -> None:
    """OIDC Discovery section 4.3: the document has to name the issuer that was asked."""
    upstream.issuer = ISSUER
    with pytest.raises(IdpMalformed):
        await provider(around, issuer=f"{ISSUER}/").begin(asked("s"))


async def test_unreachable_discovery_is_said_at_once(around: Surroundings) -> None:
    """Nobody is sent to a provider that does not answer."""
    with pytest.raises(IdpUnreachable):
        await provider(around, issuer="https://nobody.example.net").begin(asked("s"))


async def test_provider_without_an_algorithm_of_ours_signs_nobody_in(
    around: Surroundings, upstream: OidcUpstream
) -> None:
    """What a provider calls supported is believed only as far as it is asymmetric."""
    upstream.supported = ("none", "HS256")
    one = provider(around)
    begun = await one.begin(asked("s"))
    with pytest.raises(IdpMalformed):
        await one.finish(returned("s", begun, await upstream.sign_in(begun.url, Account())))


async def test_response_without_issuer_is_none(around: Surroundings, upstream: OidcUpstream) -> None:
    """RFC 9207 section 2.4: who promises to name itself in the response and does not is somebody else."""
    one = provider(around)
    begun = await one.begin(asked("s"))
    parameters = dict(await upstream.sign_in(begun.url, Account()))
    del parameters["iss"]
    with pytest.raises(IdpMalformed) as failed:
        await one.finish(returned("s", begun, parameters))
    assert failed.value.reason == "response_iss"


async def test_claims_of_no_form_are_not_known(around: Surroundings, upstream: OidcUpstream) -> None:
    """Whatever a provider tells, names stay lines and addresses addresses; verified is what is said to be, in JSON."""
    upstream.claims = {
        "name": "A\u202eda",
        "email": "no address",
        "email_verified": True,
        "phone_number": "+41441234567",
        "phone_number_verified": "true",
        "picture": "javascript:alert(1)",
        "groups": ["staff", 1, "a\nb", "staff"],
        "locale": "de-CH",
    }
    one = provider(around)
    begun = await one.begin(asked("s"))
    told = await one.finish(returned("s", begun, await upstream.sign_in(begun.url, Account())))
    assert (told.display_name, told.email, told.email_verified, told.picture) == ("", "", False, "")
    assert (told.phone, told.phone_verified, told.groups, told.preferred_language) == (
        "+41441234567",
        False,
        ("staff",),
        "de-CH",
    )
    assert "nonce" not in told.claims


async def test_what_one_source_verified_is_not_the_others(around: Surroundings, upstream: OidcUpstream) -> None:
    """An address in userinfo is not verified because the ID token says so of another one."""
    upstream.in_id_token = {"email": "own@example.net", "email_verified": True, "phone_number_verified": True}
    upstream.claims = {"email": "victim@example.com", "email_verified": None, "phone_number": "+41441234567"}
    one = provider(around)
    begun = await one.begin(asked("s"))
    told = await one.finish(returned("s", begun, await upstream.sign_in(begun.url, Account())))
    assert (told.email, told.email_verified, told.phone_verified) == ("victim@example.com", False, False)
    again = await one.refresh(KnownAccount(told.external_id, told.session))
    assert (again.email, again.email_verified, again.phone_verified) == ("victim@example.com", False, False)


@pytest.mark.parametrize("again", [True, False])
async def test_refresh_without_an_id_token_tells_a_part(clock: StandingClock, *, again: bool) -> None:
    """OIDC Core section 12.2: there need not be one, so what it alone tells is not gone."""

    class Terse(OidcUpstream):
        async def issued(self, grant: Grant) -> dict[str, JsonValue]:
            told = await super().issued(grant)
            return told if grant.nonce or again else {name: told[name] for name in told if name != "id_token"}

    terse = Terse(clock)
    one = provider(surroundings(terse, clock))
    begun = await one.begin(asked("s"))
    told = await one.finish(returned("s", begun, await terse.sign_in(begun.url, Account())))
    refreshed = await one.refresh(KnownAccount(told.external_id, told.session))
    assert (told.partial, refreshed.partial) == (False, not again)


@pytest.mark.parametrize("value", [10**400, 1e300, -1], ids=["integer", "real", "negative"])
@pytest.mark.parametrize("name", ["exp", "iat", "nbf", "auth_time"])
async def test_times_that_are_none_are_refused(
    around: Surroundings, upstream: OidcUpstream, name: str, value: float
) -> None:
    """A number that is no moment does not pass for one that is far away, and is no defect of ours."""
    upstream.in_id_token = {name: value}
    one = provider(around)
    begun = await one.begin(asked("s"))
    with pytest.raises(IdpMalformed):
        await one.finish(returned("s", begun, await upstream.sign_in(begun.url, Account())))


@pytest.mark.parametrize(
    ("wish", "prompt", "max_age"),
    [
        ({}, None, None),
        ({"max_age": 60}, None, ["60"]),
        ({"max_age": 0, "anew": True}, ["login"], ["0"]),
        ({"max_age": 60, "anew": True}, ["login"], ["0"]),
        ({"anew": True}, ["login"], ["0"]),
    ],
    ids=str,
)
async def test_age_of_a_session_there_is_for_the_provider_to_judge_first(
    around: Surroundings, wish: dict[str, Any], prompt: list[str] | None, max_age: list[str] | None
) -> None:
    """OIDC Core section 3.1.2.1: it is told how old a session may be; one that is too old all the same does not do."""
    begun = await provider(around).begin(replace(asked("s"), **wish))
    query = parse_qs(urlsplit(begun.url).query)
    assert (query.get("prompt"), query.get("max_age"), "claims" in query) == (prompt, max_age, False)


async def test_who_can_be_asked_for_single_claims_is_asked_when_it_was(clock: StandingClock) -> None:
    """OIDC Core section 5.5: without such a wish many tell only if that is so long ago that it matters."""

    class Choosy(OidcUpstream):
        def metadata(self) -> dict[str, JsonValue]:
            return {**super().metadata(), "claims_parameter_supported": True}

    begun = await provider(surroundings(Choosy(clock), clock)).begin(asked("s"))
    (claims,) = parse_qs(urlsplit(begun.url).query)["claims"]
    assert json.loads(claims) == {"id_token": {"auth_time": None}}


async def test_time_of_the_sign_in_is_the_id_tokens_alone(
    around: Surroundings, upstream: OidcUpstream, clock: StandingClock
) -> None:
    """OIDC Core section 2: userinfo tells of the person, and not of the session."""
    upstream.claims = {"auth_time": int(clock.now().timestamp()) - 60}
    one = provider(around)
    begun = await one.begin(asked("s"))
    told = await one.finish(returned("s", begun, await upstream.sign_in(begun.url, Account())))
    assert told.authenticated_at is None


async def test_id_token_alone_tells_where_that_is_set(around: Surroundings, upstream: OidcUpstream) -> None:
    """With `id_token_mapping` userinfo is not called."""
    one = provider(around, id_token_mapping=True)
    begun = await one.begin(asked("s"))
    told = await one.finish(returned("s", begun, await upstream.sign_in(begun.url, Account())))
    assert told.email == ""
    assert not any(request.url.endswith("/userinfo") for request in upstream.requests)


@dataclass
class Grumpy(OidcUpstream):
    """An OpenID provider that has something against us, and not against any account."""

    error: str = "invalid_client"
    silent: bool = False
    """Whether it tells nothing more to the bearer of a token."""

    def refusal(self, request: WebRequest) -> WebResponse:
        """RFC 6749 section 5.2: some say status 400 to an unknown client as well."""
        return answer(request, {"error": self.error}, 400)

    def of_token(self, request: WebRequest) -> Account | None:
        """Nobody's, if it is silent."""
        return None if self.silent else super().of_token(request)


@pytest.mark.parametrize(
    ("error", "silent", "failure"),
    [
        ("invalid_grant", False, IdpRefused),
        ("invalid_client", False, IdpUnreachable),
        ("invalid_grant", True, IdpUnreachable),
    ],
)
async def test_only_a_refused_token_is_a_word_about_the_account(
    clock: StandingClock, error: str, failure: type[Exception], *, silent: bool
) -> None:
    """RFC 6749 section 5.2: whoever asks again for all its people is not told that they are gone by a wrong secret."""
    upstream = Grumpy(clock, error=error)
    one = provider(surroundings(upstream, clock))
    begun = await one.begin(asked("s"))
    told = await one.finish(returned("s", begun, await upstream.sign_in(begun.url, Account())))
    upstream.silent = silent
    if not silent:
        upstream.refreshing.clear()
    with pytest.raises(failure):
        await one.refresh(KnownAccount(told.external_id, told.session))
