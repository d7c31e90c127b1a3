"""The contracts of providers that tell of logouts: subclass those that fit in place of ``IdpContract``.

Both have its rules as well. The ``upstream`` is a ``BackChannelUpstream`` or ``FrontChannelUpstream`` besides.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol, runtime_checkable

import pytest

from hexkeep.ports.idp import (
    BackChannelLogoutProvider,
    FrontChannelLogoutProvider,
    Identity,
    IdpMalformed,
    LogoutThere,
    RedirectProvider,
)
from hexkeep.testing.idp import Account, IdpContract, Misbehaviour, StandingClock, Upstream

WRONG = (
    Misbehaviour.WRONG_AUDIENCE,
    Misbehaviour.WRONG_PARTY,
    Misbehaviour.WRONG_ISSUER,
    Misbehaviour.UNSIGNED,
    Misbehaviour.FOREIGN_SIGNATURE,
    Misbehaviour.SIGNED_WITH_SECRET,
    Misbehaviour.EXPIRED,
    Misbehaviour.STALE,
    Misbehaviour.ISSUED_LATER,
    Misbehaviour.NO_SUBJECT,
)
"""What somebody may do wrong who tells of a logout."""
LONGEST = timedelta(hours=1)
"""For how long it has to be remembered at most that something was said."""


@runtime_checkable
class BackChannelUpstream(Protocol):
    """The other side of a ``BackChannelLogoutProvider``."""

    async def end(self, external_id: str, *, whole: bool = False) -> Mapping[str, str]:
        """The last session of an account, or the ``whole`` of them, is over: the form that it posts."""

    async def mistaken(self, external_id: str) -> Mapping[str, str]:
        """The same form, with what it signs for a sign-in of the account where the logout should be."""


@runtime_checkable
class FrontChannelUpstream(Protocol):
    """The other side of a ``FrontChannelLogoutProvider``."""

    def frame(self, external_id: str) -> Mapping[str, str]:
        """The last session of an account is over: the query of the frame that its page shows."""


class FrontChannelLogoutContract(IdpContract):
    """The rules of a ``FrontChannelLogoutProvider``, which is a ``RedirectProvider`` as well."""

    async def test_session_that_was_left_there_is_named(self, provider: RedirectProvider, upstream: Upstream) -> None:
        """It is called as it was at the sign-in, and no other session is."""
        first = await self.signed_in(provider, upstream, Account())
        second = await self.signed_in(provider, upstream, Account())
        _, there = framing(provider, upstream)
        left = await framed(provider, there.frame(Account().external_id))
        assert (left == second.session_index, left == first.session_index, bool(left)) == (True, False, True)

    async def test_frame_of_another_provider_is_none(self, provider: RedirectProvider, upstream: Upstream) -> None:
        """What two providers call alike is not the same."""
        await self.signed_in(provider, upstream, Account())
        _, there = framing(provider, upstream)
        upstream.misbehave(Misbehaviour.WRONG_ISSUER)
        with pytest.raises(IdpMalformed):
            await framed(provider, there.frame(Account().external_id))

    @pytest.mark.parametrize("value", [None, "", "1", "x" * 4000])
    async def test_name_that_could_be_guessed_is_none(
        self, provider: RedirectProvider, upstream: Upstream, value: str | None
    ) -> None:
        """Nor one that is too long: whoever has a frame loaded shows nothing else."""
        identity = await self.signed_in(provider, upstream, Account())
        _, there = framing(provider, upstream)
        query = dict(there.frame(Account().external_id))
        names = [name for name, given in query.items() if given == identity.session_index]
        kept = {name: given for name, given in query.items() if name not in names}
        with pytest.raises(IdpMalformed):
            await framed(provider, kept if value is None else {**kept, **dict.fromkeys(names, value)})


async def framed(provider: object, query: Mapping[str, str]) -> str:
    """Which session a frame is about."""
    assert isinstance(provider, FrontChannelLogoutProvider)
    return await provider.session_left(query)


def framing(provider: object, upstream: object) -> tuple[FrontChannelLogoutProvider, FrontChannelUpstream]:
    """Both sides."""
    assert isinstance(provider, FrontChannelLogoutProvider)
    assert isinstance(upstream, FrontChannelUpstream)
    return provider, upstream


class BackChannelLogoutContract(IdpContract):
    """The rules of a ``BackChannelLogoutProvider``, which is a ``RedirectProvider`` as well."""

    async def test_session_that_is_over_there_is_named(
        self, provider: RedirectProvider, upstream: Upstream, clock: StandingClock
    ) -> None:
        """It is called as it was at the sign-in, or the person is, and no other session or person is."""
        first = await self.signed_in(provider, upstream, Account())
        other = await self.signed_in(provider, upstream, Account("account-2"))
        second = await self.signed_in(provider, upstream, Account())
        told = await self._ended(provider, upstream, Account().external_id)
        assert (is_meant(first, told), is_meant(other, told), is_meant(second, told)) == (False, False, True)
        assert clock.now() < told.until < clock.now() + LONGEST

    async def test_all_sessions_of_a_person_are_over(self, provider: RedirectProvider, upstream: Upstream) -> None:
        """Where the person alone is named, each session of theirs is meant, and nobody else's."""
        all_ = [await self.signed_in(provider, upstream, Account()) for _ in range(2)]
        other = await self.signed_in(provider, upstream, Account("account-2"))
        told = await self._ended(provider, upstream, Account().external_id, whole=True)
        assert [is_meant(one, told) for one in (*all_, other)] == [True, True, False]

    async def test_what_is_said_is_known_again(self, provider: RedirectProvider, upstream: Upstream) -> None:
        """The same word is the same, so that it ends nothing that began since, and another one is another."""
        await self.signed_in(provider, upstream, Account())
        there, form = telling(upstream), await telling(upstream).end(Account().external_id)
        said = [await hearing(provider).session_ended(one) for one in (form, form, await there.end("account-1"))]
        assert said[0] == said[1]
        assert said[1].id != said[2].id

    async def test_what_was_said_is_over_at_last(
        self, provider: RedirectProvider, upstream: Upstream, clock: StandingClock
    ) -> None:
        """Nobody believes it any more once it need not be remembered."""
        await self.signed_in(provider, upstream, Account())
        form = await telling(upstream).end(Account().external_id)
        clock.time = (await hearing(provider).session_ended(form)).until
        with pytest.raises(IdpMalformed):
            await hearing(provider).session_ended(form)

    @pytest.mark.parametrize("how", WRONG)
    async def test_false_word_ends_no_session(
        self, provider: RedirectProvider, upstream: Upstream, how: Misbehaviour
    ) -> None:
        """What the provider has not said, to us and now, is nobody's logout."""
        if how in self.cannot:
            pytest.skip(f"in this protocol there is no such thing: {how.value}")
        await self.signed_in(provider, upstream, Account())
        upstream.misbehave(how)
        with pytest.raises(IdpMalformed):
            await self._ended(provider, upstream, Account().external_id)

    async def test_sign_in_is_no_logout(self, provider: RedirectProvider, upstream: Upstream) -> None:
        """What the provider signs for a sign-in, which others get to see as well, ends none."""
        await self.signed_in(provider, upstream, Account())
        form = await telling(upstream).mistaken(Account().external_id)
        with pytest.raises(IdpMalformed):
            await hearing(provider).session_ended(form)

    @pytest.mark.parametrize("value", [None, "", "x" * 4000, "a.b.c", "a\r\nb\x00", "é.é.é"])
    async def test_form_of_a_stranger_is_a_failure(
        self, provider: RedirectProvider, upstream: Upstream, value: str | None
    ) -> None:
        """Whatever is posted, it is a failure of the port with a reason of ours."""
        fields = await telling(upstream).end(Account().external_id)
        form = {} if value is None else dict.fromkeys(fields, value)
        with pytest.raises(IdpMalformed) as failed:
            await hearing(provider).session_ended(form)
        assert not value or value not in failed.value.reason

    async def _ended(
        self, provider: RedirectProvider, upstream: Upstream, external_id: str, *, whole: bool = False
    ) -> LogoutThere:
        return await hearing(provider).session_ended(await telling(upstream).end(external_id, whole=whole))


def is_meant(identity: Identity, told: LogoutThere) -> bool:
    """Whether a session that began by ``identity`` is one that a provider has ended: as the core decides it."""
    named = not told.name or told.name == identity.session_name
    return named and (not told.indexes or identity.session_index in told.indexes)


def hearing(provider: object) -> BackChannelLogoutProvider:
    """The provider in this role."""
    assert isinstance(provider, BackChannelLogoutProvider)
    return provider


def telling(upstream: object) -> BackChannelUpstream:
    """Its other side."""
    assert isinstance(upstream, BackChannelUpstream)
    return upstream
