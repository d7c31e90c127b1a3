"""The contract of ``hexkeep.ports.idp`` for providers that check name and password: subclass ``PasswordIdpContract``.

What a provider asks is a ``PasswordUpstream``: its other side, made for tests by whoever writes the plugin, which can
be told to misbehave. It takes an empty password for a wish to be nobody in particular, and agrees, as directories do.
"""

import asyncio
import enum
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

import pytest

from hexkeep.ports.idp import (
    IdpFailed,
    IdpMalformed,
    IdpOffer,
    IdpRefused,
    IdpUnreachable,
    PasswordProvider,
)
from hexkeep.ports.outbound import Outbound
from hexkeep.testing.idp import Account, OfOffer, StandingClock, surroundings

PASSWORD = "correct horse battery"
GRACE = Account("account-2", "grace", "Grace", "Hopper", "grace@example.net")
PATTERNS = (
    "*",
    "a*",
    "*)(uid=*",
    "ada)(|(uid=*",
    "ada))(&(uid=ada",
    "\\61da",
    "ada\0",
    "ada,dc=example",
    "a%64a",
    "' OR 1=1",
)
NAMES = ("*", "(ada)", "a\\b", "Doe, Jane+x=1", "jörg müller", '"ada"', "<ada>", "a#;&|!~", "岡潔")
PASSWORDS = (" spaces ", "päßwörd", "*)(", "\\00", "🔑", '"; --', "x" * 200)


class PasswordMisbehaviour(enum.Enum):
    """What another side may do wrong, and with what a provider then fails."""

    TWO_ACCOUNTS = "the name is that of two accounts"
    NO_ID = "it does not say who it is"
    NO_NAME = "what it found has no name by which its password could be checked"
    NONSENSE = "it answers something else than it should"
    OTHER_ANSWER = "it answers another question than was asked"
    FOREIGN_CERTIFICATE = "nobody whom we trust has signed its certificate"
    OTHER_HOST = "its certificate is another server's"
    PLAIN = "it does not encrypt"
    TOO_LARGE = "it answers more than anybody wants to read"
    ENDLESS = "it never comes to the end of its answer"
    FAILS = "it answers that it cannot"
    BREAKS_OFF = "it breaks off"
    HANGS = "it takes the connection, and says nothing"
    UNREACHABLE = "it is not there"

    @property
    def failure(self) -> tuple[type[IdpFailed], ...]:
        """Any of these will do."""
        match self:
            case PasswordMisbehaviour.TWO_ACCOUNTS | PasswordMisbehaviour.NO_NAME:
                return (IdpRefused, IdpMalformed)
            case (
                PasswordMisbehaviour.FAILS
                | PasswordMisbehaviour.BREAKS_OFF
                | PasswordMisbehaviour.HANGS
                | PasswordMisbehaviour.UNREACHABLE
            ):
                return (IdpUnreachable,)
        return (IdpMalformed, IdpUnreachable)


UNTRUSTED = frozenset(
    {PasswordMisbehaviour.FOREIGN_CERTIFICATE, PasswordMisbehaviour.OTHER_HOST, PasswordMisbehaviour.PLAIN}
)
"""Who is so is not told any password."""


class PasswordUpstream(Outbound, Protocol):
    """The other side. ``tried`` are the passwords that it was to check, of whomever."""

    tried: Sequence[str]

    def hold(self, account: Account, password: str) -> None:
        """Have this account from now on, in place of one with the same id."""

    def misbehave(self, how: PasswordMisbehaviour) -> None:
        """From now on do this wrong, and nothing else."""


