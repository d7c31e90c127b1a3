"""The state of a user, and the key that makes user names unique."""

import enum
from dataclasses import dataclass, field, replace
from datetime import datetime

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.unique import UniqueKey
from hexkeep.core.user.events import (
    HumanUserAdded,
    MachineUserAdded,
    SubjectErased,
    SubjectErasureCompleted,
    UserActivated,
    UserClientSecretRemoved,
    UserClientSecretSet,
    UserDeactivated,
    UserEmailChanged,
    UserInvited,
    UserLocked,
    UserNameChanged,
    UserPasswordExpired,
    UserPasswordRehashed,
    UserPasswordSet,
    UserPhoneChanged,
    UserProfileChanged,
    UserReactivated,
    UserRemoved,
    UserUnlocked,
)
from hexkeep.core.user.status import LockReason, UserStatus


class UserKind(enum.StrEnum):
    """What a user is. Wire values are stable."""

    UNSPECIFIED = "unspecified"
    HUMAN = "human"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class User:
    """A user. Whoever acts for one has to see that the user and the user's organization are active.

    ``password_hash`` and ``client_secret_hash`` are empty when there is none. ``password_version`` counts the passwords
    that were set: a session or token proves who the user is as long as its password is the present one (see
    ``proven_by``). A removed user keeps nothing.
    """

    status: UserStatus = UserStatus.UNSPECIFIED
    kind: UserKind = UserKind.UNSPECIFIED
    organization_id: str = ""
    user_name: str = ""
    name_scope: str = ""
    given_name: str = ""
    family_name: str = ""
    display_name: str = ""
    email: str = ""
    email_verified: bool = False
    phone: str = ""
    phone_verified: bool = False
    preferred_language: str = ""
    nickname: str = ""
    gender: str = ""
    formatted_address: str = ""
    street_address: str = ""
    locality: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    password_hash: str = field(default="", repr=False)
    password_change_required: bool = False
    password_version: int = 0
    password_set_at: datetime | None = None
    previous_hashes: tuple[str, ...] = field(default=(), repr=False)
    client_secret_hash: str = field(default="", repr=False)
    erased: bool = False
    erasure_completed: bool = False
    locked_until: datetime | None = None
    lock_reason: str = ""
    let_in: int = 0
    """How often somebody has let the user in again: what was tried before that counts no more."""

    @property
    def names(self) -> tuple[str, ...]:
        """What a password of the user must not be built around."""
        return self.user_name, self.given_name, self.family_name, self.email

    @property
    def name_key(self) -> UniqueKey:
        """The key that makes the user's name unique, where it is."""
        return user_name_key(self.user_name, self.name_scope)

    @property
    def exists(self) -> bool:
        """Whether there is such a user, switched off or not."""
        return self.status.exists

    @property
    def active(self) -> bool:
        """Whether the user may sign in and be acted for, whatever the time is."""
        return self.status is UserStatus.ACTIVE

    @property
    def locked(self) -> bool:
        """Whether the user is locked, or was when the time of the lock is over."""
        return self.status is UserStatus.LOCKED

    def active_at(self, now: datetime) -> bool:
        """Whether the user may sign in and be acted for: as well when the time of a lock is over."""
        over = self.locked_until is not None and self.locked_until <= now
        return self.active or (self.status is UserStatus.LOCKED and over)

    def may_recover(self, now: datetime) -> bool:
        """Whether a link to the person's own address may let the person in again.

        Whoever may sign in has that right, and who is kept out only because somebody has guessed in vain.
        """
        guessed = self.status is UserStatus.LOCKED and self.lock_reason == LockReason.FAILED_ATTEMPTS
        return self.active_at(now) or guessed

    def proven_by(self, password_version: int) -> bool:
        """Whether the password of that version, given in the past, is still the user's."""
        return password_version == self.password_version


REMEMBERED = 23
"""How many passwords before the present one are known; with it as many as a policy may ask for."""
KEY_KIND = "user_name"


