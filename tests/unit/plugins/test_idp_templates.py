"""Sign-in by Google and GitLab: the kit, and what is each one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from hexkeep.core.idp.templates import GoogleSettings
from hexkeep.plugins.idp_gitlab import GitLabIdentityProviders
from hexkeep.plugins.idp_google import GoogleIdentityProviders, GoogleProvider
from hexkeep.ports.idp import Identity, IdpOffer, IdpRefused
from hexkeep.testing.idp import Account, IdpContract, StandingClock, Upstream, asked, returned, surroundings
from hexkeep.testing.idp_oidc import CLIENT_ID, CLIENT_SECRET, OidcUpstream

SETTINGS: dict[str, object] = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
GOOGLE = "https://accounts.google.com"


@dataclass
class GoogleUpstream(OidcUpstream):
    """Google; older parts of it have a name of their own in ID tokens."""

    issuer: str = GOOGLE


class TestGoogle(IdpContract):
    """Google keeps the contract."""

    @pytest.fixture
    def offer(self) -> IdpOffer[Any]:
        """Google's."""
        (offer,) = GoogleIdentityProviders().hexkeep_identity_providers()
        return offer

    @pytest.fixture
    def settings(self) -> Mapping[str, object]:
        """Those of a client."""
        return SETTINGS

    @pytest.fixture
    def upstream(self, clock: StandingClock) -> Upstream:
        """Google."""
        return GoogleUpstream(clock)


@pytest.mark.parametrize("kind", ["gitlab", "gitlab_self_hosted"])
class TestGitLab(IdpContract):
    """GitLab keeps the contract, wherever it is."""

    ISSUERS: ClassVar[Mapping[str, str]] = {
        "gitlab": "https://gitlab.com",
        "gitlab_self_hosted": "https://git.example.net",
    }

    @pytest.fixture
    def offer(self, kind: str) -> IdpOffer[Any]:
        """GitLab's."""
        return {one.kind.name: one for one in GitLabIdentityProviders().hexkeep_identity_providers()}[kind]

    @pytest.fixture
    def settings(self, kind: str) -> Mapping[str, object]:
        """Those of a client, and where a GitLab of one's own is."""
        return SETTINGS | ({"issuer": self.ISSUERS[kind]} if kind == "gitlab_self_hosted" else {})

    @pytest.fixture
    def upstream(self, kind: str, clock: StandingClock) -> Upstream:
        """GitLab."""
        return OidcUpstream(clock, self.ISSUERS[kind])


@pytest.fixture
def google() -> GoogleUpstream:
    """The other side."""
    return GoogleUpstream(StandingClock())


def provider(upstream: OidcUpstream, **settings: object) -> GoogleProvider:
    """A provider with some other settings."""
    around = surroundings(upstream, upstream.clock)
    return GoogleProvider(GoogleSettings.model_validate({**SETTINGS, **settings}), around)


async def signed_in(upstream: OidcUpstream, account: Account | None = None, **settings: object) -> Identity:
    """Who comes back from Google."""
    one = provider(upstream, **settings)
    begun = await one.begin(asked("s"))
    return await one.finish(returned("s", begun, await upstream.sign_in(begun.url, account or Account())))


async def test_google_has_two_names(google: GoogleUpstream) -> None:
    """Its documentation names both as issuers of its ID tokens."""
    google.in_id_token = {"iss": "accounts.google.com"}
    assert (await signed_in(google)).external_id == "account-1"


@pytest.mark.parametrize(
    ("address", "domain", "verified"),
    [
        ("ada@gmail.com", None, True),
        ("ada@GMail.com", None, True),
        ("ada@example.net", "example.net", True),
        ("ada@example.net", None, False),
        ("ada@example.net", "", False),
        ("ada@notgmail.com", None, False),
    ],
)
async def test_google_verifies_what_it_gives_out(
    google: GoogleUpstream, address: str, domain: str | None, *, verified: bool
) -> None:
    """An address of another provider was the person's once, and may be somebody else's by now."""
    google.claims = {} if domain is None else {"hd": domain}
    assert (await signed_in(google, Account(email=address))).email_verified == verified
    assert not (await signed_in(google, Account(email=address, email_verified=False))).email_verified


@pytest.mark.parametrize(
    ("domains", "wished"), [((), None), (("example.net",), "example.net"), (("a.example", "b.example"), "*")]
)
async def test_google_offers_accounts_of_the_domain(
    google: GoogleUpstream, domains: tuple[str, ...], wished: str | None
) -> None:
    """One domain is asked for, several are any."""
    begun = await provider(google, hosted_domains=domains).begin(asked("s"))
    assert parse_qs(urlsplit(begun.url).query).get("hd") == (None if wished is None else [wished])


@pytest.mark.parametrize("domain", [None, "", "example.org", "sub.example.net", 1])
async def test_others_than_the_domains_are_refused(google: GoogleUpstream, domain: Any) -> None:
    """Whatever the browser has asked for: what the ID token says counts, and userinfo does not."""
    google.in_id_token = {} if domain is None else {"hd": domain}
    google.claims = {"hd": "example.net"}
    with pytest.raises(IdpRefused) as failed:
        await signed_in(google, hosted_domains=("Example.net",))
    assert failed.value.reason == "hosted_domain"


async def test_domain_signs_in(google: GoogleUpstream) -> None:
    """An account of one of the domains."""
    google.in_id_token = {"hd": "example.net"}
    assert (await signed_in(google, hosted_domains=("other.example", "example.net"))).email_verified
