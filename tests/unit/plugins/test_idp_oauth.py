"""Sign-in by an authorization server of OAuth 2.0: the kit, and what is OAuth's own."""

import sys
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from hexkeep.bootstrap.plugins import Plugins
from hexkeep.core.idp.settings import OAuthSettings
from hexkeep.plugins.idp_oauth import OAuthIdentityProviders, OAuthProvider
from hexkeep.ports.idp import Identity, IdpMalformed, IdpOffer, IdpRefused
from hexkeep.ports.outbound import WebRequest
from hexkeep.testing.idp import (
    Account,
    IdpContract,
    Misbehaviour,
    StandingClock,
    Upstream,
    asked,
    returned,
    surroundings,
)
from hexkeep.testing.idp_oauth import CLIENT_ID, CLIENT_SECRET, ISSUER, SIGNS_NOTHING, Grant, OAuthUpstream

SETTINGS: dict[str, object] = {
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "userinfo_endpoint": f"{ISSUER}/userinfo",
    "id_attribute": "id",
    "issuer": ISSUER,
}


class TestOAuth(IdpContract):
    """The OAuth provider keeps the contract."""

    cannot: ClassVar[frozenset[Misbehaviour]] = SIGNS_NOTHING

    @pytest.fixture
    def offer(self) -> IdpOffer[Any]:
        """Our own."""
        (offer,) = OAuthIdentityProviders().hexkeep_identity_providers()
        return offer

    @pytest.fixture
    def settings(self) -> Mapping[str, object]:
        """Those of a server that names itself."""
        return SETTINGS

    @pytest.fixture
    def upstream(self, clock: StandingClock) -> Upstream:
        """An authorization server."""
        return OAuthUpstream(clock)


@pytest.fixture
def upstream() -> OAuthUpstream:
    """The other side."""
    return OAuthUpstream(StandingClock())


async def signed_in(upstream: OAuthUpstream, **settings: object) -> Identity:
    """Who comes back from a server, with some other settings."""
    around = surroundings(upstream, upstream.clock)
    provider = OAuthProvider(OAuthSettings.model_validate({**SETTINGS, **settings}), around)
    begun = await provider.begin(asked("s"))
    return await provider.finish(returned("s", begun, await upstream.sign_in(begun.url, Account())))


def redeeming(upstream: OAuthUpstream) -> WebRequest:
    """The token request."""
    (request,) = (one for one in upstream.requests if one.method == "POST")
    return request


async def test_usual_names_are_known(upstream: OAuthUpstream) -> None:
    """Servers call the same things by different names; a name that OpenID Connect has goes first."""
    upstream.claims = {
        "preferred_username": None,
        "login": "octo",
        "username": "cat",
        "displayName": "Ada L.",
        "first_name": "Augusta",
        "avatar_url": "https://img.example.net/a.png",
        "language": "de",
    }
    told = await signed_in(upstream)
    assert (told.user_name, told.display_name, told.given_name) == ("cat", "Ada L.", "Ada")
    assert (told.picture, told.preferred_language) == ("https://img.example.net/a.png", "de")


@pytest.mark.parametrize(("value", "external_id"), [(4711, "4711"), (0, "0"), (2**60, str(2**60)), ("a/b", "a/b")])
async def test_id_is_a_text_or_a_whole_number(upstream: OAuthUpstream, value: Any, external_id: str) -> None:
    """The attribute that the settings name tells accounts apart, and keeps every digit."""
    upstream.claims = {"number": value}
    assert (await signed_in(upstream, id_attribute="number")).external_id == external_id


@pytest.mark.parametrize("value", [None, True, 1.5, "", "two\nlines", ["1"], {"id": 1}, "x" * 501])
async def test_what_cannot_be_an_id_is_nobody(upstream: OAuthUpstream, value: Any) -> None:
    """Nothing that a server may round or that has no form of an id tells accounts apart."""
    upstream.claims = {"id": value}
    with pytest.raises(IdpMalformed) as failed:
        await signed_in(upstream)
    assert failed.value.reason == "external_id"


async def test_address_is_verified_by_a_true_alone(upstream: OAuthUpstream) -> None:
    """A text that reads like yes is not said to be verified."""
    upstream.claims = {"email_verified": "true"}
    assert not (await signed_in(upstream)).email_verified


