"""Sign-in by something in front that signs a JWT: the kit, and what is believed of a header."""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import JsonValue, ValidationError

from hexkeep.core.idp.settings import JwtSettings
from hexkeep.plugins.idp_jwt import JwtIdentityProviders, JwtProvider
from hexkeep.ports.idp import Identity, IdpMalformed, IdpOffer
from hexkeep.testing.idp import (
    CALLBACK,
    Account,
    IdpContract,
    Misbehaviour,
    StandingClock,
    Upstream,
    asked,
    returned,
    surroundings,
)
from tests.fakes.jwt_front import HEADER, SETTINGS, FrontUpstream


class TestJwt(IdpContract):
    """The JWT provider keeps the contract."""

    cannot: ClassVar[frozenset[Misbehaviour]] = frozenset(
        {
            Misbehaviour.WRONG_PARTY,
            Misbehaviour.NO_NONCE,
            Misbehaviour.OTHER_SUBJECT,
            Misbehaviour.OTHER_RESPONSE_ISSUER,
        }
    )

    @pytest.fixture
    def offer(self) -> IdpOffer[Any]:
        """Our own."""
        (offer,) = JwtIdentityProviders().hexkeep_identity_providers()
        return offer

    @pytest.fixture
    def settings(self) -> Mapping[str, object]:
        """Those of a proxy that says for whom its JWTs are."""
        return SETTINGS

    @pytest.fixture
    def upstream(self, clock: StandingClock) -> Upstream:
        """The proxy."""
        return FrontUpstream(clock)


@pytest.fixture
def clock() -> StandingClock:
    """The time of both sides."""
    return StandingClock()


@pytest.fixture
def upstream(clock: StandingClock) -> FrontUpstream:
    """The other side."""
    return FrontUpstream(clock)


def provider(upstream: FrontUpstream, clock: StandingClock, **settings: object) -> JwtProvider:
    """A provider with some other settings."""
    return JwtProvider(JwtSettings.model_validate({**SETTINGS, **settings}), surroundings(upstream, clock))


async def signed_in(upstream: FrontUpstream, clock: StandingClock, **settings: object) -> Identity:
    """Who comes back from the proxy."""
    one = provider(upstream, clock, **settings)
    begun = await one.begin(asked("s"))
    return await one.finish(returned("s", begun, await upstream.sign_in(begun.url, Account())))


async def test_endpoint_is_told_where_to_lead_back_to(upstream: FrontUpstream, clock: StandingClock) -> None:
    """The query has the callback and the state beside what stands there already; one header is wanted back."""
    begun = await provider(upstream, clock).begin(asked("a state"))
    query = parse_qs(urlsplit(begun.url).query)
    assert (query["app"], query["redirect_uri"], query["state"]) == (["id"], [CALLBACK], ["a state"])
    assert (query["nonce"], begun.header) == ([begun.kept["nonce"]], HEADER)


@pytest.mark.parametrize(
    ("claims", "audience", "reason"),
    [
        ({"aud": ["other", "hexkeep"]}, "hexkeep", ""),
        ({"aud": None}, "hexkeep", "jwt_aud"),
        ({"aud": ["other"]}, "hexkeep", "jwt_aud"),
        ({"aud": None}, "", ""),
        ({"aud": "hexkeep"}, "", "jwt_aud"),
        ({"aud": ""}, "", "jwt_aud"),
        ({"nonce": None}, "hexkeep", ""),
        ({"exp": None}, "hexkeep", "jwt_exp"),
        ({"iat": None}, "hexkeep", "jwt_iat"),
        ({"nbf": 4_000_000_000}, "hexkeep", "jwt_nbf"),
        ({"sub": "x" * 256}, "hexkeep", "jwt_sub"),
        ({"sub": 7}, "hexkeep", "jwt_sub"),
    ],
    ids=str,
)
async def test_claims_are_judged(
    upstream: FrontUpstream, clock: StandingClock, claims: dict[str, JsonValue], audience: str, reason: str
) -> None:
    """RFC 7519 section 4.1: for whom it is has to be us, and both ends of its time are there. A nonce need not be."""
    upstream.claims = claims
    if not reason:
        assert (await signed_in(upstream, clock, audience=audience)).external_id == "account-1"
        return
    with pytest.raises(IdpMalformed) as failed:
        await signed_in(upstream, clock, audience=audience)
    assert failed.value.reason == reason


async def test_new_key_is_fetched(upstream: FrontUpstream, clock: StandingClock) -> None:
    """A proxy that has another key by now is believed as soon as it publishes it."""
    await signed_in(upstream, clock)
    upstream.signer.rotate()
    clock.advance(seconds=61)
    assert (await signed_in(upstream, clock)).external_id == "account-1"


async def test_each_jwt_is_told_apart(upstream: FrontUpstream, clock: StandingClock) -> None:
    """By its ``jti``, or else by what was signed: a signature of the same may look different. It is over by itself."""
    upstream.claims = {"jti": "one"}
    first, again = await signed_in(upstream, clock), await signed_in(upstream, clock)
    upstream.claims = {"jti": None}
    third, fourth = await signed_in(upstream, clock), await signed_in(upstream, clock)
    ids = [one.answered.id for one in (first, again, third, fourth) if one.answered]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert third.answered
    clock.advance(seconds=(third.answered.until - clock.now()).total_seconds())
    upstream.claims = {"iat": int(StandingClock().now().timestamp()), "exp": 4_000_000_000}
    with pytest.raises(IdpMalformed):
        await signed_in(upstream, clock)


@pytest.mark.parametrize("name", ["Cookie", "AUTHORIZATION", "Host", "DPoP", "X-Auth\r\nHost", "", "X Auth"])
def test_headers_of_ours_are_none_of_a_provider(name: str) -> None:
    """What a browser sends to us alone is not told to anybody, whoever sets up a provider."""
    with pytest.raises(ValidationError):
        JwtSettings.model_validate({**SETTINGS, "header_name": name})
