"""Sign-in by Apple: the kit, the secret that is signed, and the name that comes once."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
from joserfc.jwk import ECKey, OKPKey
from pydantic import JsonValue

from hexkeep.core.idp.templates import AppleSettings
from hexkeep.plugins.idp_apple import AppleIdentityProviders, AppleProvider
from hexkeep.ports.idp import Identity, IdpMalformed, IdpOffer, IdpRefused
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
from tests.fakes.apple import AppleUpstream


class TestApple(IdpContract):
    """Apple keeps the contract."""

    cannot: ClassVar[frozenset[Misbehaviour]] = frozenset({Misbehaviour.OTHER_SUBJECT})

    @pytest.fixture
    def offer(self) -> IdpOffer[Any]:
        """Our own."""
        (offer,) = AppleIdentityProviders().hexkeep_identity_providers()
        return offer

    @pytest.fixture
    def settings(self, upstream: AppleUpstream) -> Mapping[str, object]:
        """With the key that the team has registered."""
        return upstream.settings

    @pytest.fixture
    def upstream(self, clock: StandingClock) -> Upstream:
        """Apple."""
        return AppleUpstream(clock)


@pytest.fixture
def upstream() -> AppleUpstream:
    """The other side."""
    return AppleUpstream(StandingClock())


async def signed_in(
    upstream: AppleUpstream,
    account: Account | None = None,
    *,
    settings: Mapping[str, object] | None = None,
    **more: str,
) -> Identity:
    """Who comes back from Apple, with other parameters perhaps."""
    around = surroundings(upstream, upstream.clock)
    provider = AppleProvider(AppleSettings.model_validate({**upstream.settings, **(settings or {})}), around)
    begun = await provider.begin(asked("s"))
    assert begun.posts
    parameters = {**await upstream.sign_in(begun.url, account or Account()), **more}
    return await provider.finish(returned("s", begun, parameters))


async def test_secret_is_signed_for_apple_and_soon_over(upstream: AppleUpstream) -> None:
    """The team says who its client is, by the key that is registered; a fresh secret each time, as good as used."""
    await signed_in(upstream)
    upstream.clock.advance(hours=1)  # type: ignore[attr-defined]  # the standing one
    await signed_in(upstream)
    first, second = upstream.secrets
    assert int(str(first["exp"])) - int(str(first["iat"])) <= 300
    assert int(str(second["iat"])) - int(str(first["iat"])) == 3600


async def test_secret_of_another_key_is_refused(upstream: AppleUpstream) -> None:
    """What Apple does not accept signs nobody in."""
    foreign = ECKey.generate_key("P-256", private=True).as_pem(private=True).decode()
    with pytest.raises(IdpRefused):
        await signed_in(upstream, settings={"private_key": foreign})


@pytest.mark.parametrize(
    "key",
    [
        ECKey.generate_key("P-384", private=True).as_pem(private=True).decode(),
        OKPKey.generate_key("Ed25519", private=True).as_pem(private=True).decode(),
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
    ],
    ids=["p384", "ed25519", "none"],
)
async def test_key_of_another_kind_is_said_to_be_wrong(upstream: AppleUpstream, key: str) -> None:
    """Apple's keys are of P-256; another one is told in the log by one word, and never shown."""
    with pytest.raises(IdpMalformed) as failed:
        await signed_in(upstream, settings={"private_key": key})
    assert failed.value.reason == "private_key"


@pytest.mark.parametrize(
    ("told", "verified"),
    [(True, True), ("true", True), (False, False), ("false", False), ("yes", False), (None, False)],
)
async def test_verified_may_be_a_text(upstream: AppleUpstream, told: JsonValue, *, verified: bool) -> None:
    """Apple says ``true`` as a boolean or as a text."""
    upstream.in_id_token = {"email_verified": told}
    assert (await signed_in(upstream)).email_verified == verified


async def test_name_comes_once_and_address_by_the_id_token_alone(upstream: AppleUpstream) -> None:
    """The field ``user`` is signed by nobody: the name is what the person says, and its address counts for nothing."""
    told = await signed_in(upstream)
    assert (told.given_name, told.family_name, told.email) == ("Ada", "Lovelace", "ada@example.net")
    again = await signed_in(upstream, user="")
    assert (again.external_id, again.given_name) == (told.external_id, "")


@pytest.mark.parametrize(
    "user",
    [
        "{",
        "[]",
        "1",
        '{"name": "Ada"}',
        '{"name": {"firstName": ["Ada"]}}',
        '{"name": {"firstName": "A\\u202eda"}}',
        "[" * 3000,
        json.dumps({"name": {"firstName": "x" * 5000}}),
        json.dumps({"sub": "somebody else", "email": "root@example.com", "email_verified": True}),
    ],
)
async def test_odd_name_is_none(upstream: AppleUpstream, user: str) -> None:
    """Whatever the field holds, the account is the one of the ID token."""
    told = await signed_in(upstream, user=user)
    assert (told.external_id, told.given_name, told.email) == ("account-1", "", "ada@example.net")
