"""Who may have a user erased, and what is decided then."""

from hexkeep.core.kernel.errors import FailedPrecondition, NotFound, PermissionDenied
from hexkeep.core.kernel.permission import SYSTEM, Level
from hexkeep.core.kernel.unique import Release
from hexkeep.core.membership.events import MembershipAdded
from hexkeep.core.membership.state import MEMBERSHIPS
from hexkeep.core.user.commands import DeleteUser
from hexkeep.core.user.erasure import CompleteErasure, EraseUser, ReapplyErasure
from hexkeep.core.user.events import SubjectErased, SubjectErasureCompleted, UserRemoved
from hexkeep.core.user.state import USER, user_name_key
from hexkeep.core.user.status import UserStatus
from tests.unit.core.worlds import KIT, caller, human, human_added, organization

FULL = KIT.given(*organization(), *human()).as_(caller("ORGANIZATION_OWNER", "acme"))
REQUEST = EraseUser(user_id="alice")
NAME_FREED = Release(user_name_key("alice"), USER.ref("alice"))


def test_erasing_removes_the_user_and_frees_the_name_in_one_unit() -> None:
    """From the first moment on the user counts for nothing."""
    FULL.when(REQUEST).then(USER.append("alice", SubjectErased()), NAME_FREED)
    state = USER.fold([human_added(), SubjectErased()])
    assert (state.status, state.user_name, state.password_hash, state.erased) == (UserStatus.REMOVED, "", "", True)


def test_a_removed_user_can_be_erased_by_whoever_managed_the_organization() -> None:
    """The organization is remembered, so that the right is not the instance's alone."""
    gone = FULL.when(DeleteUser(user_id="alice")).world
    gone.when(REQUEST).then(USER.append("alice", SubjectErased()))
    gone.as_(caller("ORGANIZATION_OWNER", "other")).when(REQUEST).refused(NotFound)


def test_an_erased_user_is_not_erased_again() -> None:
    """Asking twice is no mistake."""
    FULL.when(REQUEST).world.when(REQUEST).then()


def test_managing_users_is_not_enough_to_erase_them() -> None:
    """What nobody can undo has a permission of its own."""
    FULL.as_(caller("ORGANIZATION_USER_MANAGER", "acme")).when(REQUEST).refused(PermissionDenied)


def test_nobody_erases_who_holds_more() -> None:
    """As with everything that is done to a user."""
    mighty = MembershipAdded(level=Level.INSTANCE, scope_id="", organization_id="", roles=("INSTANCE_OWNER",))
    FULL.given(MEMBERSHIPS.append("alice", mighty)).when(REQUEST).refused(PermissionDenied)


def test_the_last_owner_stays() -> None:
    """Nobody could set things right afterwards."""
    mighty = MembershipAdded(level=Level.INSTANCE, scope_id="", organization_id="", roles=("INSTANCE_OWNER",))
    FULL.given(MEMBERSHIPS.append("alice", mighty)).as_(SYSTEM).when(REQUEST).refused(FailedPrecondition)


def test_who_never_was_is_not_found() -> None:
    """There is nobody to erase."""
    FULL.when(EraseUser(user_id="nobody")).refused(NotFound)


def test_a_restored_user_is_erased_whatever_it_was() -> None:
    """Even the last owner: that erasure was decided once."""
    restored = FULL.as_(SYSTEM)
    restored.when(ReapplyErasure(user_id="alice")).then(USER.append("alice", SubjectErased()), NAME_FREED)
    restored.when(ReapplyErasure(user_id="nobody")).then()
    FULL.when(ReapplyErasure(user_id="alice")).refused(PermissionDenied)


def test_an_erasure_is_acknowledged_once() -> None:
    """And only by the engine, for somebody who was erased."""
    erased = FULL.given(USER.append("alice", SubjectErased())).as_(SYSTEM)
    outcome = erased.when(CompleteErasure(user_id="alice"))
    outcome.then(USER.append("alice", SubjectErasureCompleted()))
    outcome.world.when(CompleteErasure(user_id="alice")).then()
    FULL.as_(SYSTEM).when(CompleteErasure(user_id="alice")).refused(FailedPrecondition)


def test_nothing_changes_an_erased_user() -> None:
    """Not even what was already on its way when the erasure was decided."""
    erased = USER.fold([SubjectErased()])
    assert USER.fold([UserRemoved()], erased) == erased
