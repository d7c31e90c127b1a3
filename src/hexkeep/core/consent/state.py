"""A consent, as the events of the durable log make it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from hexkeep.core.consent.events import ConsentForgotten, ConsentGranted, ConsentRevoked
from hexkeep.core.kernel.aggregate import Aggregate, Append
from hexkeep.core.kernel.event import Event, Log


@dataclass(frozen=True, slots=True)
class Consent:
    """What one user agreed to for one application. ``granted_at`` is the last time; ``None`` when none holds."""

    user_id: str = ""
    client_id: str = ""
    scopes: tuple[str, ...] = ()
    granted_at: datetime | None = None
    revoked_at: datetime | None = None
    auth_request_id: str = ""
    """The last authorization request that was agreed to."""

    @property
    def exists(self) -> bool:
        """Whether the user agrees now."""
        return self.granted_at is not None

    def covers(self, scopes: Iterable[str]) -> bool:
        """Whether the user has agreed to all of ``scopes``."""
        return self.exists and set(scopes) <= set(self.scopes)

    def revoked_since(self, moment: datetime) -> bool:
        """Whether what was issued at ``moment`` was withdrawn later, even if there is a new consent by now."""
        return self.revoked_at is not None and moment <= self.revoked_at


def consent_id(user_id: str, client_id: str) -> str:
    """The aggregate's id: there is one consent per user and application."""
    return f"{user_id}.{client_id}"


def _evolve(state: Consent, event: Event) -> Consent:
    match event:
        case ConsentGranted():
            return replace(
                state,
                user_id=event.user_id,
                client_id=event.client_id,
                scopes=event.scopes,
                granted_at=event.granted_at,
                auth_request_id=event.auth_request_id,
            )
        case ConsentForgotten():
            return replace(state, scopes=(), granted_at=None, auth_request_id="")
        case ConsentRevoked(revoked_at=revoked_at):
            return replace(state, scopes=(), granted_at=None, auth_request_id="", revoked_at=revoked_at)
        case _:
            return state


CONSENT = Aggregate(
    name="consent",
    log=Log.DURABLE,
    initial=Consent(),
    events=(ConsentGranted, ConsentForgotten, ConsentRevoked),
    evolve=_evolve,
)


def revocation(user_id: str, client_id: str, now: datetime) -> Append:
    """What is written when a user, or somebody for the user, takes back what an application has."""
    revoked = ConsentRevoked(revoked_at=now, user_id=user_id, client_id=client_id)
    return CONSENT.append(consent_id(user_id, client_id), revoked)
