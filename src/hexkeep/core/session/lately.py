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
    proven_at = ctx.load(SESSION, ctx.caller.session_id, lapses=True).proven_anew_at
    lasts = effective(ctx, LOGIN, user.organization_id).fresh_sign_in_lifetime
    if proven_at is None or ctx.now - proven_at > lasts:
        raise ReauthenticationRequired
    return user_id, user
