"""Cutting a connection: consent, tokens and parts in sessions end together, by one event."""

from hexkeep.core.connection.holdings import holdings
from hexkeep.core.connection.messages import RevokeMyConnection, RevokeUserConnection
from hexkeep.core.consent.state import revocation
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound, PermissionDenied, Unauthenticated
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.membership.state import MEMBERSHIPS, covers
from hexkeep.core.user.state import USER


def revoke_my_connection(request: RevokeMyConnection, ctx: Context) -> Decision[Empty]:
    """Take back all that an application has of the caller: no token of it holds from now on.

    The application is signed out, and told if it wants to be. Whether the caller is asked when it comes again is as it
    is for everybody who comes to it first.
    """
    if not ctx.caller.user_id:
        raise Unauthenticated("Only a user has connections")
    ctx.authorize(user=ctx.caller.user_id)
    return _cut(ctx, ctx.caller.user_id, request.client_id)


def revoke_user_connection(request: RevokeUserConnection, ctx: Context) -> Decision[Empty]:
    """Take back all that an application has of a user: no token of it holds from now on.

    The application is signed out, and told if it wants to be. The caller must hold at least what the user holds, as to
    end the user's sessions.
    """
    user = ctx.load(USER, request.user_id)
    reach(ctx, "session.read", exists=user.exists, organization=user.organization_id)
    if not all(covers(ctx.caller, held, ctx.roles()) for held in ctx.load(MEMBERSHIPS, request.user_id).held):
        raise PermissionDenied("The user holds roles that the caller does not")
    return _cut(ctx, request.user_id, request.client_id)


def _cut(ctx: Context, user_id: str, client_id: str) -> Decision[Empty]:
    if client_id not in holdings(ctx, user_id):
        raise NotFound
    return Decision(Empty(), revocation(user_id, client_id, ctx.now))
