"""Identity providers: where somebody has an account elsewhere, each kind of them by a plugin.

A provider is an object that plays one or more of the roles below; which, is found by ``isinstance``. It is made anew
for every call, of the settings that were recorded for it, so it holds nothing between calls.

What a provider guarantees
--------------------------
1.  It reaches the outside through its ``Surroundings`` alone: addresses are guarded there, and all that it waits for
    has an end. A call that takes longer than a few seconds is cancelled and counts as unreachable.
2.  An ``Identity`` is of whoever the other side has vouched for in this very exchange: what comes by the browser is
    signed for us, or fetched over a connection of our own, and belongs to the ``state`` at hand.
3.  Each failure is one of ``IdpRefused``, ``IdpCancelled``, ``IdpMalformed``, ``IdpUnreachable`` and ``IdpNotRecent``;
    any other exception is a defect. Neither secrets nor what strangers have written stand in a reason.
4.  ``external_id`` is what the other side promises never to give to another account; an e-mail address is not that.
5.  ``authenticated_at`` and ``session_ends_at`` are what the other side has vouched for, or empty. When somebody has
    signed in is never made up, and never later than the answer: a moment that clocks may differ by counts as now, what
    is later than that is ``IdpMalformed``.

The kit ``hexkeep.testing.idp`` has the rules as tests.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar, runtime_checkable

from pydantic import JsonValue

from hexkeep.core.idp.kinds import IdpKind, IdpSettings
from hexkeep.core.idpintent.asks import Begun, KnownAccount, LogoutThere
from hexkeep.core.idpintent.errors import (
    IdpCancelled,
    IdpFailed,
    IdpMalformed,
    IdpNotRecent,
    IdpRefused,
    IdpUnreachable,
)
from hexkeep.core.idpintent.identity import Answered, Identity
from hexkeep.core.saml.bindings import SamlRequestBinding
from hexkeep.core.saml.party import SamlParty
from hexkeep.ports.clock import Clock
from hexkeep.ports.jose import Jose
from hexkeep.ports.offload import Offload
from hexkeep.ports.outbound import Outbound

__all__ = [
    "Answered",
    "BackChannelLogoutProvider",
    "Begun",
    "Documents",
    "FrontChannelLogoutProvider",
    "Identity",
    "IdpCancelled",
    "IdpFailed",
    "IdpMalformed",
    "IdpNotRecent",
    "IdpOffer",
    "IdpRefused",
    "IdpUnreachable",
    "Judge",
    "KnownAccount",
    "LogoutProvider",
    "LogoutThere",
    "PasswordProvider",
    "RedirectProvider",
    "RefreshingProvider",
    "RevokingProvider",
    "SamlMessage",
    "SamlParty",
    "SamlProvider",
    "SignInAsked",
    "SignInReturned",
    "SignOutAsked",
    "Surroundings",
]

S = TypeVar("S", bound=IdpSettings)


Judge = Callable[[bytes], Awaitable[str]]
"""Why a document does not count, in one word of ours; empty where it does. Equal ones judge alike."""


class Documents(Protocol):
    """Documents at URLs of providers, such as discovery documents, key sets and metadata, remembered for minutes."""

    async def at(self, url: str, *, fresh: bool = False) -> Mapping[str, JsonValue] | None:
        """The JSON object at ``url``, if ``fresh`` as it was a minute ago at most; ``None`` where there is none."""

    async def content(self, url: str, *, fresh: bool = False, judge: Judge | None = None) -> bytes | None:
        """The same of a document of any other kind: its bytes, as they came.

        What a ``judge`` does not let count is as if nothing were there: what did before counts on, for a while.
        """


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that a provider may reach."""

    outbound: Outbound
    documents: Documents
    jose: Jose
    clock: Clock
    offload: Offload


@dataclass(frozen=True, slots=True)
class SignInAsked:
    """Somebody wants to sign in. ``callback`` is the URL that the browser has to come back to, with ``state``."""

    callback: str
    state: str = field(repr=False)
    login_hint: str = field(default="", repr=False)
    """The name that the person is expected to use there, as far as the application knows."""
    ui_locales: tuple[str, ...] = ()
    """Language tags (RFC 5646), the most wanted one first."""
    max_age: int | None = None
    """How many seconds ago the person may have signed in there at most, by the application's wish; empty: whenever.

    Hand it on where there is a word for it. Whether it is met follows from ``Identity.authenticated_at``; who never
    tells that, and cannot be asked for a new sign-in either, fails with ``IdpNotRecent``.
    """
    anew: bool = False
    """A session there does not do: have the other side ask the person again.

    Where it cannot be asked to, fail with ``IdpNotRecent`` if there is a ``max_age`` as well: an answer to both without
    ``Identity.authenticated_at`` counts as a new sign-in. Without it, go on as ever.
    """
    party: SamlParty | None = None
    """How the provider knows the instance, where it plays ``SamlProvider``."""


