"""The other side of an identity provider, as a plugin's author makes it for the kits of ``hexkeep.testing.idp``."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from hexkeep.ports.idp import Identity, IdpFailed, IdpMalformed, IdpRefused, IdpUnreachable
from hexkeep.ports.outbound import Outbound


class Misbehaviour(enum.Enum):
    """What another side may do wrong, and with what a provider then fails."""

    WRONG_AUDIENCE = "what it signed is for another client"
    WRONG_PARTY = "what it signed is for several clients, and was asked for by another"
    WRONG_ISSUER = "what it signed names another issuer"
    WRONG_NONCE = "what it signed answers another request"
    NO_NONCE = "what it signed answers no request"
    UNSIGNED = "nobody has signed it"
    FOREIGN_SIGNATURE = "somebody else has signed it"
    SIGNED_WITH_SECRET = "it is signed with what both sides know"
    EXPIRED = "what it signed is over"
    STALE = "what it signed is older than this sign-in"
    ISSUED_LATER = "what it signed is from the future"
    NO_SUBJECT = "it does not say who it is"
    OTHER_SUBJECT = "what it tells besides is of somebody else"
    OTHER_RESPONSE_ISSUER = "the browser comes back from somebody else"
    NO_JSON = "it answers something else than it should"
    TOO_LARGE = "it answers more than anybody wants to read"
    FAILS = "it answers that it cannot"
    UNREACHABLE = "it does not answer"

    @property
    def failure(self) -> tuple[type[IdpFailed], ...]:
        """Any of these will do."""
        if self in {Misbehaviour.FAILS, Misbehaviour.UNREACHABLE, Misbehaviour.TOO_LARGE}:
            return (IdpUnreachable,)
        return (IdpMalformed, IdpRefused)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody's account at the other side."""

    external_id: str = "account-1"
    user_name: str = "ada"
    given_name: str = "Ada"
    family_name: str = "Lovelace"
    email: str = "ada@example.net"
    email_verified: bool = True


class Upstream(Outbound, Protocol):
    """The other side: what the provider reaches by the outbound port, and what the browser goes to."""

    async def sign_in(self, url: str, account: Account) -> Mapping[str, str]:
        """The person goes to ``url`` and signs in: the parameters with which the browser comes back.

        Where the provider wants a header, it is among them, by its name.
        """

    async def cancel(self, url: str) -> Mapping[str, str]:
        """The person goes to ``url`` and does not want to: likewise. Not called where nobody is told."""

    def misbehave(self, how: Misbehaviour | None) -> None:
        """From now on it does this wrong, and nothing else."""


@runtime_checkable
class LogoutUpstream(Protocol):
    """The other side of a ``LogoutProvider``."""

    async def sign_out(self, url: str) -> Mapping[str, str]:
        """The person goes to ``url`` and is signed out: the parameters with which the browser comes back."""


@runtime_checkable
class RefreshingUpstream(Protocol):
    """The other side of a ``RefreshingProvider``."""

    def change(self, account: Account) -> None:
        """The account with this id is like this by now."""

    def remove(self, external_id: str) -> None:
        """The account is gone."""


@runtime_checkable
class RememberingUpstream(Protocol):
    """The other side of a provider that tells when somebody has signed in there."""

    def signed_in_at(self, moment: datetime) -> None:
        """Whoever comes from now on has signed in there at that moment, whatever is asked for."""

    def wants_new_sign_in(self, url: str) -> bool:
        """Whether the browser goes to ``url`` with the wish that the person signs in again."""


@runtime_checkable
class RevokingUpstream(Protocol):
    """The other side of a ``RevokingProvider``."""

    def holds(self, identity: Identity) -> bool:
        """Whether what it has given with a sign-in is good."""
