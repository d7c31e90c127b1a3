"""Who may be somebody else: it takes the instance's leave, a right of its own, and to hold all that the other holds."""

from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.permission import IMPERSONATE, Caller, CallerKind
from hexkeep.core.membership.state import MEMBERSHIPS, covers, memberships_of
from hexkeep.core.oidc.parties import active_user
from hexkeep.core.policy.state import SECURITY, effective


def may_impersonate(ctx: Context, actor_id: str, user_id: str) -> bool:
    """Whether a user may get tokens for another one now.

    Whoever holds roles that the actor does not hold is nobody whom the actor could be: it would rise by that.
    """
    if not effective(ctx, SECURITY).impersonation_allowed:
        return False
    actor, user = active_user(ctx, actor_id), active_user(ctx, user_id)
    if actor is None or user is None or actor.password_change_required:
        return False
    memberships = memberships_of(ctx.load(MEMBERSHIPS, actor_id), ctx.roles())
    caller = Caller(CallerKind.USER, actor_id, actor.organization_id, memberships=memberships)
    if not caller.may(IMPERSONATE, organization=user.organization_id):
        return False
    return all(covers(caller, held, ctx.roles()) for held in ctx.load(MEMBERSHIPS, user_id).held)
