"""The authorization code grant (RFC 6749 section 4.1.3, RFC 7636 section 4.5): a code for tokens, once."""

from collections.abc import Mapping

from hexkeep.core.kernel.ask import ClaimOnce, Kept, KeyedHash
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc import code, rfc7636
from hexkeep.core.oidc.errors import InvalidGrant
from hexkeep.core.oidc.issue import Sitting
from hexkeep.core.oidc.oidc_core import Authentication
from hexkeep.core.oidc.parties import Client, active_user, admits
from hexkeep.core.oidc.rfc6749 import required
from hexkeep.core.oidc.scopes import OFFLINE_ACCESS
from hexkeep.core.session.state import SESSION, Session, proves
from hexkeep.core.token.events import TokenFamilyRevoked, TokenFamilyStarted
from hexkeep.core.token.issue import NOTHING, response
from hexkeep.core.token.messages import TokenResponse
from hexkeep.core.token.refresh import FAMILY_PURPOSE, TOKEN_PURPOSE, RefreshToken
from hexkeep.core.token.state import TOKEN_FAMILY
from hexkeep.core.user.state import User


def redeem_code(params: Mapping[str, str], ctx: Context, client: Client) -> Decision[TokenResponse]:
    """Tokens for a code that belongs to this client, redirect URI and verifier; raises ``InvalidGrant``.

    A code that comes a second time ends what it founded: the first comer may have been a thief (section 4.1.2).
    """
    text = required(params, "code")
    meant = _fitting(ctx, text, params, client)
    first = ctx.ask(ClaimOnce(code.USED, text, meant.expires_at - code.LIFETIME + code.REMEMBERED))
    if not first:
        return _reused(ctx, meant.family_id)
    if ctx.now >= meant.expires_at or ctx.load(TOKEN_FAMILY, meant.family_id).revoked:
        raise InvalidGrant
    user, session = active_user(ctx, meant.user_id), ctx.load(SESSION, meant.session_id)
    if user is None or not proves(session, user, ctx.now):
        raise InvalidGrant("The user is not signed in any more")
    if not admits(ctx, client, meant.user_id):
        raise InvalidGrant("The user is not authorized to use this application")
    return _founded(ctx, meant, client, user, session)


def _fitting(ctx: Context, text: str, params: Mapping[str, str], client: Client) -> code.AuthorizationCode:
    """What the code stands for, if everything that it is bound to fits."""
    meant = code.AuthorizationCode.from_bytes(ctx.ask(Kept(code.SCOPE, text)))
    if meant is None or meant.client_id != client.id:
        raise InvalidGrant
    if required(params, "redirect_uri") != meant.redirect_uri:
        raise InvalidGrant("The redirect_uri is not the one of the authorization request")
    rfc7636.verify(params.get("code_verifier", ""), meant.code_challenge)
    return meant


def _reused(ctx: Context, family_id: str) -> Decision[TokenResponse]:
    """Revoke the family, even before it is founded: the redemption that is under way meanwhile then conflicts."""
    if ctx.load(TOKEN_FAMILY, family_id).revoked:
        raise InvalidGrant
    revoked = TOKEN_FAMILY.append(family_id, TokenFamilyRevoked(reason="code_reused"))
    return Decision(NOTHING, revoked, error=InvalidGrant())


def _founded(
    ctx: Context, meant: code.AuthorizationCode, client: Client, user: User, session: Session
) -> Decision[TokenResponse]:
    refresh_token = _first_refresh_token(ctx, meant, client)
    started = TokenFamilyStarted(
        client_id=client.id,
        user_id=meant.user_id,
        session_id=meant.session_id,
        scopes=meant.scopes,
        auth_time=meant.auth_time,
        password_version=session.password_version,
        methods=session.methods,
        acr=meant.acr,
        claims=meant.claims,
        resources=meant.resources,
        authorization_details=meant.authorization_details,
        started_at=ctx.now,
        family_hash=ctx.ask(KeyedHash(FAMILY_PURPOSE, refresh_token.family_secret)) if refresh_token else "",
        token_hash=ctx.ask(KeyedHash(TOKEN_PURPOSE, refresh_token.secret)) if refresh_token else "",
    )
    auth_time = int(meant.auth_time.timestamp())
    who = Authentication(meant.user_id, client.id, meant.session_id, auth_time, meant.nonce, session.methods)
    sitting = Sitting(meant.family_id, client, user.organization_id, who)
    answer = response(ctx, sitting, meant.scopes, refresh_token.text if refresh_token else None)
    return Decision(answer, TOKEN_FAMILY.append(meant.family_id, started))


def _first_refresh_token(ctx: Context, meant: code.AuthorizationCode, client: Client) -> RefreshToken | None:
    if OFFLINE_ACCESS not in meant.scopes or not client.refreshes:
        return None
    return RefreshToken(meant.family_id, ctx.new_secret(), ctx.new_secret())
