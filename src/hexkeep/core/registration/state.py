"""Who may register clients in an instance, and the tokens that invite to it (RFC 7591 section 3)."""

import enum
import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.registration.events import (
    ClientRegistrationSet,
    InitialAccessTokenCreated,
    InitialAccessTokenDeleted,
    InitialAccessTokenUsed,
)

CLIENT_REGISTRATION_ID = "client-registration"
"""The id of the one aggregate of each instance."""
PURPOSE = "initial_access_token"
"""The purpose under which the secrets of these tokens are hashed."""
PREFIX = "hexkeep_iat_"
"""What every one of them begins with, so that it is told from other tokens, and found by secret scanners."""
TOKEN = re.compile(rf"{PREFIX}(?P<token_id>[A-Za-z0-9-]{{1,100}})_(?P<secret>[A-Za-z0-9_-]{{1,200}})", re.ASCII)


class RegistrationMode(enum.StrEnum):
    """Who may register clients."""

    UNSPECIFIED = "unspecified"
    CLOSED = "closed"
    """Nobody: applications are created by who manages the project."""
    TOKEN = "token"
    """Who has an initial access token."""
    OPEN = "open"
    """Everybody, within limits; and who has an initial access token."""


@dataclass(frozen=True, slots=True)
class ClientRegistration:
    """What an instance's administrators have decided."""

    mode: RegistrationMode = RegistrationMode.CLOSED
    project_id: str = ""
    """Where clients go that come without a token, and those that are described by a document at their address."""
    metadata_documents: bool = False
    """Whether a client may be known by a document at its address."""
    token_endpoint_audience: bool = False
    """Whether assertions of clients that nobody has set up may name the token endpoint as their audience."""


def _evolve(state: ClientRegistration, event: Event) -> ClientRegistration:
    if not isinstance(event, ClientRegistrationSet):
        return state
    mode = RegistrationMode(event.mode) if event.mode in set(RegistrationMode) else RegistrationMode.CLOSED
    return ClientRegistration(mode, event.project_id, event.metadata_documents, event.token_endpoint_audience)


CLIENT_REGISTRATION = Aggregate(
    name="client_registration",
    log=Log.DURABLE,
    initial=ClientRegistration(),
    events=(ClientRegistrationSet,),
    evolve=_evolve,
)


@dataclass(frozen=True, slots=True)
class InitialAccessToken:
    """An invitation to register clients in a project. A deleted one keeps nothing."""

    organization_id: str = ""
    project_id: str = ""
    token_hash: str = field(default="", repr=False)
    uses_left: int = 0
    expires_at: datetime | None = None

    @property
    def exists(self) -> bool:
        """Whether it was created and is not deleted."""
        return self.expires_at is not None

    def active(self, now: datetime) -> bool:
        """Whether one more client may be registered with it."""
        return self.expires_at is not None and now < self.expires_at and self.uses_left > 0


def _evolve_token(state: InitialAccessToken, event: Event) -> InitialAccessToken:
    match event:
        case InitialAccessTokenCreated():
            place = (event.organization_id, event.project_id)
            return InitialAccessToken(*place, event.token_hash, event.uses, event.expires_at)
        case InitialAccessTokenUsed(uses_left=left):
            return replace(state, uses_left=left)
        case InitialAccessTokenDeleted():
            return InitialAccessToken()
        case _:
            return state


INITIAL_ACCESS_TOKEN = Aggregate(
    name="initial_access_token",
    log=Log.DURABLE,
    initial=InitialAccessToken(),
    events=(InitialAccessTokenCreated, InitialAccessTokenUsed, InitialAccessTokenDeleted),
    evolve=_evolve_token,
)


def token_of(token_id: str, secret: str) -> str:
    """The text that its holder presents."""
    return f"{PREFIX}{token_id}_{secret}"


def parse_token(token: str) -> tuple[str, str] | None:
    """The id and the secret of a token, or ``None`` when it does not look like one."""
    match = TOKEN.fullmatch(token)
    return (match["token_id"], match["secret"]) if match else None
