"""Who may act on which user."""

from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import FailedPrecondition, PermissionDenied, Unauthenticated
from hexkeep.core.membership.state import MEMBERSHIPS, covers
from hexkeep.core.user.state import USER, User, UserKind


def managed(user_id: str, ctx: Context) -> User:
    """A user whom the caller manages.

    To hold the permission in the user's organization is not enough: who can set a password, a secret or an e-mail
    address can become the user, so the caller must hold at least what the user holds. Raises ``PermissionDenied``.
    """
    user = ctx.load(USER, user_id)
    reach(ctx, "user.read", exists=user.exists, organization=user.organization_id)
    insist_on_cover(user_id, ctx)
    return user


def insist_on_cover(user_id: str, ctx: Context) -> None:
    """Raise ``PermissionDenied`` unless the caller holds all that the user holds."""
    if not all(covers(ctx.caller, held, ctx.roles()) for held in ctx.load(MEMBERSHIPS, user_id).held):
        raise PermissionDenied("The user holds roles that the caller does not")


def managed_human(user_id: str, ctx: Context) -> User:
    """A person whom the caller manages; raises ``FailedPrecondition`` for a machine."""
    return _of_kind(managed(user_id, ctx), UserKind.HUMAN)


def managed_machine(user_id: str, ctx: Context) -> User:
    """A machine that the caller manages; raises ``FailedPrecondition`` for a person."""
    return _of_kind(managed(user_id, ctx), UserKind.MACHINE)


def equipped_machine(user_id: str, ctx: Context) -> User:
    """A machine that the caller manages, and to which the caller gives something to authenticate with.

    No machine does that for itself: a token or a key that was found must not be good for another one that outlives it.
    Raises ``PermissionDenied``.
    """
    user = managed_machine(user_id, ctx)
    if user_id == ctx.caller.user_id:
        raise PermissionDenied("A machine makes no credentials for itself")
    return user


def _of_kind(user: User, kind: UserKind) -> User:
    if user.kind is not kind:
        raise FailedPrecondition(f"The user is not a {kind}", kind=str(user.kind))
    return user


def myself(ctx: Context) -> tuple[str, User]:
    """The id and state of the user who is calling; raises ``Unauthenticated`` when there is none that is active."""
    user_id = ctx.caller.user_id
    if not user_id:
        raise Unauthenticated("Only a user has an account of its own")
    user = ctx.load(USER, user_id)
    if not user.active_at(ctx.now):
        raise Unauthenticated
    return user_id, user


def myself_human(ctx: Context) -> tuple[str, User]:
    """The same for a person; raises ``FailedPrecondition`` for a machine."""
    user_id, user = myself(ctx)
    return user_id, _of_kind(user, UserKind.HUMAN)


def myself_in_session(ctx: Context) -> tuple[str, User]:
    """The same for a person who has signed in: for what decides about who can sign in as the person from now on.

    A personal access token, or the token of an application, does not suffice: with a factor of one's own whoever found
    it could come back for ever. Raises ``PermissionDenied``.
    """
    mine = myself_human(ctx)
    insist_on_session(ctx)
    return mine


def insist_on_session(ctx: Context) -> None:
    """Raise ``PermissionDenied`` unless the call comes with the token of a session, and no application has it."""
    if not ctx.caller.session_id or ctx.caller.client_id:
        raise PermissionDenied("This takes somebody who has signed in: call it with the token of a session")
