"""Logout tokens of an OpenID provider: what is OpenID Connect's own about them (Back-Channel Logout 1.0)."""

import base64
import hmac
import json

import pytest
from pydantic import JsonValue

from hexkeep.core.idp.settings import OidcSettings
from hexkeep.plugins.idp_oidc import OidcProvider
from hexkeep.ports.idp import Identity, IdpMalformed, IdpUnreachable, LogoutThere, Surroundings
from hexkeep.testing.idp import Account, StandingClock, asked, returned, surroundings
from hexkeep.testing.idp_oidc import CLIENT_ID, OidcUpstream
from tests.unit.plugins.test_idp_oidc import SETTINGS

SUB: dict[str, JsonValue] = {"sub": "a"}
BOTH: dict[str, JsonValue] = {"sub": "a", "sid": "b"}
EVENT = "http://schemas.openid.net/event/backchannel-logout"


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
    """What the provider reaches."""
    return surroundings(upstream, clock)


@pytest.fixture
def provider(around: Surroundings) -> OidcProvider:
    """Whoever hears."""
    return OidcProvider(OidcSettings.model_validate(SETTINGS), around)


async def told(provider: OidcProvider, token: str) -> LogoutThere:
    """What a token says."""
    return await provider.session_ended({"logout_token": token, "state": "of no meaning"})


async def refused(provider: OidcProvider, token: str) -> str:
    """Why a token is refused."""
    with pytest.raises(IdpMalformed) as failed:
        await told(provider, token)
    return failed.value.reason


async def signed_in(provider: OidcProvider, upstream: OidcUpstream) -> Identity:
    """Somebody has."""
    begun = await provider.begin(asked("s"))
    return await provider.finish(returned("s", begun, await upstream.sign_in(begun.url, Account())))


async def test_token_names_session_subject_or_both(provider: OidcProvider, upstream: OidcUpstream) -> None:
    """Section 2.4: one of `sub` and `sid` is enough; they are those of the ID token, whatever userinfo tells."""
    upstream.claims = {"sid": "another"}
    identity = await signed_in(provider, upstream)
    sid = upstream.sessions["account-1"]
    assert (identity.session_name, identity.session_index) == ("account-1", sid)
    found = [await told(provider, await upstream.logout_token(one)) for one in (BOTH, SUB, {"sid": "b"})]
    assert [(one.name, one.indexes) for one in found] == [("a", ("b",)), ("a", ()), ("", ("b",))]


@pytest.mark.parametrize("sid", [None, 7, "", "x" * 256, "a\u2028b"])
async def test_session_without_a_name_is_told_by_its_person(
    provider: OidcProvider, upstream: OidcUpstream, sid: JsonValue
) -> None:
    """Not every provider has `sid` in its ID tokens, and what is none there signs people in all the same."""
    upstream.in_id_token = {"sid": sid}
    identity = await signed_in(provider, upstream)
    assert (identity.session_name, identity.session_index) == ("account-1", "")


@pytest.mark.parametrize("type_", ["logout+jwt", "application/logout+jwt", "Logout+JWT", "JWT", ""])
async def test_type_is_that_of_logout_tokens_or_none(
    provider: OidcProvider, upstream: OidcUpstream, type_: str
) -> None:
    """Section 2.4: the type is recommended, so providers may leave it out."""
    assert (await told(provider, await upstream.logout_token(SUB, type_))).name == "a"


