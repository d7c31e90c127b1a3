"""The token endpoint (RFC 6749 section 3.2): which grant it is, and who may use it."""

from collections.abc import Callable, Mapping

from hexkeep.core.application.state import GrantType
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc import rfc7523, rfc8693, rfc8707
from hexkeep.core.oidc.clients import authenticated_client, presented_by
from hexkeep.core.oidc.errors import UnauthorizedClient, UnsupportedGrantType
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.possession import bound_client, next_nonce
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.oidc.rfc6749 import present, refuse_repeated, required
from hexkeep.core.token.assertions import jwt_bearer
from hexkeep.core.token.backchannel import redeem_auth_req_id
from hexkeep.core.token.credentials import client_credentials
from hexkeep.core.token.delegation import exchange
from hexkeep.core.token.device import redeem_device_code
from hexkeep.core.token.messages import ExchangeToken, TokenResponse
from hexkeep.core.token.redemption import redeem_code
from hexkeep.core.token.rotation import refresh

Grant = Callable[[Mapping[str, str], Context, Client], Decision[TokenResponse]]
GRANTS: Mapping[str, Grant] = {
    GrantType.AUTHORIZATION_CODE: redeem_code,
    GrantType.REFRESH_TOKEN: refresh,
    GrantType.DEVICE_CODE: redeem_device_code,
    GrantType.TOKEN_EXCHANGE: exchange,
    GrantType.CIBA: redeem_auth_req_id,
}


def exchange_token(request: ExchangeToken, ctx: Context) -> Decision[TokenResponse]:
    """Answer a token request: ``authorization_code``, ``refresh_token``, ``client_credentials``, or a JWT assertion.

    A refresh token comes with a code whose application registered the refresh grant and asked for ``offline_access``.
    """
    decision = _exchanged(request, ctx)
    if request.dpop and decision.error is None and (nonce := next_nonce(ctx, ctx.client_id)):
        decision.result = decision.result.model_copy(update={"dpop_nonce": nonce})
    return decision


def _exchanged(request: ExchangeToken, ctx: Context) -> Decision[TokenResponse]:
    exchanges = request.params.get("grant_type") == GrantType.TOKEN_EXCHANGE
    refuse_repeated(set(request.repeated) - ({rfc8693.AUDIENCE} if exchanges else set()))
    params = rfc8693.joined(rfc8707.joined(present(request.params), request.resources), request.audiences)
    if params.get("grant_type") == rfc7523.GRANT_TYPE:
        return jwt_bearer(params, ctx, request)
    presented = presented_by(request)
    grant_type = required(params, "grant_type")
    if grant_type == GrantType.CLIENT_CREDENTIALS:
        return client_credentials(params, ctx, request, presented)
    client = authenticated_client(ctx, presented)
    if grant_type not in GRANTS:
        raise UnsupportedGrantType
    if grant_type not in rules_of(client.application).grants:
        raise UnauthorizedClient
    return GRANTS[grant_type](params, ctx, bound_client(ctx, request, client))
