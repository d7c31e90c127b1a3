"""A session, and a failed sign-in, as the events of the activity log make them."""

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from hexkeep.core.factor.state import FACTORS, Factor
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.ask import KeyedHash
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.policy.state import LOGIN, effective
from hexkeep.core.session.events import (
    IdpSessionKept,
    SessionClientJoined,
    SessionClientLeft,
    SessionClientNamed,
    SessionCreated,
    SessionEnded,
    SessionFactorChecked,
    SessionIdpChecked,
    SessionIdpConfirmed,
    SessionIdpOthersEnded,
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
class Participant:
    """An application that got tokens in a session, and when it first did."""

    client_id: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class ToldName:
    """How an application knows the session's user; no ``name`` once the user was erased."""

    client_id: str
    form: str
    name: str = field(repr=False)


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
    alone_at: datetime | None = None
    """When a passkey stood for the password."""
    idp_checked_at: datetime | None = None
    """When an identity provider did."""
    idp_authenticated_at: datetime | None = None
    """When the user had signed in there, as it tells; empty where it does not."""
    idp_confirmed_at: datetime | None = None
    """When it last said so again without the user, which proves nothing new."""
    idp_anew_at: datetime | None = None
    """When one last did that was asked to have the user prove it, and does not tell when that was."""
    idp_link_id: str = ""
    """By which link of an account there to the user."""
    factors: tuple[str, ...] = ()
    """The kinds of second factors that were checked."""
    second_checked_at: datetime | None = None
    expires_at: datetime | None = None
    ended: bool = False
    user_agent: str = ""
    clients: tuple[Participant, ...] = ()
    """Those that take part, in the order in which they came."""
    names: tuple[ToldName, ...] = ()
    """How the user was named to those that got assertions, also after they have left."""

    @property
    def exists(self) -> bool:
        """Whether it was ever begun."""
        return self.expires_at is not None

    @property
    def checked_at(self) -> datetime | None:
        """When the user last proved to be that user; empty before."""
        proofs = (self.password_checked_at, self.alone_at, self.idp_checked_at)
        return max((at for at in proofs if at is not None), default=None)

    @property
    def authenticated_at(self) -> datetime | None:
        """When the user last authenticated, here or at an identity provider; empty where only that knows it."""
        proofs = (self.password_checked_at, self.alone_at, self.idp_authenticated_at)
        return max((at for at in proofs if at is not None), default=None)

    @property
    def proven_anew_at(self) -> datetime | None:
        """The same, where a provider that tells nothing is believed to have done what it was asked for."""
        proofs = (self.authenticated_at, self.idp_anew_at)
        return max((at for at in proofs if at is not None), default=None)

    @property
    def external(self) -> bool:
        """Whether the last to say so was an identity provider."""
        return self.idp_checked_at is not None and self.idp_checked_at == self.checked_at

    @property
    def vouched_at(self) -> datetime | None:
        """When the user last proved to be that user, or the identity provider last said so again."""
        last = (self.checked_at, self.idp_confirmed_at if self.external else None)
        return max((at for at in last if at is not None), default=None)

    @property
    def methods(self) -> tuple[str, ...]:
        """How the user did (RFC 8176 section 2)."""
        return methods(
            self.factors,
            password=self.password_checked_at is not None,
            alone=self.alone_at is not None,
            external=self.idp_checked_at is not None,
        )

    def has(self, client_id: str) -> bool:
        """Whether an application takes part."""
        return any(one.client_id == client_id for one in self.clients)

    def name_at(self, client_id: str) -> ToldName | None:
        """How the user was named to an application last; ``None`` for one that got no assertion."""
        return next((one for one in self.names if one.client_id == client_id), None)

    def active(self, now: datetime) -> bool:
        """Whether it is neither ended nor over."""
        return self.expires_at is not None and not self.ended and now < self.expires_at


def proves(session: Session, user: User, now: datetime) -> bool:
    """Whether a session shows that its holder is ``user``: it is active, and the password given in it still counts.

    A passkey that has verified its user, or an identity provider, stands for a password. Whether that is enough is for
    ``standing`` to say.
    """
    checked = session.checked_at is not None
    return checked and session.active(now) and user.proven_by(session.password_version)


METHODS = {
    Factor.TOTP: "otp",
    Factor.RECOVERY_CODE: "otp",
    Factor.OTP_EMAIL: "otp",
    Factor.OTP_SMS: "sms",
    Factor.PASSKEY: "swk",
}
"""RFC 8176 section 2. Nobody attests that a passkey is kept in hardware, so none is said to be."""
EXTERNAL = "idp"
"""An identity provider. No method is registered for that, and whatever it has asked for it has not told us."""


def methods(factors: Iterable[str], *, password: bool, alone: bool, external: bool = False) -> tuple[str, ...]:
    """The authentication method references of proofs, without repetition."""
    known = {factor.value: method for factor, method in METHODS.items()}
    of_factors = tuple(known[one] for one in factors if one in known)
    several = alone or ((password or external) and bool(of_factors))
    first = (*(("pwd",) if password else ()), *((EXTERNAL,) if external else ()))
    told = (*first, *of_factors, *(("user",) if alone else ()), *(("mfa",) if several else ()))
    return tuple(dict.fromkeys(told))


class Standing(enum.StrEnum):
    """What a session is good for."""

    NOTHING = "nothing"
    SECOND_FACTOR = "second_factor"
    """Nothing, until a second factor is proven as well."""
    ENROLMENT = "enrolment"
    """Setting up a second factor, which the policy asks for and the user does not have."""
    PROVEN = "proven"


def standing(ctx: Context, session: Session, user: User) -> Standing:
    """What a session of ``user`` is good for, by what was proven, what the user has and what the policy asks for.

    A second factor is asked of who has one. It is not in sessions from before, unless the policy insists; of those who
    came by an identity provider the policy may ask less.
    """
    if not proves(session, user, ctx.now):
        return Standing.NOTHING
    policy = effective(ctx, LOGIN, user.organization_id)
    second = session.second_checked_at
    if second is not None and ctx.now - second <= policy.second_factor_check_lifetime:
        return Standing.PROVEN
    since = ctx.load(FACTORS, session.user_id).since(user)
    forced = policy.force_mfa or (policy.force_mfa_local and not session.external)
    if since is None:
        return Standing.ENROLMENT if forced else Standing.PROVEN
    before = session.checked_at is not None and session.checked_at < since and second is None
    return Standing.PROVEN if before and not forced else Standing.SECOND_FACTOR


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
        case SessionPasswordChecked() | SessionIdpChecked() | SessionFactorChecked():
            return _proven(state, event)
        case SessionIdpConfirmed(confirmed_at=confirmed_at):
            return replace(state, idp_confirmed_at=confirmed_at)
        case SessionTokenRotated(token_hash=token_hash):
            return replace(state, token_hash=token_hash)
        case SessionClientJoined() | SessionClientNamed() | SessionClientLeft():
            return _taken_part(state, event)
        case SessionEnded():
            return replace(state, ended=True)
        case _:
            return state


def _taken_part(state: Session, event: SessionClientJoined | SessionClientNamed | SessionClientLeft) -> Session:
    match event:
        case SessionClientJoined(client_id=client_id, joined_at=joined_at):
            return replace(state, clients=(*state.clients, Participant(client_id, joined_at)))
        case SessionClientLeft(client_id=client_id):
            return replace(state, clients=tuple(one for one in state.clients if one.client_id != client_id))
    others = tuple(one for one in state.names if one.client_id != event.client_id)
    return replace(state, names=(*others, ToldName(event.client_id, event.name_format, event.name)))


def _proven(state: Session, event: SessionPasswordChecked | SessionIdpChecked | SessionFactorChecked) -> Session:
    match event:
        case SessionPasswordChecked(checked_at=checked_at, password_version=version):
            return replace(state, password_checked_at=checked_at, password_version=version)
        case SessionIdpChecked():
            return replace(
                state,
                idp_checked_at=event.checked_at,
                idp_authenticated_at=event.authenticated_at,
                idp_anew_at=event.checked_at if event.anew else None,
                password_version=event.password_version,
                idp_link_id=event.identity_provider_link_id,
            )
    factors = tuple(dict.fromkeys((*state.factors, event.factor)))
    after = replace(state, factors=factors, second_checked_at=event.checked_at)
    if not event.alone:
        return after
    return replace(after, alone_at=event.checked_at, password_version=event.password_version)


SESSION = Aggregate(
    name="session",
    log=Log.ACTIVITY,
    initial=Session(),
    events=(
        SessionCreated,
        SessionPasswordChecked,
        SessionIdpChecked,
        SessionIdpConfirmed,
        SessionIdpOthersEnded,
        SessionFactorChecked,
        SessionTokenRotated,
        SessionClientJoined,
        SessionClientNamed,
        SessionClientLeft,
        SessionEnded,
    ),
    evolve=_evolve,
)


def idp_name_hash(ctx: Context, identity_provider_id: str, name: str) -> str:
    """By what sessions are found that a provider ends: of what it calls the user there; empty for none."""
    return ctx.ask(KeyedHash("idp_session_name", f"{identity_provider_id} {name}")) if name else ""


def idp_index_hash(ctx: Context, identity_provider_id: str, index: str) -> str:
    """The same of what it calls the session."""
    return ctx.ask(KeyedHash("idp_session_index", f"{identity_provider_id} {index}")) if index else ""


@dataclass(frozen=True, slots=True)
class IdpSession:
    """What is kept of an account elsewhere as long as the session by it lasts; empty where nothing is."""

    user_id: str = ""
    identity_provider_id: str = ""
    external_id: str = field(default="", repr=False)
    session: str = field(default="", repr=False)


def _evolve_idp(state: IdpSession, event: Event) -> IdpSession:
    if not isinstance(event, IdpSessionKept):
        return state
    return IdpSession(event.user_id, event.identity_provider_id, event.external_id, event.session)


IDP_SESSION = Aggregate(
    name="idp_session", log=Log.ACTIVITY, initial=IdpSession(), events=(IdpSessionKept,), evolve=_evolve_idp
)
"""Beside the session and with its id, so that who only wants to know whether a session holds has less to read."""


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
