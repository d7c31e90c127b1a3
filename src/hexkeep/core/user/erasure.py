"""The erasure of a person, or of a program: asked for, applied once more after a restore, completed.

What is asked for here is done by the engine behind it (``hexkeep.engine.erasure``).
"""

from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Change, Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, PermissionDenied
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.kernel.unique import Release
from hexkeep.core.user.access import insist_on_cover
from hexkeep.core.user.commands import keep_an_owner
from hexkeep.core.user.events import SubjectErased, SubjectErasureCompleted
from hexkeep.core.user.state import USER, User
from hexkeep.core.user.status import UserStatus


class EraseUser(Message):
    """The user to erase, removed or not."""

    user_id: Id


class ReapplyErasure(Message):
    """A user who was erased once, and is there again because an older backup was restored."""

    user_id: Id


class CompleteErasure(Message):
    """The user of whom nothing is left."""

    user_id: Id


def erase_user(request: EraseUser, ctx: Context) -> Decision[Empty]:
    """Erase a user: everything that tells something about the person becomes unreadable, for good and in every backup.

    Works on removed users as well. The user is removed at once and the user name is free; the rest follows within
    minutes and is acknowledged by an event. What stays is that there was somebody with this id, and what that id did.
    It cannot be undone. The last owner of the instance stays.
    """
    user = ctx.load(USER, request.user_id)
    known = user.status is not UserStatus.UNSPECIFIED
    reach(ctx, "user.read", exists=known, organization=user.organization_id)
    if user.exists:
        insist_on_cover(request.user_id, ctx)
        keep_an_owner(request.user_id, ctx)
    return Decision(Empty(), *_erased(request.user_id, user))


def reapply_erasure(request: ReapplyErasure, ctx: Context) -> Decision[Empty]:
    """Erase a user of a restored store, whatever the user was at the time of the backup."""
    _insist_on_system(ctx)
    user = ctx.load(USER, request.user_id)
    if user.status is UserStatus.UNSPECIFIED:
        return Decision(Empty())
    return Decision(Empty(), *_erased(request.user_id, user))


def complete_erasure(request: CompleteErasure, ctx: Context) -> Decision[Empty]:
    """Record that an erasure is done. Repeated, nothing happens."""
    _insist_on_system(ctx)
    user = ctx.load(USER, request.user_id)
    if not user.erased:
        raise FailedPrecondition("The user was not erased")
    if user.erasure_completed:
        return Decision(Empty())
    return Decision(Empty(), USER.append(request.user_id, SubjectErasureCompleted()))


def _erased(user_id: str, user: User) -> tuple[Change, ...]:
    """Nothing for who is erased already. A removed user's name is free already."""
    if user.erased:
        return ()
    released = (Release(user.name_key, USER.ref(user_id)),) if user.exists else ()
    return USER.append(user_id, SubjectErased()), *released


def _insist_on_system(ctx: Context) -> None:
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
