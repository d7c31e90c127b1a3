"""The authorization code grant (RFC 6749 section 4.1.3, RFC 7636 section 4.5): a code for tokens, once."""

from collections.abc import Mapping

from hexkeep.core.consent.state import CONSENT, consent_id
from hexkeep.core.kernel.ask import ClaimOnce, Kept
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc import code, rfc7636, rfc8707, rfc9396
from hexkeep.core.oidc.errors import InvalidGrant
from hexkeep.core.oidc.grant_management import Action, Wish
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.rfc6749 import required
from hexkeep.core.token.events import TokenFamilyRevoked
from hexkeep.core.token.founding import Grant
from hexkeep.core.token.grants import continued
from hexkeep.core.token.issue import NOTHING, found
from hexkeep.core.token.messages import TokenResponse
from hexkeep.core.token.state import TOKEN_FAMILY


def redeem_code(params: Mapping[str, str], ctx: Context, client: Client) -> Decision[TokenResponse]:
    """Tokens for a code that belongs to this client, redirect URI and verifier; raises ``InvalidGrant``.

    A code that comes a second time ends what it founded: the first comer may have been a thief (section 4.1.2).
    """
    text = required(params, "code")
    meant = _fitting(ctx, text, params, client)
    wish = Wish(Action(meant.grant_action), meant.grant_id)
    granted, passed_on = continued(ctx, client, _granted(meant), wish)
    resources = rfc8707.narrowed(rfc8707.asked_in(params), granted.resources, client, ctx.request.issuer)
    details = rfc9396.narrowed(params.get(rfc9396.PARAMETER, ""), granted.authorization_details)
    first = ctx.ask(ClaimOnce(code.USED, text, meant.expires_at - code.LIFETIME + code.REMEMBERED))
    if not first:
        return _reused(ctx, meant.family_id)
    if ctx.now >= meant.expires_at or ctx.load(TOKEN_FAMILY, meant.family_id).revoked:
        raise InvalidGrant
    if ctx.load(CONSENT, consent_id(meant.user_id, client.id)).revoked_since(meant.expires_at - code.LIFETIME):
        raise InvalidGrant("The user has taken back the consent")
    founded = found(ctx, granted, client, resources, details)
    return Decision(founded.result, *founded.changes, *passed_on)


def _fitting(ctx: Context, text: str, params: Mapping[str, str], client: Client) -> code.AuthorizationCode:
    """What the code stands for, if everything that it is bound to fits."""
    meant = code.AuthorizationCode.from_bytes(ctx.ask(Kept(code.SCOPE, text)))
    if meant is None or meant.client_id != client.id:
        raise InvalidGrant
    if required(params, "redirect_uri") != meant.redirect_uri:
        raise InvalidGrant("The redirect_uri is not the one of the authorization request")
    rfc7636.verify(params.get("code_verifier", ""), meant.code_challenge)
    if meant.dpop_jkt and meant.dpop_jkt != client.confirmation.jkt:  # RFC 9449 section 10
        raise InvalidGrant("The code is bound to another DPoP key")
    return meant


def _reused(ctx: Context, family_id: str) -> Decision[TokenResponse]:
    """Revoke the family, even before it is founded: the redemption that is under way meanwhile then conflicts."""
    if ctx.load(TOKEN_FAMILY, family_id).revoked:
        raise InvalidGrant
    revoked = TOKEN_FAMILY.append(family_id, TokenFamilyRevoked(reason="code_reused"))
    return Decision(NOTHING, revoked, error=InvalidGrant())


def _granted(meant: code.AuthorizationCode) -> Grant:
    return Grant(
        family_id=meant.family_id,
        user_id=meant.user_id,
        session_id=meant.session_id,
        scopes=meant.scopes,
        auth_time=meant.auth_time,
        nonce=meant.nonce,
        acr=meant.acr,
        claims=meant.claims,
        resources=meant.resources,
        authorization_details=meant.authorization_details,
    )
