"""Sign-in by Entra ID: the kit, whose directory it is, and which addresses count."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from pydantic import JsonValue, ValidationError

from hexkeep.core.idp.templates import EntraIdSettings
from hexkeep.core.idpintent.mapping import is_left_out
from hexkeep.plugins.idp_entra import PERSONAL, EntraIdentityProviders, EntraProvider, issuer_of
from hexkeep.ports.idp import Identity, IdpMalformed, IdpOffer, IdpRefused
from hexkeep.ports.outbound import WebRequest, WebResponse
from hexkeep.testing.idp import (
    Account,
    Misbehaviour,
    StandingClock,
    Upstream,
    asked,
    returned,
    surroundings,
)
from hexkeep.testing.idp_logout import FrontChannelLogoutContract
from hexkeep.testing.idp_oauth import answer
from hexkeep.testing.idp_oidc import CLIENT_ID, CLIENT_SECRET, OidcUpstream

OURS, THEIRS = "11111111-2222-3333-4444-555555555555", "99999999-8888-7777-6666-555555555555"
SETTINGS: dict[str, object] = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "directory": OURS}
ANY = "{tenantid}"


@dataclass
class EntraUpstream(OidcUpstream):
    """Entra ID at the place of one directory, or of all; ``directory`` is the one that the account is in."""

    issuer: str = "https://login.microsoftonline.com"
    place: str = OURS
    directory: str = OURS
    key_issuer: str = ANY

    NAMES_ISSUER: ClassVar[bool] = False

    def places(self) -> Mapping[str, Any]:
        """Discovery is below the place."""
        return {**super().places(), f"GET {self.issuer}/{self.place}/v2.0{self.DISCOVERY}": self._discovery}

    def metadata(self) -> dict[str, JsonValue]:
        """Where any directory will do, the issuer is a pattern."""
        named = {"common": ANY, "organizations": ANY, "consumers": PERSONAL}.get(self.place, OURS)
        return {**super().metadata(), "issuer": issuer_of(named)}

    async def id_token(self, grant: Any) -> str:
        """Of the directory that the account is in."""
        told = {**await self.about(grant.account), "xms_edov": grant.account.email_verified}
        told |= {"iss": issuer_of(self.directory), "tid": self.directory, "oid": grant.account.external_id}
        kept, self.in_id_token = self.in_id_token, {**told, "sub": f"pairwise {told['oid']}", **self.in_id_token}
        try:
            return await super().id_token(grant)
        finally:
            self.in_id_token = kept

    def frame(self, external_id: str) -> Mapping[str, str]:
        """Its frames name no issuer; somebody else's may."""
        query = super().frame(external_id)
        return query if self.how is Misbehaviour.WRONG_ISSUER else {"sid": query["sid"]}

    async def _keys(self, request: WebRequest) -> WebResponse:
        keys = (await self.signer.jwks())["keys"]
        assert isinstance(keys, list)
        mark = {"issuer": issuer_of(self.key_issuer)} if self.key_issuer else {}
        marked = [{**key, **mark} for key in keys if isinstance(key, dict)]
        return answer(request, {"keys": [*marked]})


class TestEntra(FrontChannelLogoutContract):
    """Entra ID keeps the contract."""

    cannot: ClassVar[frozenset[Misbehaviour]] = frozenset({Misbehaviour.OTHER_SUBJECT})

    @pytest.fixture
    def offer(self) -> IdpOffer[Any]:
        """Our own."""
        (offer,) = EntraIdentityProviders().hexkeep_identity_providers()
        return offer

    @pytest.fixture
    def settings(self) -> Mapping[str, object]:
        """Those of one directory."""
        return SETTINGS

    @pytest.fixture
    def upstream(self, clock: StandingClock) -> Upstream:
        """One directory."""
        return EntraUpstream(clock)


async def signed_in(upstream: EntraUpstream, **settings: object) -> Identity:
    """Who comes back from Entra ID."""
    around = surroundings(upstream, upstream.clock)
    provider = EntraProvider(EntraIdSettings.model_validate({**SETTINGS, **settings}), around)
    begun = await provider.begin(asked("s"))
    return await provider.finish(returned("s", begun, await upstream.sign_in(begun.url, Account())))


def upstream(place: str = OURS, directory: str = OURS) -> EntraUpstream:
    """Entra ID at a place, with an account of a directory."""
    return EntraUpstream(StandingClock(), place=place, directory=directory)


async def test_account_is_a_directory_and_an_id_there() -> None:
    """Both are what an administrator finds in the directory, and no other account gets them."""
    assert (await signed_in(upstream())).external_id == f"{OURS}/account-1"


@pytest.mark.parametrize(
    "told", [{"hasgroups": True}, {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "x"}}}]
)
async def test_more_groups_than_a_token_takes_are_not_none(told: dict[str, JsonValue]) -> None:
    """Whichever way Entra ID says so."""
    there = upstream()
    there.in_id_token = {**told, "groups": None}
    assert is_left_out(await signed_in(there), "groups")
    assert not is_left_out(await signed_in(upstream()), "roles")


async def test_single_directory_may_be_named_by_a_domain() -> None:
    """Whose it is, its document says; and then nobody else's is."""
    there = upstream("example.onmicrosoft.com")
    assert (await signed_in(there, directory="example.onmicrosoft.com")).external_id == f"{OURS}/account-1"
    there.directory = THEIRS
    with pytest.raises(IdpMalformed):
        await signed_in(there, directory="example.onmicrosoft.com")


