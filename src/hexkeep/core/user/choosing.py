"""A password that somebody chooses for a person: held to the policies of the person's organization, and hashed."""

from hexkeep.core.kernel.ask import HashPassword, VerifyPassword
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.policy.state import COMPLEXITY, HISTORY, NOTIFICATION, effective
from hexkeep.core.user.events import UserPasswordSet
from hexkeep.core.user.passwords import accept_password
from hexkeep.core.user.state import User


def chosen_password(
    ctx: Context, user: User, password: str, *, field: str = "password", change_required: bool = False
) -> UserPasswordSet:
    """What is recorded of a new password. Raises ``InvalidInput`` for ``field`` that says which rule it breaks.

    How it has to be is judged first, for that is quick; then whether the person has had it.
    """
    complexity = effective(ctx, COMPLEXITY, user.organization_id)
    normal = accept_password(password, *user.names, policy=complexity, field=field)
    _insist_on_another(ctx, user, normal, field)
    digest = ctx.ask(HashPassword(normal))
    told = _told(ctx, user)
    return UserPasswordSet(
        hash=digest,
        change_required=change_required,
        set_at=ctx.now,
        told=told,
        replaces=bool(user.password_hash),
    )


def _told(ctx: Context, user: User) -> str:
    """The address to tell that the password is another one: not of a first one, and only what is the person's."""
    if not user.password_hash or not user.email_verified:
        return ""
    return user.email if effective(ctx, NOTIFICATION, user.organization_id).password_changed else ""


def _insist_on_another(ctx: Context, user: User, password: str, field: str) -> None:
    remembered = effective(ctx, HISTORY, user.organization_id).remembered
    had = (user.password_hash, *user.previous_hashes)[:remembered]
    if any(digest and ctx.ask(VerifyPassword(digest, password)).ok for digest in had):
        raise InvalidInput("This password cannot be used", Violation(field, "must not be one of before"))
