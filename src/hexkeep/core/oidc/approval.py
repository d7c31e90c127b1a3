"""What a person says yes to apart from the application's own window: on a device elsewhere, or in a list of wishes."""

from hexkeep.core.kernel.decision import Context, FollowUp
from hexkeep.core.kernel.errors import ReauthenticationRequired, Unauthenticated
from hexkeep.core.oidc.parties import Person, active_user, signed_in
from hexkeep.core.policy.state import LOGIN, effective
from hexkeep.core.session.state import SESSION, Standing, standing


def approver(ctx: Context, session_token: str) -> Person:
    """Who is signed in here, and has been asked for the password lately; raises ``Unauthenticated``."""
    person = signed_in(ctx, session_token)
    if person is None or not recent(ctx, person):
        raise Unauthenticated("Sign in first")
    return person


def calling(ctx: Context) -> Person:
    """The person who calls, in a session that counts, and has been asked for the password lately.

    Raises ``ReauthenticationRequired``: also for a token of its own that no session stands behind, and for who has to
    choose another password.
    """
    session_id = ctx.caller.session_id
    session = ctx.load(SESSION, session_id, lapses=True) if session_id else None
    user = active_user(ctx, ctx.caller.user_id)
    if session is None or user is None or session.user_id != ctx.caller.user_id or session.checked_at is None:
        raise ReauthenticationRequired
    how = (session.methods, session.external, session.vouched_at, session.authenticated_at)
    person = Person(session.user_id, user, session_id, session.checked_at, *how)
    proven = standing(ctx, session, user) is Standing.PROVEN and not user.password_change_required
    if not proven or not recent(ctx, person):
        raise ReauthenticationRequired
    return person


def recent(ctx: Context, person: Person) -> bool:
    """Whether the last sign-in counts, by the login policy of the person's organization."""
    holds = effective(ctx, LOGIN, person.user.organization_id).password_check_lifetime
    return ctx.now - person.checked_at <= holds


def remembered(user_id: str, client_id: str, scopes: tuple[str, ...]) -> FollowUp:
    """The consent that a yes is as well: the person finds it among the others, and can take it back.

    It belongs to the durable log, the yes to the activity log. Should it be lost in between, no more was given than
    what the yes has given, and the application's next wish asks again.
    """
    return FollowUp("RememberConsent", {"user_id": user_id, "client_id": client_id, "scopes": list(scopes)})
