"""A session, and a failed sign-in, as the events of the activity log make them."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.session.events import (
    SessionCreated,
    SessionEnded,
    SessionPasswordChecked,
    SessionTokenRotated,
    SignInFailed,
    SubjectActivityErased,
)
from hexkeep.core.user.state import User

TOKEN_PURPOSE = "session"
"""The purpose under which the secrets of session tokens are hashed."""
TOKEN_PREFIX = "hks_"
"""What every session token begins with, so that it is told from an access token, and found by secret scanners."""

TOKEN = re.compile(rf"{TOKEN_PREFIX}(?P<session_id>[A-Za-z0-9-]{{1,100}})_(?P<secret>[A-Za-z0-9_-]{{1,200}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Session:
    """One session of one user. ``password_checked_at`` is empty until the user has proven to be that user.

    Whether that still counts is for ``proves`` to say: the user may have another password by now.
    """

    user_id: str = ""
    organization_id: str = ""
    token_hash: str = field(default="", repr=False)
    password_checked_at: datetime | None = None
    password_version: int = 0
    expires_at: datetime | None = None
    ended: bool = False
    user_agent: str = ""

    @property
    def exists(self) -> bool:
        """Whether it was ever begun."""
        return self.expires_at is not None

    def active(self, now: datetime) -> bool:
        """Whether it is neither ended nor over."""
        return self.expires_at is not None and not self.ended and now < self.expires_at


def proves(session: Session, user: User, now: datetime) -> bool:
    """Whether a session shows that its holder is ``user``: it is active, and the password given in it still counts."""
    checked = session.password_checked_at is not None
    return checked and session.active(now) and user.proven_by(session.password_version)


def _evolve(state: Session, event: Event) -> Session:
    match event:
        case SessionCreated():
            return Session(
                user_id=event.user_id,
                organization_id=event.organization_id,
                token_hash=event.token_hash,
                expires_at=event.expires_at,
                user_agent=event.user_agent,
            )
        case SessionPasswordChecked(checked_at=checked_at, password_version=version):
            return replace(state, password_checked_at=checked_at, password_version=version)
        case SessionTokenRotated(token_hash=token_hash):
            return replace(state, token_hash=token_hash)
        case SessionEnded():
            return replace(state, ended=True)
        case _:
            return state


SESSION = Aggregate(
    name="session",
    log=Log.ACTIVITY,
    initial=Session(),
    events=(SessionCreated, SessionPasswordChecked, SessionTokenRotated, SessionEnded),
    evolve=_evolve,
)


@dataclass(frozen=True, slots=True)
class FailedSignIn:
    """One attempt to sign in as a user, in vain."""

    user_id: str = ""


def _evolve_sign_in(state: FailedSignIn, event: Event) -> FailedSignIn:
    return FailedSignIn(event.user_id) if isinstance(event, SignInFailed) else state


SIGN_IN = Aggregate(
    name="sign_in", log=Log.ACTIVITY, initial=FailedSignIn(), events=(SignInFailed,), evolve=_evolve_sign_in
)
"""One per attempt, with an id of its own: attempts at the same moment must not conflict, or that would tell a known
user from an unknown one."""


@dataclass(frozen=True, slots=True)
class SubjectActivity:
    """What the activity log knows of a user as such."""

    erased: bool = False


def _evolve_subject(state: SubjectActivity, event: Event) -> SubjectActivity:
    return SubjectActivity(erased=True) if isinstance(event, SubjectActivityErased) else state


SUBJECT_ACTIVITY = Aggregate(
    name="subject_activity",
    log=Log.ACTIVITY,
    initial=SubjectActivity(),
    events=(SubjectActivityErased,),
    evolve=_evolve_subject,
)
"""Tells views of the activity log to drop what they have of a user.

Each that is written now has one event alone: of one with two the first may lie behind the horizon while the second does
not, and then nobody can read it or add to it.
"""


def subject_activity_id(user_id: str) -> str:
    """The id of the first for a user: not the user's own, which tells of a time that may lie behind the horizon."""
    return f"erased.{user_id}"


def former_subject_activity_id(user_id: str) -> str:
    """The same in logs of former releases, where it may have several events."""
    return f"of.{user_id}"


def token_of(session_id: str, secret: str) -> str:
    """The text that the holder of a session presents."""
    return f"{TOKEN_PREFIX}{session_id}_{secret}"


def parse_token(token: str) -> tuple[str, str] | None:
    """The session id and the secret of a session token, or ``None`` when it does not look like one."""
    match = TOKEN.fullmatch(token)
    return (match["session_id"], match["secret"]) if match else None
