"""Users who are kept out for a while."""

from datetime import timedelta

from hexkeep.core.kernel.errors import FailedPrecondition, NotFound, PermissionDenied, Unauthenticated
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import Caller, CallerKind
from hexkeep.core.user.commands import DeactivateUser, ReactivateUser
from hexkeep.core.user.events import UserDeactivated, UserLocked, UserUnlocked
from hexkeep.core.user.locking import LockUser, UnlockUser
from hexkeep.core.user.queries import GetUser
from hexkeep.core.user.state import USER
from hexkeep.core.user.status import LockReason, UserStatus
from hexkeep.testing.decisions import NOW
from tests.unit.core.worlds import KIT, caller, human, machine, member, organization

WORLD = KIT.given(*organization(), *human(), *machine())
MANAGER = caller("ORGANIZATION_USER_MANAGER", "acme")
ALICE = Caller(CallerKind.USER, user_id="alice")
LOCK, UNLOCK = LockUser(user_id="alice"), UnlockUser(user_id="alice")
LOCKED = WORLD.given(USER.append("alice", UserLocked(reason="manager")))


def test_a_locked_user_is_nobody_until_unlocked() -> None:
    """Locking shuts out, unlocking lets in again, and the view says which."""
    outcome = WORLD.as_(MANAGER).when(LOCK).then(USER.append("alice", UserLocked(reason="manager")))
    assert outcome.world.when(GetUser(user_id="alice")).result.status is UserStatus.LOCKED
    outcome.world.as_(ALICE).when(Empty(), "GetMyUser").refused(Unauthenticated)
    unlocked = outcome.world.as_(MANAGER).when(UNLOCK).then(USER.append("alice", UserUnlocked())).world
    assert unlocked.as_(ALICE).when(Empty(), "GetMyUser").result.status is UserStatus.ACTIVE


def test_what_is_locked_is_not_locked_again_and_what_is_not_is_not_unlocked() -> None:
    """Each verb fits one state."""
    LOCKED.when(LOCK).refused(FailedPrecondition)
    WORLD.when(UNLOCK).refused(FailedPrecondition)
    WORLD.when(LockUser(user_id="nobody")).refused(NotFound)


def test_locking_takes_the_right_to_manage_the_user() -> None:
    """Strangers do not find the user; who only reads may not; who holds less than the user may not either."""
    for request in (LOCK, UNLOCK):
        LOCKED.as_(caller("ORGANIZATION_USER_MANAGER", "other")).when(request).refused(NotFound)
        LOCKED.as_(caller("ORGANIZATION_VIEWER", "acme")).when(request).refused(PermissionDenied)
    owner = WORLD.given(*member("alice", "ORGANIZATION_OWNER", "acme", "acme"))
    owner.as_(MANAGER).when(LOCK).refused(PermissionDenied)


def test_the_last_owner_is_not_locked() -> None:
    """Nobody would be left to unlock."""
    WORLD.given(*member("alice", "INSTANCE_OWNER", "", "")).when(LOCK).refused(FailedPrecondition)


def test_a_lock_with_an_end_ends_by_itself() -> None:
    """Whoever is locked after failed attempts comes back without anybody's help."""
    until = NOW + timedelta(minutes=5)
    lock = UserLocked(reason=LockReason.FAILED_ATTEMPTS.value, until=until)
    world = WORLD.given(USER.append("alice", lock)).as_(ALICE)
    world.at(until - timedelta(microseconds=1)).when(Empty(), "GetMyUser").refused(Unauthenticated)
    assert world.at(until).when(Empty(), "GetMyUser").result.locked_until == until


def test_a_locked_user_can_be_deactivated_and_comes_back_unlocked() -> None:
    """Reactivation is somebody's decision that the user may sign in."""
    off = LOCKED.when(DeactivateUser(user_id="alice")).then(USER.append("alice", UserDeactivated())).world
    back = off.when(ReactivateUser(user_id="alice")).world
    assert back.as_(ALICE).when(Empty(), "GetMyUser").result.status is UserStatus.ACTIVE
