"""The userinfo endpoint (OIDC Core section 5.3)."""

import json

from pydantic import JsonValue

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc import scopes
from hexkeep.core.oidc.access_tokens import resolve_access_token
from hexkeep.core.oidc.claims_request import EVERYTHING, Target, claims_for, parse
from hexkeep.core.oidc.errors import InsufficientScope, InvalidToken
from hexkeep.core.oidc.oidc_core import standard_claims
from hexkeep.core.oidc.parties import active_user
from hexkeep.core.oidc.possession import Presented, insist_on_possession, next_nonce
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.oidc.rfc9068 import AccessToken
from hexkeep.core.oidc.subjects import Subject, asked_claims, profile_of
from hexkeep.core.token.messages import GetUserInfo, UserInfo
from hexkeep.core.token.standing import insist_on_standing
from hexkeep.core.token.state import TOKEN_FAMILY
from hexkeep.core.user.state import User


def get_user_info(request: GetUserInfo, ctx: Context) -> Decision[UserInfo]:
    """Tell what the access token's scopes allow to know of its user.

    Raises ``InvalidToken`` also for a token whose user, application, session or other ground is gone, and
    ``InsufficientScope`` for one without ``openid``.
    """
    token = resolve_access_token(ctx, request.access_token)
    if scopes.OPENID not in token.scopes:
        raise InsufficientScope("The scope openid is needed")
    client, user = insist_on_standing(ctx, token), active_user(ctx, token.subject)
    if user is None or client is None:
        raise InvalidToken
    presented = Presented(
        request.access_token, request.bound, request.proof, request.method, request.url, request.certificate
    )
    insist_on_possession(ctx, presented, token.confirmation, rules_of(client.application))
    asked = asked_claims(ctx, Subject(user.organization_id, token.subject, client), token.scopes)
    claims = {**asked, **_profile(ctx, token, user), "sub": token.subject}
    nonce = next_nonce(ctx, client.id) if request.bound else ""
    return Decision(UserInfo(dpop_nonce=nonce, document=json.dumps(claims, ensure_ascii=False, separators=(",", ":"))))


def _profile(ctx: Context, token: AccessToken, user: User) -> dict[str, JsonValue]:
    """Sections 5.4 and 5.5: what the scopes stand for, and the claims that were asked for by name."""
    asked = ctx.load(TOKEN_FAMILY, token.family_id, lapses=True).claims if token.family_id else ""
    profile = profile_of(user)
    named = claims_for(Target.USERINFO, parse(asked), standard_claims(profile, EVERYTHING))
    return {**standard_claims(profile, token.scopes), **named}
