"""Sign-in by GitHub and by a GitHub Enterprise Server: the kit, and which address counts."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from hexkeep.core.idp.templates import GitHubSettings
from hexkeep.plugins.idp_github import GitHubIdentityProviders, GitHubProvider
from hexkeep.ports.idp import Identity, IdpOffer
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
from hexkeep.testing.idp_oauth import CLIENT_ID, CLIENT_SECRET, SIGNS_NOTHING, GitHubUpstream

CANNOT = SIGNS_NOTHING | {Misbehaviour.OTHER_RESPONSE_ISSUER}
SETTINGS: dict[str, object] = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
SERVER = "https://github.example.com"


class TestGitHub(IdpContract):
    """GitHub keeps the contract."""

    cannot: ClassVar[frozenset[Misbehaviour]] = CANNOT

    @pytest.fixture
    def offer(self) -> IdpOffer[Any]:
        """That of GitHub itself."""
        return {one.kind.name: one for one in GitHubIdentityProviders().hexkeep_identity_providers()}["github"]

    @pytest.fixture
    def settings(self) -> Mapping[str, object]:
        """Those of an OAuth app."""
        return SETTINGS

    @pytest.fixture
    def upstream(self, clock: StandingClock) -> Upstream:
        """GitHub."""
        return GitHubUpstream(clock)


class TestGitHubEnterprise(IdpContract):
    """A GitHub Enterprise Server keeps the contract."""

    cannot: ClassVar[frozenset[Misbehaviour]] = CANNOT

    @pytest.fixture
    def offer(self) -> IdpOffer[Any]:
        """That of a server of one's own."""
        offers = {one.kind.name: one for one in GitHubIdentityProviders().hexkeep_identity_providers()}
        return offers["github_enterprise"]

    @pytest.fixture
    def settings(self) -> Mapping[str, object]:
        """Those of an OAuth app there."""
        return {**SETTINGS, "base_url": f"{SERVER}/"}

    @pytest.fixture
    def upstream(self, clock: StandingClock) -> Upstream:
        """Such a server: its API is below its own address."""
        return GitHubUpstream(clock, SERVER, api=f"{SERVER}/api/v3")


async def signed_in(upstream: GitHubUpstream, account: Account | None = None) -> Identity:
    """Who comes back from GitHub."""
    around = surroundings(upstream, upstream.clock)
    provider = GitHubProvider(GitHubSettings.model_validate(SETTINGS), around)
    begun = await provider.begin(asked("s"))
    return await provider.finish(returned("s", begun, await upstream.sign_in(begun.url, account or Account())))


async def test_account_is_its_number_and_the_address_the_primary_one() -> None:
    """Names can be given away and taken over, numbers cannot; what the profile shows is not what is verified."""
    upstream = GitHubUpstream(StandingClock())
    upstream.addresses = [{"email": "second@example.net", "verified": True, "primary": False}, "no address", {}]
    told = await signed_in(upstream)
    assert (told.external_id, told.user_name, told.display_name) == ("1", "ada", "Ada")
    assert (told.email, told.email_verified) == ("ada@example.net", True)


async def test_secondary_address_verifies_nothing() -> None:
    """A primary address that is not verified stays so, whatever else is."""
    upstream = GitHubUpstream(StandingClock())
    upstream.addresses = [{"email": "ada@example.net", "verified": True, "primary": False}]
    told = await signed_in(upstream, Account(email="other@example.net", email_verified=False))
    assert (told.email, told.email_verified) == ("other@example.net", False)


async def test_address_of_the_profile_is_not_verified() -> None:
    """Where the person has not granted the list, what the profile shows is known, and nobody has verified it."""
    upstream = GitHubUpstream(StandingClock(), lists_addresses=False)
    told = await signed_in(upstream)
    assert (told.email, told.email_verified) == ("shown@example.net", False)
