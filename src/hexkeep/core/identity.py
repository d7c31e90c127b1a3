"""Who calls: from what a caller presents (a session token, or an access token of RFC 9068) to a ``Caller``.

Whatever is wrong with it, the answer is ``Unauthenticated`` and nothing else. A token of another instance fails by its
session id, its key or its issuer.
"""

from typing import NoReturn

from hexkeep.core.kernel.ask import VerifyKeyedHash
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import Unauthenticated
from hexkeep.core.kernel.permission import Caller, CallerKind
from hexkeep.core.membership.state import MEMBERSHIPS, memberships_of
from hexkeep.core.oidc.errors import InvalidToken
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.session.state import SESSION, TOKEN_PREFIX, TOKEN_PURPOSE, parse_token
from hexkeep.core.token.signing import insist_on_standing, verified_access_token
from hexkeep.core.user.state import USER

MAX_TOKEN = 16_384


def identify(token: str, ctx: Context) -> Caller:
    """The caller behind ``token``; raises ``Unauthenticated`` without saying why."""
    if len(token) > MAX_TOKEN or not token.isascii():
        _refuse()
    if token.startswith(TOKEN_PREFIX):
        return _by_session(token, ctx)
    return _by_access_token(token, ctx)


def _by_session(token: str, ctx: Context) -> Caller:
    session_id, secret = parse_token(token) or _refuse()
    session = ctx.load(SESSION, session_id)
    known = ctx.ask(VerifyKeyedHash(TOKEN_PURPOSE, secret, session.token_hash))
    if not known or not session.authenticated(ctx.now):
        _refuse()
    return _user(session.user_id, ctx, session_id=session_id)


def _by_access_token(token: str, ctx: Context) -> Caller:
    """RFC 9068 section 4: a token is a key to our own API only if that is among those it was issued for."""
    try:
        access = verified_access_token(ctx, token)
        insist_on_standing(ctx, access)
    except InvalidToken:
        _refuse()
    if ctx.request.issuer not in access.audience:
        _refuse()
    return _user(access.subject, ctx, session_id=access.session_id, client_id=access.client_id)


def _user(user_id: str, ctx: Context, *, session_id: str, client_id: str = "") -> Caller:
    user = ctx.load(USER, user_id) if user_id else USER.initial
    if not user.active or not ctx.load(ORGANIZATION, user.organization_id).active:
        _refuse()
    return Caller(
        CallerKind.USER,
        user_id=user_id,
        organization_id=user.organization_id,
        session_id=session_id,
        client_id=client_id,
        memberships=memberships_of(ctx.load(MEMBERSHIPS, user_id)),
    )


def _refuse() -> NoReturn:
    raise Unauthenticated
