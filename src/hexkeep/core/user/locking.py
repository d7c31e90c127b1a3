"""Keeping a user out for a while, and letting the user in again."""

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.user.access import managed
from hexkeep.core.user.commands import keep_an_owner
from hexkeep.core.user.events import UserLocked, UserUnlocked
from hexkeep.core.user.state import USER
from hexkeep.core.user.status import LockReason, UserStatus


class LockUser(Conditional):
    """The user to keep out."""

    user_id: Id


class UnlockUser(Conditional):
    """The user to let in again."""

    user_id: Id


def lock_user(request: LockUser, ctx: Context) -> Decision[Empty]:
    """Keep a user out until somebody unlocks the user: no sign-in, and tokens are of no use meanwhile.

    The last owner of the instance stays.
    """
    managed(request.user_id, ctx).status.insist(UserStatus.ACTIVE)
    expect(ctx, USER, request.user_id, request)
    keep_an_owner(request.user_id, ctx)
    return Decision(Empty(), USER.append(request.user_id, UserLocked(reason=LockReason.MANAGER.value)))


def unlock_user(request: UnlockUser, ctx: Context) -> Decision[Empty]:
    """Let a locked user in again, whatever the user was locked for. Sessions and tokens that are not over hold again.

    The caller must hold at least what the user holds.
    """
    managed(request.user_id, ctx).status.insist(UserStatus.LOCKED)
    expect(ctx, USER, request.user_id, request)
    return Decision(Empty(), USER.append(request.user_id, UserUnlocked()))