@pytest.mark.parametrize(
    ("tenant", "allowed", "directory", "outcome"),
    [
        ("single", (), THEIRS, "id_token_iss"),
        ("single", (), PERSONAL, "id_token_iss"),
        ("common", (), THEIRS, ""),
        ("common", (), PERSONAL, ""),
        ("common", (OURS,), OURS, ""),
        ("common", (OURS,), THEIRS, "directory"),
        ("common", (OURS,), PERSONAL, "directory"),
        ("organizations", (), THEIRS, ""),
        ("organizations", (), PERSONAL, "directory"),
        ("organizations", (OURS, THEIRS), THEIRS, ""),
        ("consumers", (), PERSONAL, ""),
        ("consumers", (), OURS, "id_token_iss"),
    ],
)
async def test_accounts_of_the_directories_meant_sign_in(
    tenant: str, allowed: tuple[str, ...], directory: str, outcome: str
) -> None:
    """One directory, any of them, some of them, or personal accounts: nobody else's."""
    single = tenant == "single"
    wish = {"tenant": tenant, "allowed_directories": allowed, "directory": OURS if single else ""}
    there = upstream(OURS if single else tenant, directory)
    if not outcome:
        assert (await signed_in(there, **wish)).external_id.startswith(directory)
        return
    with pytest.raises((IdpMalformed, IdpRefused)) as failed:
        await signed_in(there, **wish)
    assert failed.value.reason == outcome


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"tid": THEIRS}, "id_token_tid"),
        ({"tid": None}, "id_token_tid"),
        ({"iss": issuer_of("{tenantid}"), "tid": "{tenantid}"}, "id_token_iss"),
        ({"iss": issuer_of("common"), "tid": "common"}, "id_token_iss"),
        ({"iss": "https://login.example.net/" + THEIRS + "/v2.0", "tid": THEIRS}, "id_token_iss"),
        ({"iss": issuer_of(THEIRS + "/v2.0/x"), "tid": THEIRS}, "id_token_iss"),
        ({"iss": 1}, "id_token_iss"),
        ({"oid": None}, "id_token_oid"),
    ],
    ids=str,
)
async def test_issuer_is_that_of_the_directory(told: dict[str, JsonValue], reason: str) -> None:
    """Where any directory will do, an ID token's issuer is that of the directory that it names, and no other."""
    there = upstream("common")
    there.in_id_token, there.key_issuer = told, ""
    with pytest.raises(IdpMalformed) as failed:
        await signed_in(there, tenant="common", directory="")
    assert failed.value.reason == reason


async def test_key_is_good_for_its_issuer_alone() -> None:
    """A key that the key set has for one directory signs for no other."""
    there = upstream("common", THEIRS)
    there.key_issuer = OURS
    with pytest.raises(IdpMalformed) as failed:
        await signed_in(there, tenant="common", directory="")
    assert failed.value.reason == "id_token_signature"
    there.directory = OURS
    assert (await signed_in(there, tenant="common", directory="")).external_id == f"{OURS}/account-1"


@pytest.mark.parametrize("named", [THEIRS, "common"])
async def test_document_of_another_directory_is_none(named: str) -> None:
    """OIDC Discovery section 4.3, where the issuer is no longer the place that was asked."""

    class Other(EntraUpstream):
        def metadata(self) -> dict[str, JsonValue]:
            return {**super().metadata(), "issuer": issuer_of(named)}

    for place, tenant in ((OURS, "single"), ("common", "common"), ("consumers", "consumers")):
        with pytest.raises(IdpMalformed) as failed:
            await signed_in(Other(StandingClock(), place=place), tenant=tenant, directory=OURS if place == OURS else "")
        assert failed.value.reason == "discovery_issuer"


@pytest.mark.parametrize(
    ("told", "trusted", "verified"),
    [
        (True, False, True),
        ("1", False, True),
        (1, False, True),
        ("true", False, True),
        (False, True, False),
        ("0", True, False),
        (0, True, False),
        (None, True, True),
        (None, False, False),
        ([True], True, False),
    ],
)
async def test_address_is_verified_by_its_domain_or_by_trust(told: JsonValue, *, trusted: bool, verified: bool) -> None:
    """What the ID token says of the domain's owner counts; where it says nothing, the settings do."""
    there = upstream()
    there.in_id_token = {"xms_edov": told, "email_verified": True}
    assert (await signed_in(there, email_verified=trusted)).email_verified == verified


@pytest.mark.parametrize(
    "settings",
    [
        {"tenant": "common", "directory": "", "email_verified": True},
        {"tenant": "organizations", "directory": "", "email_verified": True},
        {"allowed_directories": [OURS]},
        {"tenant": "consumers", "directory": "", "allowed_directories": [OURS]},
        {"tenant": "common", "directory": "", "allowed_directories": ["example.com"]},
        {"scopes": ["openid", "email"]},
    ],
    ids=str,
)
def test_settings_that_would_let_anybody_be_anybody_are_refused(settings: dict[str, object]) -> None:
    """Whoever has a directory of their own writes any address there: it is trusted in named directories alone."""
    with pytest.raises(ValidationError):
        EntraIdSettings.model_validate({**SETTINGS, **settings})
