"""How old a password may be, as the policy of its user's organization says; one of unknown age is too old already."""

from datetime import datetime, timedelta

from hexkeep.core.kernel.decision import Context
from hexkeep.core.policy.state import AGE, effective
from hexkeep.core.user.state import User


def has_expired(user: User, ctx: Context) -> bool:
    """Whether the user has to choose another password now."""
    expiry = _expiry(user, ctx)
    return expiry is not None and expiry <= ctx.now


def expiry_to_tell(user: User, ctx: Context) -> datetime | None:
    """When the password expires, if that is to be announced already."""
    expiry, days = _expiry(user, ctx), effective(ctx, AGE, user.organization_id).warn_days
    return expiry if expiry is not None and expiry - timedelta(days=days) <= ctx.now < expiry else None


def _expiry(user: User, ctx: Context) -> datetime | None:
    most = effective(ctx, AGE, user.organization_id).max_days
    if not most:
        return None
    return user.password_set_at + timedelta(days=most) if user.password_set_at else ctx.now
