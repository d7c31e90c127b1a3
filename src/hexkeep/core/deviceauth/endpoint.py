"""The device authorization endpoint (RFC 8628 section 3.1)."""

from datetime import datetime
from urllib.parse import urlencode

from hexkeep.core.application.state import GrantType
from hexkeep.core.detailstype.state import details_types
from hexkeep.core.deviceauth.messages import DeviceAuthorizationResponse, StartDeviceAuthorization
from hexkeep.core.kernel.ask import ClaimOnce, Keep
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import Unavailable
from hexkeep.core.oidc import acr, discovery, rfc8628, rfc9396
from hexkeep.core.oidc.clients import authenticated_client, presented_by
from hexkeep.core.oidc.errors import UnauthorizedClient
from hexkeep.core.oidc.organizations import restriction
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.oidc.rfc6749 import present, refuse_repeated, scope_list
from hexkeep.core.oidc.rfc8628 import DeviceRequest
from hexkeep.core.oidc.rfc8707 import accept_resources
from hexkeep.core.oidc.room import insist_on_room
from hexkeep.core.oidc.scopes import grantable
from hexkeep.core.policy.state import LIFETIME, effective

ATTEMPTS = 5
"""How often another user code is made when one is in use. With a million live ones once is enough, nearly always."""


def start_device_authorization(
    request: StartDeviceAuthorization, ctx: Context
) -> Decision[DeviceAuthorizationResponse]:
    """Give a device a code to poll with, and one for its person to enter.

    Raises ``InvalidClient``, ``UnauthorizedClient``, ``InvalidScope``, ``InvalidTarget``,
    ``InvalidAuthorizationDetails``, and ``ResourceExhausted`` for who asks without end (RFC 8628 section 5.1).
    """
    refuse_repeated(request.repeated)
    params = present(request.params)
    client = authenticated_client(ctx, presented_by(request), discovery.DEVICE_AUTHORIZATION)
    if GrantType.DEVICE_CODE not in rules_of(client.application).grants:
        raise UnauthorizedClient
    insist_on_room(ctx, client, "device")
    wanted = scope_list(params.get("scope", ""))
    restriction(ctx, wanted)
    lifetimes = effective(ctx, LIFETIME, client.application.organization_id)
    asked = DeviceRequest(
        request_id=ctx.new_id(),
        client_id=client.id,
        scopes=grantable(wanted, refresh=client.refreshes, api=client.application.api_access),
        authorization_details=_details(ctx, params.get(rfc9396.PARAMETER, ""), client),
        resources=accept_resources(request.resources, client, ctx.request.issuer),
        acr_values=acr.acr_values(params.get("acr_values", "")),
        interval=lifetimes.polling_interval,
        expires_at=ctx.now + lifetimes.device_code_lifetime,
    )
    return Decision(_kept(ctx, asked))


def _details(ctx: Context, text: str, client: Client) -> str:
    """RFC 9396 section 2: a device may ask in detail as well."""
    allowed = client.application.client_metadata.authorization_details_types
    return rfc9396.written(rfc9396.requested(text, details_types(ctx), allowed)) if text else ""


def _kept(ctx: Context, asked: DeviceRequest) -> DeviceAuthorizationResponse:
    device_code, user_code = ctx.new_secret(), _free_user_code(ctx, asked.expires_at)
    ctx.ask(Keep(rfc8628.DEVICE_CODE, device_code, asked.to_bytes(), asked.expires_at + rfc8628.REMEMBERED))
    ctx.ask(Keep(rfc8628.USER_CODE, user_code, asked.to_bytes(), asked.expires_at))
    page, code = ctx.request.issuer + rfc8628.PAGE, rfc8628.shown(user_code)
    return DeviceAuthorizationResponse(
        device_code=device_code,
        user_code=code,
        verification_uri=page,
        verification_uri_complete=f"{page}?{urlencode({'user_code': code})}",
        expires_in=int((asked.expires_at - ctx.now).total_seconds()),
        interval=int(asked.interval.total_seconds()),
    )


def _free_user_code(ctx: Context, until: datetime) -> str:
    for _ in range(ATTEMPTS):
        code = rfc8628.user_code(ctx.new_secret())
        if ctx.ask(ClaimOnce(rfc8628.USER_CODE_TAKEN, code, until)):
            return code
    raise Unavailable("No user code is free")