async def test_secret_stands_where_the_settings_say(upstream: OAuthUpstream) -> None:
    """RFC 6749 section 2.3.1: in the header, both parts form-encoded; or in the body, and then nowhere else."""
    await signed_in(upstream)
    assert CLIENT_SECRET not in redeeming(upstream).body.decode()
    upstream.requests.clear()
    with pytest.raises(IdpRefused):
        await signed_in(upstream, posts_secret=True)
    sent = redeeming(upstream)
    assert dict(parse_qsl(sent.body.decode()))["client_secret"] == CLIENT_SECRET
    assert "authorization" not in sent.headers


async def test_secret_of_any_script_proves_itself(upstream: OAuthUpstream) -> None:
    """A secret with a colon, an umlaut and a sign of any script proves itself like any other."""
    with pytest.raises(IdpRefused):
        await signed_in(upstream, client_secret="a:ü%☃")
    assert redeeming(upstream).headers["authorization"] == "Basic aGV4a2VlcDphJTNBJUMzJUJDJTI1JUUyJTk4JTgz"


async def test_challenge_is_left_out_where_the_settings_say(upstream: OAuthUpstream) -> None:
    """Without PKCE there is neither a challenge nor a verifier; with it there are both."""
    around = surroundings(upstream, upstream.clock)
    for pkce in (True, False):
        provider = OAuthProvider(OAuthSettings.model_validate({**SETTINGS, "pkce": pkce}), around)
        begun = await provider.begin(asked("s"))
        query = parse_qs(urlsplit(begun.url).query)
        assert ("code_challenge" in query, "verifier" in begun.kept) == (pkce, pkce)
        await provider.finish(returned("s", begun, await upstream.sign_in(begun.url, Account())))
        assert ("code_verifier" in dict(parse_qsl(redeeming(upstream).body.decode()))) == pkce
        upstream.requests.clear()


@pytest.mark.parametrize(
    ("tokens", "reason"),
    [
        ({"token_type": "DPoP"}, "token_type"),
        ({"access_token": "a\r\nb"}, "access_token"),
        ({"access_token": 7}, "access_token"),
        ({"access_token": None}, "access_token"),
        ({"expires_in": "soon"}, "token_response"),
        ({"expires_in": [1]}, "token_response"),
        ({"expires_in": float("inf")}, "token_response"),
        ({"error": "invalid_grant"}, "token_invalid_grant"),
        ({"error": "invalid_client"}, "token"),
    ],
    ids=str,
)
async def test_odd_token_response_is_a_failure(tokens: dict[str, Any], reason: str) -> None:
    """RFC 6749 section 5.1: what is no bearer token in a header is not sent; an error is one, whatever its status."""

    class Odd(OAuthUpstream):
        async def issued(self, grant: Grant) -> dict[str, Any]:
            return {**await super().issued(grant), **tokens}

    with pytest.raises((IdpMalformed, IdpRefused)) as failed:
        await signed_in(Odd(StandingClock()))
    assert failed.value.reason == reason


async def test_query_of_the_endpoint_stays(upstream: OAuthUpstream) -> None:
    """RFC 6749 section 3.1: what the settings have in the authorization endpoint's query is kept."""
    around = surroundings(upstream, upstream.clock)
    settings = {**SETTINGS, "authorization_endpoint": f"{ISSUER}/authorize?tenant=a%20b"}
    begun = await OAuthProvider(OAuthSettings.model_validate(settings), around).begin(asked("s"))
    assert parse_qs(urlsplit(begun.url).query)["tenant"] == ["a b"]


def test_kinds_stay_records_where_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has installed less has no buttons that lead nowhere; a JWT in a header needs no library."""
    everything = Plugins.load().identity_providers().keys()
    assert everything >= {"oidc", "oauth", "google", "github", "gitlab", "entra_id", "apple", "jwt"}
    monkeypatch.setitem(sys.modules, "authlib", None)
    assert everything - Plugins.load().identity_providers().keys() == {
        *("oidc", "oauth", "google", "github", "github_enterprise", "gitlab", "gitlab_self_hosted", "entra_id", "apple")
    }
