"""The state of a personal access token, and the text that its holder presents."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from hexkeep.core.accesstoken.events import PersonalAccessTokenCreated, PersonalAccessTokenDeleted
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log

PURPOSE = "personal_access_token"
"""The purpose under which the secrets of these tokens are hashed."""
PREFIX = "hexkeep_pat_"
"""What every one of them begins with, so that it is told from other tokens, and found by secret scanners."""

TOKEN = re.compile(rf"{PREFIX}(?P<token_id>[A-Za-z0-9-]{{1,100}})_(?P<secret>[A-Za-z0-9_-]{{1,200}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class PersonalAccessToken:
    """A token of one user. A deleted one keeps nothing."""

    user_id: str = ""
    organization_id: str = ""
    token_hash: str = field(default="", repr=False)
    password_version: int = 0
    expires_at: datetime | None = None

    @property
    def exists(self) -> bool:
        """Whether it was created and is not deleted."""
        return self.expires_at is not None

    def active(self, now: datetime) -> bool:
        """Whether it may be presented, as far as it depends on itself."""
        return self.expires_at is not None and now < self.expires_at


def _evolve(state: PersonalAccessToken, event: Event) -> PersonalAccessToken:
    match event:
        case PersonalAccessTokenCreated():
            return PersonalAccessToken(
                user_id=event.user_id,
                organization_id=event.organization_id,
                token_hash=event.token_hash,
                password_version=event.password_version,
                expires_at=event.expires_at,
            )
        case PersonalAccessTokenDeleted():
            return PersonalAccessToken()
        case _:
            return state


PERSONAL_ACCESS_TOKEN = Aggregate(
    name="personal_access_token",
    log=Log.DURABLE,
    initial=PersonalAccessToken(),
    events=(PersonalAccessTokenCreated, PersonalAccessTokenDeleted),
    evolve=_evolve,
)


def token_of(token_id: str, secret: str) -> str:
    """The text that the holder presents."""
    return f"{PREFIX}{token_id}_{secret}"


def parse_token(token: str) -> tuple[str, str] | None:
    """The id and the secret of a token, or ``None`` when it does not look like one."""
    match = TOKEN.fullmatch(token)
    return (match["token_id"], match["secret"]) if match else None