def user_name_key(user_name: str, scope: str = "") -> UniqueKey:
    """The key that makes ``user_name`` unique, whatever its case; owned by ``USER.ref(id)``.

    ``scope`` is the organization within which it does, empty for the instance.
    """
    return UniqueKey(KEY_KIND, scope, user_name)


def evolve(state: User, event: Event) -> User:
    """The state after ``event``; an event that says nothing about a user leaves it as it was."""
    if state.erased:
        return replace(state, erasure_completed=True) if isinstance(event, SubjectErasureCompleted) else state
    match event:
        case HumanUserAdded() | MachineUserAdded():
            return _added(event)
        case UserRemoved():
            return User(UserStatus.REMOVED, organization_id=state.organization_id)
        case SubjectErased():
            return User(UserStatus.REMOVED, organization_id=state.organization_id, erased=True)
        case UserDeactivated() | UserReactivated() | UserInvited() | UserActivated() | UserLocked() | UserUnlocked():
            return _stands(state, event)
        case _:
            return _changed(state, event)


def _added(event: HumanUserAdded | MachineUserAdded) -> User:
    kind = UserKind.HUMAN if isinstance(event, HumanUserAdded) else UserKind.MACHINE
    return User(UserStatus.ACTIVE, kind, **event.model_dump())


def _stands(state: User, event: Event) -> User:
    """The same user, who may sign in from now on or may not."""
    match event:
        case UserInvited():
            return replace(state, status=UserStatus.INITIAL, locked_until=None)
        case UserDeactivated():
            return replace(state, status=UserStatus.INACTIVE, locked_until=None)
        case UserLocked(reason=reason, until=until):
            return replace(state, status=UserStatus.LOCKED, locked_until=until, lock_reason=reason)
        case _:
            return replace(state, status=UserStatus.ACTIVE, locked_until=None, let_in=state.let_in + 1)


def _changed(state: User, event: Event) -> User:
    match event:
        case UserNameChanged() | UserProfileChanged():
            return replace(state, **event.model_dump())
        case UserEmailChanged(email=email, verified=verified):
            return replace(state, email=email, email_verified=verified)
        case UserPhoneChanged(phone=phone, verified=verified):
            return replace(state, phone=phone, phone_verified=verified)
        case UserPasswordSet() | UserPasswordExpired() | UserPasswordRehashed():
            return _with_password(state, event)
        case UserClientSecretSet(hash=digest):
            return replace(state, client_secret_hash=digest)
        case UserClientSecretRemoved():
            return replace(state, client_secret_hash="")
        case _:
            return state


def _with_password(state: User, event: UserPasswordSet | UserPasswordExpired | UserPasswordRehashed) -> User:
    if isinstance(event, UserPasswordExpired):
        return replace(state, password_change_required=True)
    if isinstance(event, UserPasswordRehashed):
        return replace(state, password_hash=event.hash)
    return replace(
        state,
        password_hash=event.hash,
        password_change_required=event.change_required,
        password_version=state.password_version + 1,
        password_set_at=event.set_at,
        previous_hashes=(state.password_hash, *state.previous_hashes)[:REMEMBERED] if state.password_hash else (),
    )


USER: Aggregate[User] = Aggregate(
    name="user",
    log=Log.DURABLE,
    initial=User(),
    events=(
        HumanUserAdded,
        MachineUserAdded,
        UserNameChanged,
        UserProfileChanged,
        UserEmailChanged,
        UserPhoneChanged,
        UserPasswordSet,
        UserPasswordExpired,
        UserPasswordRehashed,
        UserClientSecretSet,
        UserClientSecretRemoved,
        UserDeactivated,
        UserReactivated,
        UserInvited,
        UserActivated,
        UserLocked,
        UserUnlocked,
        UserRemoved,
        SubjectErased,
        SubjectErasureCompleted,
    ),
    evolve=evolve,
    keys=(KEY_KIND,),
)
