"""Who sees what applications have of a person: that person, and those who may see the person's sessions."""

from hexkeep.core.connection.holdings import Holding, holdings
from hexkeep.core.connection.logos import logo_address
from hexkeep.core.connection.messages import Connection, ConnectionList, ListMyConnections, ListUserConnections
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import Unauthenticated
from hexkeep.core.oidc.client_documents import application_at_hand
from hexkeep.core.user.state import USER


def list_my_connections(_: ListMyConnections, ctx: Context) -> Decision[ConnectionList]:
    """List the applications that have something of the caller: consent, refresh tokens, a part in sessions."""
    if not ctx.caller.user_id:
        raise Unauthenticated("Only a user has connections")
    ctx.authorize(user=ctx.caller.user_id)
    return Decision(_listed(ctx, ctx.caller.user_id))


def list_user_connections(request: ListUserConnections, ctx: Context) -> Decision[ConnectionList]:
    """List the applications that have something of a user: consent, refresh tokens, a part in sessions."""
    user = ctx.load(USER, request.user_id)
    reach(ctx, "session.read", exists=user.exists, organization=user.organization_id)
    return Decision(_listed(ctx, request.user_id))


def _listed(ctx: Context, user_id: str) -> ConnectionList:
    found = (_connection(ctx, client_id, held) for client_id, held in holdings(ctx, user_id).items())
    return ConnectionList(connections=tuple(sorted(found, key=lambda one: (one.client_name.casefold(), one.client_id))))


def _connection(ctx: Context, client_id: str, held: Holding) -> Connection:
    """An application that was removed has no name."""
    application = application_at_hand(ctx, client_id)
    return Connection(
        client_id=client_id,
        client_name=application.name,
        logo_uri=logo_address(ctx, client_id, application.client_metadata.logo_uri),
        initiate_login_uri=application.client_metadata.initiate_login_uri if application.active else "",
        scopes=tuple(dict.fromkeys(held.scopes)),
        granted_at=min(held.moments),
        last_used_at=max(held.moments),
        refresh_tokens=held.refresh_tokens,
        sessions=held.sessions,
        consented=held.consented,
    )
