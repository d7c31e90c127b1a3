"""Who calls: from what a caller presents to a ``Caller``.

It is a session token, a personal access token, or an access token of ours (``hexkeep.core.oidc.access_tokens``).

Whatever is wrong with it, the answer is ``Unauthenticated`` and nothing else. A token of another instance fails by its
session id, its key or its issuer.
"""

from dataclasses import replace
from typing import NoReturn

from hexkeep.core.accesstoken import state as personal
from hexkeep.core.kernel.ask import VerifyKeyedHash
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import Unauthenticated
from hexkeep.core.kernel.permission import Caller, CallerKind, Membership
from hexkeep.core.membership.state import MEMBERSHIPS, memberships_of
from hexkeep.core.oidc.access_tokens import resolve_access_token
from hexkeep.core.oidc.errors import InvalidToken, ProofRefused
from hexkeep.core.oidc.parties import Client, active_user, held_session
from hexkeep.core.oidc.possession import Presented, insist_on_possession, next_nonce
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.oidc.rfc7800 import BEARER
from hexkeep.core.oidc.rfc9068 import AccessToken
from hexkeep.core.session.state import TOKEN_PREFIX, Standing, standing
from hexkeep.core.token.standing import insist_on_standing, user_of
from hexkeep.core.token.state import TOKEN_FAMILY
from hexkeep.core.user.state import USER

MAX_TOKEN = 16_384


def identify(presented: Presented, ctx: Context) -> Caller:
    """The caller behind a token; raises ``Unauthenticated`` without saying why, but for what a proof lacks."""
    token = presented.token
    if len(token) > MAX_TOKEN or not token.isascii():
        _refuse()
    if presented.dpop:
        return _by_bound_token(presented, ctx)
    if token.startswith(TOKEN_PREFIX):
        return _by_session(token, ctx)
    if token.startswith(personal.PREFIX):
        return _by_personal_access_token(token, ctx)
    return _by_access_token(presented, ctx)


def _by_bound_token(presented: Presented, ctx: Context) -> Caller:
    """RFC 9449 section 7.1: by this scheme come access tokens alone, and what is wrong with one is told in its terms.

    Sessions and personal access tokens are bound to nothing that could be shown.
    """
    try:
        return _by_access_token(presented, ctx)
    except ProofRefused:
        raise
    except Unauthenticated:
        raise ProofRefused from None


def _by_session(token: str, ctx: Context) -> Caller:
    session_id, session = held_session(ctx, token) or _refuse()
    stands = standing(ctx, session, ctx.load(USER, session.user_id))
    if stands is Standing.ENROLMENT:
        return replace(_user(session.user_id, ctx, session_id=session_id), memberships=(), enrolling=True)
    if stands is not Standing.PROVEN:
        _refuse()
    return _user(session.user_id, ctx, session_id=session_id)


def _by_personal_access_token(token: str, ctx: Context) -> Caller:
    """Whoever presents it is its user, in no session. It is named as the client, so that it can be told what it did."""
    token_id, secret = personal.parse_token(token) or _refuse()
    held = ctx.load(personal.PERSONAL_ACCESS_TOKEN, token_id)
    fits = ctx.ask(VerifyKeyedHash(personal.PURPOSE, secret, held.token_hash))
    if not fits or not held.active(ctx.now) or not ctx.load(USER, held.user_id).proven_by(held.password_version):
        _refuse()
    return _user(held.user_id, ctx, session_id="", client_id=f"{personal.PERSONAL_ACCESS_TOKEN.name}:{token_id}")


def _by_access_token(presented: Presented, ctx: Context) -> Caller:
    """RFC 9068 section 4: a token is a key to our own API only if that is among those it was issued for.

    An application's token is one as long as the application has API access. A proof is looked at last, for that uses
    it up.
    """
    try:
        access = resolve_access_token(ctx, presented.token)
        client = insist_on_standing(ctx, access)
    except InvalidToken:
        _refuse()
    if ctx.request.issuer not in access.audience or (client is not None and not client.application.api_access):
        _refuse()
    if access.family_id and ctx.load(TOKEN_FAMILY, access.family_id, lapses=True).actor_id:
        _refuse()  # whoever impersonates somebody changes nothing of what makes that person (ADR 29)
    _insist_on_binding(ctx, presented, access, client)
    caller = _user(user_of(ctx, access), ctx, session_id=access.session_id, client_id=access.client_id)
    return replace(caller, dpop_nonce=next_nonce(ctx, access.client_id)) if presented.dpop else caller


def _insist_on_binding(ctx: Context, presented: Presented, access: AccessToken, client: Client | None) -> None:
    """Let a bound token pass with what it is bound to; a bearer token has nothing to show."""
    if presented.dpop or access.confirmation is not BEARER:
        try:
            insist_on_possession(ctx, presented, access.confirmation, rules_of(client.application) if client else None)
        except InvalidToken:
            _refuse()


def _user(user_id: str, ctx: Context, *, session_id: str, client_id: str = "") -> Caller:
    """A user who has to choose another password may do that, and whatever takes no role, until it is done."""
    user = active_user(ctx, user_id) or _refuse()
    return Caller(
        CallerKind.USER,
        user_id=user_id,
        organization_id=user.organization_id,
        session_id=session_id,
        client_id=client_id,
        memberships=() if user.password_change_required else _held(user_id, ctx),
    )


def _held(user_id: str, ctx: Context) -> tuple[Membership, ...]:
    return memberships_of(ctx.load(MEMBERSHIPS, user_id), ctx.roles())


def _refuse() -> NoReturn:
    raise Unauthenticated