class PasswordIdpContract(OfOffer):
    """The rules of a ``PasswordProvider``.

    A subclass has the fixtures ``offer`` (what the plugin offers), ``settings`` (fitting ones) and ``upstream``.
    """

    cannot: ClassVar[frozenset[PasswordMisbehaviour]] = frozenset()
    """Trait: what the other side cannot do wrong in this protocol, for there is no such thing in it."""

    @pytest.fixture
    def upstream(self, clock: StandingClock) -> PasswordUpstream:
        """The other side, with no accounts yet."""
        raise NotImplementedError

    @pytest.fixture
    def provider(
        self, offer: IdpOffer[Any], settings: Mapping[str, object], upstream: PasswordUpstream, clock: StandingClock
    ) -> PasswordProvider:
        """The provider under test; Ada has an account there."""
        upstream.hold(Account(), PASSWORD)
        around = surroundings(upstream, clock)
        made = offer.make(offer.settings.model_validate(settings), around)
        assert isinstance(made, PasswordProvider)
        return made

    async def test_whose_password_it_is_is_told(self, provider: PasswordProvider) -> None:
        """The account, its names and its address are those of whoever has this name and this password."""
        identity = await provider.check("ada", PASSWORD)
        assert identity.external_id
        assert identity.email == "ada@example.net"
        assert "Ada" in identity.name

    async def test_id_is_the_same_each_time_and_no_others(
        self, provider: PasswordProvider, upstream: PasswordUpstream
    ) -> None:
        """An account keeps its id whatever else changes, and two accounts have two."""
        first = await provider.check("ada", PASSWORD)
        upstream.hold(Account(user_name="countess", email="new@example.net"), "another password")
        upstream.hold(GRACE, PASSWORD)
        renamed = await provider.check("countess", "another password")
        other = await provider.check("grace", PASSWORD)
        assert first.external_id == renamed.external_id != other.external_id

    async def test_address_of_which_nobody_vouches_is_not_verified(
        self, provider: PasswordProvider, upstream: PasswordUpstream
    ) -> None:
        """An address counts as verified only where the other side says so."""
        upstream.hold(Account(email_verified=False), PASSWORD)
        assert not (await provider.check("ada", PASSWORD)).email_verified

    async def test_wrong_name_is_like_a_wrong_password(
        self, provider: PasswordProvider, upstream: PasswordUpstream
    ) -> None:
        """Both are refused, and both cost the other side as many looks at a password: one."""
        for name, password in (("ada", "wrong"), ("nobody", "wrong"), ("nobody", PASSWORD)):
            before = len(upstream.tried)
            with pytest.raises(IdpRefused):
                await provider.check(name, password)
            assert len(upstream.tried) == before + 1

    async def test_names_of_an_account_are_counted_as_one(
        self, provider: PasswordProvider, upstream: PasswordUpstream
    ) -> None:
        """Attempts on an account have one count, by whatever name; no password is tried to find out whose it is."""
        first = await provider.account("ada")
        upstream.hold(Account(user_name="countess", email="new@example.net"), PASSWORD)
        upstream.hold(GRACE, PASSWORD)
        assert first
        assert first == await provider.account("countess")
        assert first != await provider.account("grace")
        for nobody in ("nobody", "ada", "", "ada\0", *PATTERNS):
            assert await provider.account(nobody) == ""
        assert PASSWORD not in upstream.tried

    async def test_empty_password_is_never_tried(self, provider: PasswordProvider, upstream: PasswordUpstream) -> None:
        """The other side would agree to it; so would one to an empty name."""
        for name in ("ada", "nobody", ""):
            with pytest.raises(IdpRefused):
                await provider.check(name, "")
        with pytest.raises(IdpRefused):
            await provider.check("", PASSWORD)
        assert "" not in upstream.tried

    @pytest.mark.parametrize("name", PATTERNS)
    async def test_name_is_no_pattern(self, provider: PasswordProvider, name: str) -> None:
        """Whatever stands in a name, it means no other one, and fails as any that is not there."""
        with pytest.raises(IdpRefused):
            await provider.check(name, PASSWORD)

    @pytest.mark.parametrize("name", NAMES)
    async def test_name_may_be_any(self, provider: PasswordProvider, upstream: PasswordUpstream, name: str) -> None:
        """Who has a name with odd characters signs in with it, and is nobody else."""
        upstream.hold(Account("account-3", name, "Odd", "Name", "odd@example.net"), PASSWORD)
        assert (await provider.check(name, PASSWORD)).email == "odd@example.net"

    @pytest.mark.parametrize("password", PASSWORDS)
    async def test_password_may_be_any(
        self, provider: PasswordProvider, upstream: PasswordUpstream, password: str
    ) -> None:
        """A password goes there as it is, and one that is nearly the same is another."""
        upstream.hold(Account(), password)
        assert (await provider.check("ada", password)).email == "ada@example.net"
        for other in (password.strip()[1:], f"{password} "):
            with pytest.raises(IdpRefused):
                await provider.check("ada", other)

    async def test_attempt_counts_once(self, provider: PasswordProvider, upstream: PasswordUpstream) -> None:
        """A password is tried once: the other side may lock an account after some that are wrong."""
        await provider.check("ada", PASSWORD)
        with pytest.raises(IdpRefused):
            await provider.check("ada", "wrong")
        assert [one for one in upstream.tried if one in {PASSWORD, "wrong"}] == [PASSWORD, "wrong"]

    async def test_sign_ins_at_once_are_not_mixed_up(
        self, provider: PasswordProvider, upstream: PasswordUpstream
    ) -> None:
        """Two people at the same time are each told as themselves."""
        upstream.hold(GRACE, PASSWORD)
        found = await asyncio.gather(*(provider.check(name, PASSWORD) for name in ("ada", "grace") * 3))
        assert [one.email for one in found] == ["ada@example.net", "grace@example.net"] * 3

    @pytest.mark.parametrize("how", PasswordMisbehaviour)
    async def test_password_does_not_count_there(
        self, provider: PasswordProvider, upstream: PasswordUpstream, how: PasswordMisbehaviour
    ) -> None:
        """Whatever the other side does wrong, nobody is signed in, and the failure says what kind it is, in time."""
        if how in self.cannot:
            pytest.skip(f"in this protocol there is no such thing: {how.value}")
        upstream.misbehave(how)
        async with asyncio.timeout(self.patience):
            with pytest.raises(how.failure):
                await provider.check("ada", PASSWORD)
        assert how not in UNTRUSTED or PASSWORD not in upstream.tried

    async def test_reasons_tell_neither_name_nor_password(self, provider: PasswordProvider) -> None:
        """A reason goes to the log of the operator."""
        for name, password in (("ada", "swordfish"), ("swordfish", PASSWORD)):
            with pytest.raises(IdpRefused) as failed:
                await provider.check(name, password)
            assert "swordfish" not in failed.value.reason
            assert "ada" not in failed.value.reason
