"""Asking an identity provider again, without its user, whether the account that a session began by is still there."""

from datetime import timedelta

from hexkeep.core.idp.state import IDENTITY_PROVIDER, signs_in
from hexkeep.core.idpintent.asks import KnownAccount, RefreshAtProvider
from hexkeep.core.idpintent.errors import IdpMalformed
from hexkeep.core.idpintent.offers import set_up
from hexkeep.core.idpintent.state import Proof
from hexkeep.core.idplink.state import IDENTITY_PROVIDER_LINK
from hexkeep.core.kernel.ask import ClaimOnce
from hexkeep.core.kernel.decision import Context, Decision, FollowUp
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.oidc import participants
from hexkeep.core.policy.state import LOGIN, effective
from hexkeep.core.session.events import IdpSessionKept, SessionIdpConfirmed
from hexkeep.core.session.state import IDP_SESSION, SESSION, Session

ASKING = "idp_again"
"""Under which it is remembered that a provider is being asked for a session."""
LASTS = timedelta(seconds=30)
"""How long nobody else asks: longer than a provider may take to answer."""


class IdpSessionConfirmed(Message):
    """Whether the provider has said again that the caller is who the session is of."""

    confirmed: bool = False


def confirm_my_idp_session(_: Empty, ctx: Context) -> Decision[IdpSessionConfirmed]:
    """Have the identity provider that the caller's session came by asked again, where that takes the person's place.

    That is so once the login policy's ``external_check_lifetime`` is over, if the provider's options say so and it has
    given what that takes. Whoever has no account there any more is signed out. It is no sign-in: who has to prove
    themselves anew has to all the same. Of several windows one asks: what the provider wants back may be good once.
    """
    session_id, session = ctx.caller.session_id, ctx.load(SESSION, ctx.caller.session_id)
    kept = ctx.load(IDP_SESSION, session_id, lapses=True)
    if ctx.caller.client_id or not session.active(ctx.now) or not kept.session or not _is_due(ctx, session):
        return Decision(IdpSessionConfirmed())
    provider_id = kept.identity_provider_id
    provider = ctx.load(IDENTITY_PROVIDER, provider_id)
    offered = signs_in(ctx, provider_id, session.organization_id)
    linked = not session.idp_link_id or ctx.load(IDENTITY_PROVIDER_LINK, session.idp_link_id).exists
    if not offered or not linked or not provider.options.asks_again:
        return Decision(IdpSessionConfirmed())
    there, made = set_up(ctx, provider_id, provider)
    if made:
        return Decision(IdpSessionConfirmed())  # a key of the durable log, which cannot be written beside the session
    if not ctx.ask(ClaimOnce(ASKING, session_id, ctx.now + LASTS)):
        return Decision(IdpSessionConfirmed())
    identity = ctx.ask(RefreshAtProvider(there, KnownAccount(kept.external_id, kept.session)))
    if identity is None:
        return Decision(IdpSessionConfirmed(), participants.ended(ctx, session_id, session))
    if identity.external_id != kept.external_id:
        raise IdpMalformed("refreshed")
    known = IdpSessionKept(
        user_id=kept.user_id,
        identity_provider_id=provider_id,
        external_id=kept.external_id,
        session=identity.session or kept.session,
        session_ends_at=session.expires_at,
    )
    proof = Proof(
        identity_provider_id=provider_id,
        identity=identity,
        checked_at=ctx.now,
        session_id=session_id,  # so that it signs nobody in
    )
    token = ctx.new_secret()
    proof.keep(ctx, token)
    return Decision(
        IdpSessionConfirmed(confirmed=True),
        SESSION.append(session_id, SessionIdpConfirmed(confirmed_at=ctx.now)),
        IDP_SESSION.append(session_id, known),
        then=(FollowUp("RecordIdpRefresh", {"proof": token}),),
    )


def _is_due(ctx: Context, session: Session) -> bool:
    """Whether what the provider has said last counts no more."""
    lasts = effective(ctx, LOGIN, session.organization_id).external_check_lifetime
    since = session.vouched_at
    return session.external and since is not None and ctx.now - since > lasts
