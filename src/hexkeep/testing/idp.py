"""The contract of ``hexkeep.ports.idp`` for providers that the browser goes to: subclass ``IdpContract``.

What a provider talks to is an ``Upstream``: its other side, made for tests by whoever writes the plugin, which can be
told to misbehave. ``hexkeep.testing.idp_oidc`` has one that speaks OpenID Connect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar
from urllib.parse import quote_plus

import pytest

from hexkeep.adapters.joserfc.jose import JoserfcJose
from hexkeep.adapters.offload.threads import Threads
from hexkeep.core.idp.kinds import is_secret
from hexkeep.core.saml.asks import NewCertifiedKey, Signer
from hexkeep.core.saml.party import SamlParty, party_of
from hexkeep.engine.providers import ProviderDocuments
from hexkeep.ports.clock import Clock
from hexkeep.ports.idp import (
    BackChannelLogoutProvider,
    Begun,
    FrontChannelLogoutProvider,
    Identity,
    IdpCancelled,
    IdpFailed,
    IdpMalformed,
    IdpNotRecent,
    IdpOffer,
    IdpRefused,
    IdpUnreachable,
    KnownAccount,
    LogoutProvider,
    RedirectProvider,
    RefreshingProvider,
    RevokingProvider,
    SignInAsked,
    SignInReturned,
    SignOutAsked,
    Surroundings,
)
from hexkeep.ports.outbound import Nowhere, Outbound
from hexkeep.testing.contract import Contract
from hexkeep.testing.idp_upstream import (
    Account,
    LogoutUpstream,
    Misbehaviour,
    RefreshingUpstream,
    RememberingUpstream,
    RevokingUpstream,
    Upstream,
)

__all__ = [
    "Account",
    "LogoutUpstream",
    "Misbehaviour",
    "RefreshingUpstream",
    "RememberingUpstream",
    "RevokingUpstream",
    "Upstream",
]

CALLBACK = "https://id.example.com/ui/idp/callback"
LOGOUT_CALLBACK = "https://id.example.com/ui/idp/signed-out"


@dataclass(slots=True)
class StandingClock:
    """A clock that a test moves."""

    time: datetime = field(default_factory=lambda: datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))

    def now(self) -> datetime:
        """The time."""
        return self.time

    def monotonic(self) -> float:
        """The same as seconds."""
        return self.time.timestamp()

    def advance(self, **units: float) -> None:
        """Let time pass: ``advance(minutes=5)``."""
        self.time += timedelta(**units)


class Unreached(Nowhere):
    """What the parts of the port are that an ``Upstream`` for HTTP does not need."""


class OfOffer(Contract):
    """What each kit of a role begins with: both sides' time, and what is given of the plugin."""

    @pytest.fixture
    def clock(self) -> StandingClock:
        """The time, for both sides."""
        return StandingClock()

    @pytest.fixture
    def offer(self) -> IdpOffer[Any]:
        """What the plugin offers."""
        raise NotImplementedError

    @pytest.fixture
    def settings(self) -> Mapping[str, object]:
        """The settings of a provider, secrets included, as they are recorded."""
        raise NotImplementedError


