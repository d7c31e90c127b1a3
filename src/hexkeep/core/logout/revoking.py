"""What an identity provider has given for a session is given back when the session is over (RFC 7009)."""

from hexkeep.core.idp.state import IDENTITY_PROVIDER
from hexkeep.core.idpintent.asks import KnownAccount, RevokeAtProvider
from hexkeep.core.idpintent.offers import set_up
from hexkeep.core.idplink.state import IDENTITY_PROVIDER_LINK
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import PermissionDenied
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import ApiName, Empty, Message, Operation
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.session.events import IdpSessionKept
from hexkeep.core.session.state import IDP_SESSION, SESSION, Session


class RevokeIdpSession(Message):
    """The session for which something may be held."""

    session_id: Id


def revoke_idp_session(request: RevokeIdpSession, ctx: Context) -> Decision[Empty]:
    """Give back to an identity provider what it has given for a session that is over, or whose link is gone.

    What is left of it is kept, for the browser may still be on its way to be signed out there. Nothing is done where
    the session goes on, nothing is held, or the provider is gone.
    """
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
    session = ctx.load(SESSION, request.session_id, lapses=True)
    kept = ctx.load(IDP_SESSION, request.session_id, lapses=True)
    provider = ctx.load(IDENTITY_PROVIDER, kept.identity_provider_id) if kept.session else IDENTITY_PROVIDER.initial
    if not provider.exists or not _is_over(ctx, session):
        return Decision(Empty())
    there, made = set_up(ctx, kept.identity_provider_id, provider)
    if made:
        return Decision(Empty())  # a key of the durable log, which cannot be written beside what is kept
    left = ctx.ask(RevokeAtProvider(there, KnownAccount(kept.external_id, kept.session)))
    if left == kept.session:
        return Decision(Empty())
    known = IdpSessionKept(
        user_id=kept.user_id,
        identity_provider_id=kept.identity_provider_id,
        external_id=kept.external_id,
        session=left,
    )
    return Decision(Empty(), IDP_SESSION.append(request.session_id, known))


def _is_over(ctx: Context, session: Session) -> bool:
    unlinked = bool(session.idp_link_id) and not ctx.load(IDENTITY_PROVIDER_LINK, session.idp_link_id).exists
    return unlinked or not session.active(ctx.now)


REVOKE_IDP_SESSION: Operation[RevokeIdpSession, Empty] = Operation(
    "RevokeIdpSession", ApiName.PROTOCOL, RevokeIdpSession, Empty, "system.session.revoke", revoke_idp_session
)
