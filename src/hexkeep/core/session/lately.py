"""Who has signed in lately: for what a session that somebody else got hold of, or sits down at, must not be enough."""

from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import ReauthenticationRequired
from hexkeep.core.policy.state import LOGIN, effective
from hexkeep.core.session.state import SESSION
from hexkeep.core.user import access
from hexkeep.core.user.state import User


def myself_lately(ctx: Context) -> tuple[str, User]:
    """The id and state of the person who calls, and who has signed in lately in this very session.

    For what gives or takes a lasting way to sign in (ASVS 5.0 section 7.5.1). How long ago that may be is the login
    policy's ``fresh_sign_in_lifetime``. Raises ``ReauthenticationRequired``, and what ``access.myself_in_session``
    raises.
    """
    user_id, user = access.myself_in_session(ctx)
    if not has_signed_in_lately(ctx, user):
        raise ReauthenticationRequired
    return user_id, user


def has_signed_in_lately(ctx: Context, user: User) -> bool:
    """Whether ``user``, who calls in a session, has signed in lately in it."""
    session = ctx.load(SESSION, ctx.caller.session_id, lapses=True)
    proven_at = session.proven_anew_at if session.active(ctx.now) else None
    lasts = effective(ctx, LOGIN, user.organization_id).fresh_sign_in_lifetime
    return proven_at is not None and ctx.now - proven_at <= lasts