class IdpContract(OfOffer):
    """The rules of a ``RedirectProvider``, and of the other roles that it plays.

    Who tells of logouts has contracts that add to this one, in ``hexkeep.testing.idp_logout``.
    The upstream is a ``LogoutUpstream``, ``RefreshingUpstream`` or ``RevokingUpstream`` as well where the provider
    plays these roles, and a ``RememberingUpstream`` where the protocol tells when somebody has signed in.

    A subclass has the fixtures ``offer`` (what the plugin offers), ``settings`` (fitting ones) and ``upstream``.
    """

    cannot: ClassVar[frozenset[Misbehaviour]] = frozenset()
    """Trait: what the other side cannot do wrong in this protocol, for there is no such thing in it."""
    tells_of_cancelling: ClassVar[bool] = True
    """Trait: the other side sends back who does not want to go on; else such a person just does not return."""

    @pytest.fixture
    def upstream(self, clock: StandingClock) -> Upstream:
        """The other side."""
        raise NotImplementedError

    @pytest.fixture
    def provider(
        self, offer: IdpOffer[Any], settings: Mapping[str, object], upstream: Upstream, clock: StandingClock
    ) -> RedirectProvider:
        """The provider under test."""
        made = offer.make(offer.settings.model_validate(settings), surroundings(upstream, clock))
        assert isinstance(made, RedirectProvider)
        if not offer.as_party:
            return made
        return IntroducedToo(made, party()) if LogoutProvider in offer.roles else Introduced(made, party())

    async def test_every_role_has_its_rules(self, provider: RedirectProvider) -> None:
        """Whoever hears of logouts is held to the rules of that as well."""
        from hexkeep.testing.idp_logout import BackChannelLogoutContract, FrontChannelLogoutContract

        assert not isinstance(provider, BackChannelLogoutProvider) or isinstance(self, BackChannelLogoutContract)
        assert not isinstance(provider, FrontChannelLogoutProvider) or isinstance(self, FrontChannelLogoutContract)

    async def test_who_signs_in_is_told(self, provider: RedirectProvider, upstream: Upstream) -> None:
        """The account, its names and its address are those of whoever signed in."""
        identity = await self.signed_in(provider, upstream, Account())
        assert identity.external_id
        assert identity.email == "ada@example.net"
        assert "Ada" in identity.name

    async def test_account_is_the_same_each_time_and_no_other(
        self, provider: RedirectProvider, upstream: Upstream
    ) -> None:
        """An account keeps its id whatever else changes, and two accounts have two."""
        first = await self.signed_in(provider, upstream, Account())
        renamed = await self.signed_in(provider, upstream, Account(user_name="grace", email="new@example.net"))
        other = await self.signed_in(provider, upstream, Account(external_id="account-2"))
        assert first.external_id == renamed.external_id != other.external_id

    async def test_address_is_verified_only_if_said_so(self, provider: RedirectProvider, upstream: Upstream) -> None:
        """An address of which the other side does not vouch is not verified."""
        assert not (await self.signed_in(provider, upstream, Account(email_verified=False))).email_verified

    async def test_each_attempt_is_its_own(self, provider: RedirectProvider) -> None:
        """Two attempts share nothing that is kept."""
        first, second = await provider.begin(asked("state-1")), await provider.begin(asked("state-2"))
        assert not set(first.kept.values()) & set(second.kept.values())
        assert first.url != second.url

    async def test_secrets_stay_here(
        self, provider: RedirectProvider, offer: IdpOffer[Any], settings: Mapping[str, object]
    ) -> None:
        """No secret of the settings goes by the browser."""
        begun = await provider.begin(asked("state-1"))
        fields = offer.settings.model_fields
        secrets = [str(value) for name, value in settings.items() if is_secret(fields[name]) and value]
        assert all(secret not in begun.url for secret in secrets)

    async def test_who_cancels_is_told_from_who_is_refused(
        self, provider: RedirectProvider, upstream: Upstream
    ) -> None:
        """A person who does not want to go on has cancelled."""
        if not self.tells_of_cancelling:
            pytest.skip("in this protocol nobody is told")
        begun = await provider.begin(asked("state-1"))
        with pytest.raises(IdpCancelled):
            await provider.finish(returned("state-1", begun, await upstream.cancel(begun.url)))

    async def test_answer_to_another_attempt_is_none(self, provider: RedirectProvider, upstream: Upstream) -> None:
        """What belongs to one attempt signs nobody in by another: codes are not mixed up."""
        stolen = await provider.begin(asked("state-1"))
        parameters = await upstream.sign_in(stolen.url, Account())
        own = await provider.begin(asked("state-2"))
        with pytest.raises((IdpMalformed, IdpRefused)):
            await provider.finish(returned("state-2", own, parameters))

    async def test_answer_counts_once(self, provider: RedirectProvider, upstream: Upstream) -> None:
        """The same parameters a second time sign nobody in, or are told to be the same: they are refused for that."""
        begun = await provider.begin(asked("state-1"))
        parameters = await upstream.sign_in(begun.url, Account())
        first = await provider.finish(returned("state-1", begun, parameters))
        try:
            second = await provider.finish(returned("state-1", begun, parameters))
        except (IdpMalformed, IdpRefused):
            return
        assert first.answered is not None
        assert first.answered == second.answered

    @pytest.mark.parametrize("how", Misbehaviour)
    async def test_misbehaviour_signs_nobody_in(
        self, provider: RedirectProvider, upstream: Upstream, how: Misbehaviour
    ) -> None:
        """Whatever the other side does wrong, nobody is signed in, and the failure says what kind it is."""
        if how in self.cannot:
            pytest.skip(f"in this protocol there is no such thing: {how.value}")
        begun = await provider.begin(asked("state-1"))
        upstream.misbehave(how)
        with pytest.raises(how.failure):
            await provider.finish(returned("state-1", begun, await upstream.sign_in(begun.url, Account())))

    @pytest.mark.parametrize(
        "parameters",
        [{}, {"code": ""}, {"code": "x" * 4000}, {"code": "a\r\nb\x00"}, {"error": "<script>"}, {"error": ""}],
        ids=["none", "empty", "long", "controls", "unknown_error", "empty_error"],
    )
    async def test_stranger_parameters_are_a_failure(
        self, provider: RedirectProvider, upstream: Upstream, parameters: dict[str, str]
    ) -> None:
        """Whatever a browser comes back with, it is a failure of the port with a reason of ours."""
        begun = await provider.begin(asked("state-1"))
        with pytest.raises(IdpFailed) as failed:
            await provider.finish(returned("state-1", begun, parameters))
        assert all(value not in failed.value.reason for value in parameters.values() if value)

    async def test_sign_in_is_as_old_as_is_told(
        self, provider: RedirectProvider, upstream: Upstream, clock: StandingClock
    ) -> None:
        """When somebody has signed in there is told as it was, to the second; where nobody tells, it is not known."""
        moment = clock.now() - timedelta(hours=3)
        if isinstance(upstream, RememberingUpstream):
            upstream.signed_in_at(moment)
        told = (await self.signed_in(provider, upstream, Account())).authenticated_at
        if isinstance(upstream, RememberingUpstream):
            assert told is not None
            assert abs(told - moment) <= timedelta(seconds=1)
        else:
            assert told is None

    @pytest.mark.parametrize("seconds", [20, 7200])
    async def test_sign_in_to_come_is_not_believed(
        self, provider: RedirectProvider, upstream: Upstream, clock: StandingClock, seconds: int
    ) -> None:
        """Nobody has signed in later than now: it counts as now at most, or the answer does not count."""
        if not isinstance(upstream, RememberingUpstream):
            pytest.skip("in this protocol nobody tells when somebody has signed in")
        upstream.signed_in_at(clock.now() + timedelta(seconds=seconds))
        try:
            told = (await self.signed_in(provider, upstream, Account())).authenticated_at
        except IdpMalformed:
            return
        assert told is not None
        assert told <= clock.now()

    async def test_new_sign_in_is_asked_for_or_is_not_to_be_had(
        self, provider: RedirectProvider, upstream: Upstream
    ) -> None:
        """Where a session there does not do the other side is asked for more, or it is said that nobody can be."""
        try:
            begun = await provider.begin(replace(asked("state-1"), max_age=0, anew=True))
            await provider.finish(returned("state-1", begun, await upstream.sign_in(begun.url, Account())))
        except IdpNotRecent:
            return
        assert isinstance(upstream, RememberingUpstream)
        assert upstream.wants_new_sign_in(begun.url)

    async def test_who_signs_out_comes_back(self, provider: RedirectProvider, upstream: Upstream) -> None:
        """The browser is led to where somebody is signed out there, and back with the state."""
        one, there = leaving(provider, upstream)
        url = await one.logout(signing_out(await self.signed_in(provider, upstream, Account())))
        back = await there.sign_out(url)
        assert "state-9" in {back.get("state"), back.get("RelayState")}

    async def test_signing_out_shows_no_secret(
        self, provider: RedirectProvider, upstream: Upstream, offer: IdpOffer[Any], settings: Mapping[str, object]
    ) -> None:
        """No secret of the settings goes by the browser at last."""
        (one, _), fields = leaving(provider, upstream), offer.settings.model_fields
        url = await one.logout(signing_out(await self.signed_in(provider, upstream, Account())))
        secrets = [str(value) for name, value in settings.items() if is_secret(fields[name]) and value]
        assert all(quote_plus(secret) not in url and secret not in url for secret in secrets)

    async def test_who_is_asked_again_tells_what_is_so_now(
        self, provider: RedirectProvider, upstream: Upstream
    ) -> None:
        """Asked again and again, of the same account, with what it gave last."""
        one, there = asking(provider, upstream)
        identity = await self.signed_in(provider, upstream, Account())
        for address in ("first@example.net", "second@example.net"):
            there.change(Account(email=address))
            told = await one.refresh(known(identity))
            assert (told.external_id, told.email) == (identity.external_id, address)
            identity = told

    async def test_account_that_is_gone_is_refused(self, provider: RedirectProvider, upstream: Upstream) -> None:
        """An account that is there no more is refused, and not unreachable: it signs nobody in."""
        one, there = asking(provider, upstream)
        identity = await self.signed_in(provider, upstream, Account())
        there.remove(Account().external_id)
        with pytest.raises(IdpRefused):
            await one.refresh(known(identity))

    async def test_another_account_is_not_taken_for_it(self, provider: RedirectProvider, upstream: Upstream) -> None:
        """What is told of another account than the one that is asked for is told of nobody."""
        one, _ = asking(provider, upstream)
        identity = await self.signed_in(provider, upstream, Account())
        with pytest.raises((IdpMalformed, IdpRefused)):
            await one.refresh(KnownAccount("account-2", identity.session))

    async def test_what_is_given_back_is_of_no_use(self, provider: RedirectProvider, upstream: Upstream) -> None:
        """Neither there nor here: what is left is no more than what signing out takes. Again it is no failure."""
        one, there = revoking(provider, upstream)
        identity = await self.signed_in(provider, upstream, Account())
        other = await self.signed_in(provider, upstream, Account(external_id="account-2"))
        assert there.holds(identity)
        left = await one.revoke(known(identity))
        assert (there.holds(identity), there.holds(other)) == (False, True)
        assert await one.revoke(KnownAccount(identity.external_id, left)) == left
        assert await one.revoke(known(identity)) == left
        if isinstance(provider, RefreshingProvider):
            with pytest.raises((IdpMalformed, IdpRefused)):
                await provider.refresh(KnownAccount(identity.external_id, left))
        if isinstance(provider, LogoutProvider):
            assert await provider.logout(signing_out(identity.model_copy(update={"session": left})))

    async def test_what_nobody_takes_back_may_be_given_again(
        self, provider: RedirectProvider, upstream: Upstream
    ) -> None:
        """Another side that does not answer is unreachable; it gets it when it does."""
        one, there = revoking(provider, upstream)
        identity = await self.signed_in(provider, upstream, Account())
        for how in (Misbehaviour.UNREACHABLE, Misbehaviour.FAILS):
            upstream.misbehave(how)
            with pytest.raises(IdpUnreachable):
                await one.revoke(known(identity))
        upstream.misbehave(None)
        await one.revoke(known(identity))
        assert not there.holds(identity)

    async def signed_in(self, provider: RedirectProvider, upstream: Upstream, account: Account) -> Identity:
        """Who comes back when somebody signs in with an account."""
        begun = await provider.begin(asked("state-0"))
        return await provider.finish(returned("state-0", begun, await upstream.sign_in(begun.url, account)))