@dataclass(frozen=True, slots=True)
class SignInReturned:
    """The browser has come back with the right ``state``; ``kept`` is what ``begin`` wanted to be kept.

    ``parameters`` are those of the query, or of the form where ``Begun.posts``, each of which came once. ``header`` is
    what the one holds that ``Begun.header`` names; no other header of the request is told.
    """

    callback: str
    state: str = field(repr=False)
    kept: Mapping[str, str] = field(repr=False)
    parameters: Mapping[str, str] = field(repr=False)
    party: SamlParty | None = None
    header: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SignOutAsked:
    """Somebody signs out who came by the provider. The browser has to come back to ``back``, with ``state``.

    It comes back by a query, where ``state`` is a parameter of that name or ``RelayState``.
    """

    account: KnownAccount
    back: str
    state: str = field(repr=False)
    party: SamlParty | None = None


@dataclass(frozen=True, slots=True)
class SamlMessage:
    """A message of single logout as it came to ``party``.

    ``query`` is what was in the URL, or a form like one; by SOAP it is the envelope.
    """

    party: SamlParty
    binding: SamlRequestBinding
    query: str = field(repr=False)


@runtime_checkable
class RedirectProvider(Protocol):
    """The browser goes to the provider, where the person signs in, and comes back."""

    async def begin(self, asked: SignInAsked) -> Begun:
        """Where the browser goes, and what to keep: at most 8000 characters, which never leave the server."""

    async def finish(self, returned: SignInReturned) -> Identity:
        """Who has come back. Called once for what ``begin`` gave."""


@runtime_checkable
class PasswordProvider(Protocol):
    """The person gives name and password on our page, and the provider tells whether they are right.

    Attempts have been counted before. The password is tried once, and an empty one never.
    """

    async def account(self, login_name: str) -> str:
        """What attempts are counted by: the same text for all names of one account, empty for a name of nobody.

        Called before ``check``. No password is tried for it, and it takes as long whether somebody has the name or not.
        """

    async def check(self, login_name: str, password: str) -> Identity:
        """Whose name and password these are; raises ``IdpRefused`` alike for a wrong name and a wrong password."""


@runtime_checkable
class RefreshingProvider(Protocol):
    """The provider can be asked again without the person."""

    async def refresh(self, account: KnownAccount) -> Identity:
        """What the provider tells of the account by now, ``session`` included, which counts from then on.

        Raises ``IdpRefused`` where there is no such account any more, or it lets us in no more.
        """


@runtime_checkable
class RevokingProvider(Protocol):
    """The provider takes back what it has given for a session, such as a refresh token."""

    async def revoke(self, account: KnownAccount) -> str:
        """Have it taken back, and tell what is left of ``account.session``: what signing out there takes.

        Called when the session here is over, and perhaps again. Raises ``IdpUnreachable`` where it may be tried once
        more, and ``IdpRefused`` where nothing can be taken back.
        """


@runtime_checkable
class LogoutProvider(Protocol):
    """The person can be signed out at the provider as well."""

    async def logout(self, asked: SignOutAsked) -> str:
        """Where the browser goes to be signed out there, and from there back; a URL of at most 8000 characters.

        Raises ``IdpRefused`` where nobody can be signed out there, so that nobody is sent in vain.
        """


@runtime_checkable
class BackChannelLogoutProvider(Protocol):
    """The provider tells from server to server that a session there is over (OIDC Back-Channel Logout 1.0).

    It finds sessions here by what ``Identity.session_name`` and ``Identity.session_index`` were when they began.
    """

    async def session_ended(self, form: Mapping[str, str]) -> LogoutThere:
        """Whose session is over, by a form that was posted here, each field of which came once.

        Anybody can post one: raises ``IdpMalformed`` unless the provider itself says so, to us, and says it now.
        """


@runtime_checkable
class FrontChannelLogoutProvider(Protocol):
    """The provider has the browser load a frame of ours where a session there is over (Front-Channel Logout 1.0).

    Nobody has signed that, and no cookie of ours comes with it: who can name the session is believed.
    """

    async def session_left(self, parameters: Mapping[str, str]) -> str:
        """What the provider calls the session, as ``Identity.session_index``, by the query of the frame.

        Raises ``IdpMalformed`` for one of another provider, and for a name that could be guessed.
        """


@runtime_checkable
class SamlProvider(Protocol):
    """The instance is a service provider of SAML 2.0 to the provider, and has metadata and keys of its own for it."""

    async def metadata(self, party: SamlParty) -> str:
        """What the provider has to know of the instance, as XML that is signed (Metadata section 2.4.4)."""

    async def signed_out(self, message: SamlMessage) -> LogoutThere:
        """Whom the provider has signed out (Profiles section 4.4.4.1); raises ``IdpMalformed`` unless it says so.

        By SOAP, whatever else is wrong with a request of the provider's is told by the ``status``.
        """


@dataclass(frozen=True, slots=True)
class IdpOffer(Generic[S]):
    """A kind of identity providers that somebody can sign in by.

    ``make`` makes a provider of its settings, secrets included, and its surroundings. It does not wait. ``roles`` are
    the Protocols that its providers play.
    """

    kind: IdpKind
    settings: type[S]
    make: Callable[[S, Surroundings], object]
    roles: frozenset[type] = frozenset({RedirectProvider})

    def __post_init__(self) -> None:
        """Look at it once, where it is declared; ``ValueError`` for settings that are not the kind's."""
        if self.kind.settings is not self.settings:
            raise ValueError(f"{self.kind.name}: its settings are {self.kind.settings.__name__}")

    @property
    def as_party(self) -> bool:
        """Whether its providers are told how they know the instance, as a service provider with keys of its own."""
        return SamlProvider in self.roles
