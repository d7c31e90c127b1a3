"""Keeping a person out after too many failed attempts to sign in."""

from datetime import timedelta

from hexkeep.core.kernel.ask import CountUp
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import PermissionDenied
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.membership import owners
from hexkeep.core.membership.state import MEMBERSHIPS
from hexkeep.core.user.events import UserLocked
from hexkeep.core.user.state import USER, UserKind
from hexkeep.core.user.status import LockReason, UserStatus


class LockAfterFailures(Message):
    """The user under whose name too many attempts to sign in have failed; maybe nobody."""

    user_id: Id


def lock_after_failures(request: LockAfterFailures, ctx: Context) -> Decision[Empty]:
    """Keep a person out after too many failed attempts to sign in, until somebody unlocks the person.

    Follows the last of those attempts, which writes to the other log. Who owns the instance is not locked: strangers
    could keep the last one out who can let others in. For nobody, and for machines, which do not sign in, the same work
    is done.
    """
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
    user, held = ctx.load(USER, request.user_id), ctx.load(MEMBERSHIPS, request.user_id)
    if user.kind is not UserKind.HUMAN or user.status is not UserStatus.ACTIVE or owners.is_owner(held):
        ctx.ask(CountUp("login/not_locked", int(timedelta(days=1).total_seconds())))  # a commit, as the event is one
        return Decision(Empty())
    return Decision(Empty(), USER.append(request.user_id, UserLocked(reason=LockReason.FAILED_ATTEMPTS.value)))