def surroundings(upstream: Outbound, clock: Clock) -> Surroundings:
    """What a provider reaches in a test: the other side, and nothing else."""
    return Surroundings(upstream, ProviderDocuments(upstream, clock), JoserfcJose(), clock, Threads())


@dataclass(frozen=True, slots=True)
class Introduced:
    """A provider that is told each time how it knows the instance, as the engine tells it."""

    provider: RedirectProvider
    party: SamlParty

    async def begin(self, asked: SignInAsked) -> Begun:
        """As the provider does."""
        return await self.provider.begin(replace(asked, party=self.party))

    async def finish(self, returned: SignInReturned) -> Identity:
        """As the provider does."""
        return await self.provider.finish(replace(returned, party=self.party))


@dataclass(frozen=True, slots=True)
class IntroducedToo(Introduced):
    """The same of one that people are signed out at as well."""

    async def logout(self, asked: SignOutAsked) -> str:
        """As the provider does."""
        assert isinstance(self.provider, LogoutProvider)
        return await self.provider.logout(replace(asked, party=self.party))


@lru_cache(1)
def party() -> SamlParty:
    """How a provider knows the instance in tests; its key is made with the first."""
    from hexkeep.adapters.xmlsec.keys import new_key

    pair = new_key(NewCertifiedKey("rsa-sha256", datetime(2026, 1, 1, tzinfo=UTC)))
    chain = pair.public["x5c"]
    assert isinstance(chain, list)
    return party_of("https://id.example.com", "login", CALLBACK, (Signer(pair.private, str(chain[0])),))


