"""The userinfo endpoint (OIDC Core section 5.3)."""

import json

from pydantic import JsonValue

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc import scopes
from hexkeep.core.oidc.access_tokens import resolve_access_token
from hexkeep.core.oidc.algorithms import KeyAlgorithm, SigningAlgorithm
from hexkeep.core.oidc.claims_request import Target, parse
from hexkeep.core.oidc.errors import InsufficientScope, InvalidToken
from hexkeep.core.oidc.oidc_core import ID_TOKEN_TYPE
from hexkeep.core.oidc.parties import Client, active_user
from hexkeep.core.oidc.possession import Presented, insist_on_possession, next_nonce
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.oidc.rfc9068 import AccessToken
from hexkeep.core.oidc.signing import encrypted_for, for_client
from hexkeep.core.oidc.subjects import Place, Subject, asked_claims, told_of
from hexkeep.core.token.messages import GetUserInfo, UserInfo
from hexkeep.core.token.standing import insist_on_standing, user_of
from hexkeep.core.token.state import TOKEN_FAMILY


def get_user_info(request: GetUserInfo, ctx: Context) -> Decision[UserInfo]:
    """Tell what the access token's scopes allow to know of its user.

    Raises ``InvalidToken`` also for a token whose user, application, session or other ground is gone, and
    ``InsufficientScope`` for one without ``openid``.
    """
    token = resolve_access_token(ctx, request.access_token)
    if scopes.OPENID not in token.scopes:
        raise InsufficientScope("The scope openid is needed")
    client, user_id = insist_on_standing(ctx, token), user_of(ctx, token)
    user = active_user(ctx, user_id)
    if user is None or client is None:
        raise InvalidToken
    presented = Presented(
        request.access_token, request.bound, request.proof, request.method, request.url, request.certificate
    )
    insist_on_possession(ctx, presented, token.confirmation, rules_of(client.application))
    subject = Subject(user.organization_id, user_id, client, token.audience)
    asked = asked_claims(ctx, subject, token.scopes, Place.USERINFO)
    wishes = parse(_claims_parameter(ctx, token)).wishes(Target.USERINFO)
    claims = {**asked, **told_of(ctx, client, user_id, token.scopes, wishes), "sub": token.subject}
    document, media_type = _document(ctx, client, claims)
    nonce = next_nonce(ctx, client.id) if request.bound else ""
    return Decision(UserInfo(document=document, media_type=media_type, dpop_nonce=nonce))


def _document(ctx: Context, client: Client, claims: dict[str, JsonValue]) -> tuple[str, str]:
    """Section 5.3.2: JSON, or what the client registered: a JWT, signed or encrypted or both, with its media type."""
    metadata = client.application.client_metadata
    algorithm = metadata.userinfo_signed_response_alg
    encryption = (metadata.userinfo_encrypted_response_alg, metadata.userinfo_encrypted_response_enc)
    if algorithm is not SigningAlgorithm.UNSPECIFIED:
        told = {**claims, "iss": ctx.request.issuer, "aud": client.id}
        return for_client(ctx, client, told, ID_TOKEN_TYPE, algorithm, *encryption), "application/jwt"
    text = json.dumps(claims, ensure_ascii=False, separators=(",", ":"))
    if encryption[0] is KeyAlgorithm.UNSPECIFIED:
        return text, "application/json"
    return encrypted_for(ctx, client, text, "", *encryption), "application/jwt"


def _claims_parameter(ctx: Context, token: AccessToken) -> str:
    """Section 5.5: the claims that the token's request asked for by name, or empty.

    That was agreed with who asked; a service that has exchanged the token (RFC 8693) is told what its scopes allow.
    """
    family = ctx.load(TOKEN_FAMILY, token.family_id, lapses=True) if token.family_id else None
    return family.claims if family and family.client_id == token.client_id else ""