@pytest.mark.parametrize("type_", ["at+jwt", "secevent+jwt", "dpop+jwt"])
async def test_token_of_another_type_is_none(provider: OidcProvider, upstream: OidcUpstream, type_: str) -> None:
    """RFC 8725 section 3.11: what is signed for another purpose ends nothing."""
    assert await refused(provider, await upstream.logout_token(SUB, type_)) == "logout_token_signature"


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"nonce": "n"}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"events": None}, "events"),
        ({"events": []}, "events"),
        ({"events": EVENT}, "events"),
        ({"events": {}}, "events"),
        ({"events": {"http://schemas.openid.net/event/other": {}}}, "events"),
        ({"events": {EVENT: True}}, "events"),
        ({"jti": None}, "jti"),
        ({"jti": ""}, "jti"),
        ({"jti": 7}, "jti"),
        ({"jti": "x" * 256}, "jti"),
        ({"jti": "a\u2028b"}, "jti"),
        ({"sub": None, "sid": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": ["a"]}, "sub"),
        ({"sid": 7}, "sid"),
        ({"sid": ""}, "sid"),
        ({"sid": "a\u2028b"}, "sid"),
        ({"aud": ["somebody else"]}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": [CLIENT_ID, "somebody else"]}, "azp"),
        ({"azp": "somebody else"}, "azp"),
        ({"iss": None}, "iss"),
        ({"exp": None}, "exp"),
        ({"iat": None}, "iat"),
        ({"iat": True}, "iat"),
        ({"exp": 1e300}, "exp"),
        ({"nbf": 1e11}, "nbf"),
    ],
    ids=lambda one: json.dumps(one)[:40],
)
async def test_claims_that_make_no_logout_are_refused(
    provider: OidcProvider, upstream: OidcUpstream, claims: dict[str, JsonValue], reason: str
) -> None:
    """Section 2.6: each of them, though the provider has signed it."""
    assert await refused(provider, await upstream.logout_token({**BOTH, **claims})) == f"logout_token_{reason}"


async def test_token_for_several_is_for_us_if_we_are_the_party(provider: OidcProvider, upstream: OidcUpstream) -> None:
    """Section 2.6: audiences count as in ID tokens; members of `events` besides change nothing."""
    parties: dict[str, JsonValue] = {"aud": [CLIENT_ID, "somebody else"], "azp": CLIENT_ID}
    events: dict[str, JsonValue] = {"events": {EVENT: {"x": 1}, "urn:other": {}}}
    assert (await told(provider, await upstream.logout_token({**SUB, **parties, **events}))).name == "a"


async def test_new_key_is_fetched_and_an_old_one_is_gone(
    provider: OidcProvider, upstream: OidcUpstream, clock: StandingClock
) -> None:
    """Keys change; what a former one has signed is nobody's, and strangers have nothing fetched over and over."""
    assert (await told(provider, await upstream.logout_token(SUB))).name == "a"
    before = await upstream.logout_token(SUB)
    upstream.rotate()
    clock.advance(seconds=61)
    assert (await told(provider, await upstream.logout_token(SUB))).name == "a"
    assert await refused(provider, before) == "logout_token_signature"
    for _ in range(3):
        await refused(provider, before)
    assert [one.url.rpartition("/")[2] for one in upstream.requests].count("keys") == 2


async def test_public_key_is_no_secret(provider: OidcProvider, upstream: OidcUpstream) -> None:
    """RFC 8725 section 2.1: a MAC over the text of the published key is no signature."""
    token = await upstream.logout_token(SUB)
    payload = token.split(".")[1]
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"logout+jwt"}').decode().rstrip("=")
    key = json.dumps(dict((await upstream.signer.key()).public)).encode()
    mac = base64.urlsafe_b64encode(hmac.digest(key, f"{header}.{payload}".encode(), "sha256")).decode().rstrip("=")
    assert await refused(provider, f"{header}.{payload}.{mac}") == "logout_token_signature"


async def test_token_of_another_provider_is_nobodys(provider: OidcProvider, clock: StandingClock) -> None:
    """Whoever runs another provider, or is a client at one, ends no session of this one."""
    other = OidcUpstream(clock)
    assert await refused(provider, await other.logout_token(SUB)) == "logout_token_signature"


async def test_encrypted_token_is_none(provider: OidcProvider) -> None:
    """Section 2.4: it is encrypted where ID tokens are, which nobody can ask for here."""
    assert await refused(provider, "a.b.c.d.e") == "logout_token_signature"


async def test_provider_that_cannot_be_asked_is_said_to_be_away(upstream: OidcUpstream, clock: StandingClock) -> None:
    """Without its keys nobody knows whether it has said so: it may try again."""
    away = {**SETTINGS, "issuer": "https://nobody.example.net"}
    provider = OidcProvider(OidcSettings.model_validate(away), surroundings(upstream, clock))
    with pytest.raises(IdpUnreachable):
        await told(provider, await upstream.logout_token(SUB))