def asked(state: str) -> SignInAsked:
    """Somebody wants to sign in."""
    return SignInAsked(CALLBACK, state, ui_locales=("en",))


def known(identity: Identity) -> KnownAccount:
    """An account as it is remembered."""
    return KnownAccount(identity.external_id, identity.session)


def signing_out(identity: Identity) -> SignOutAsked:
    """Somebody signs out."""
    return SignOutAsked(known(identity), LOGOUT_CALLBACK, "state-9")


def leaving(provider: object, upstream: object) -> tuple[LogoutProvider, LogoutUpstream]:
    """Both sides of signing out there; the rule is for nobody else."""
    if not isinstance(provider, LogoutProvider):
        pytest.skip("nobody is signed out there")
    assert isinstance(upstream, LogoutUpstream)
    return provider, upstream


def asking(provider: object, upstream: object) -> tuple[RefreshingProvider, RefreshingUpstream]:
    """Both sides of asking again; likewise."""
    if not isinstance(provider, RefreshingProvider):
        pytest.skip("nobody can be asked again there")
    assert isinstance(upstream, RefreshingUpstream)
    return provider, upstream


def revoking(provider: object, upstream: object) -> tuple[RevokingProvider, RevokingUpstream]:
    """Both sides of giving back; likewise."""
    if not isinstance(provider, RevokingProvider):
        pytest.skip("nothing can be given back there")
    assert isinstance(upstream, RevokingUpstream)
    return provider, upstream


def returned(state: str, begun: Begun, parameters: Mapping[str, str]) -> SignInReturned:
    """The browser has come back."""
    told = {name: one for name, one in parameters.items() if name not in {"state", begun.header}}
    return SignInReturned(CALLBACK, state, begun.kept, told, header=parameters.get(begun.header, ""))
