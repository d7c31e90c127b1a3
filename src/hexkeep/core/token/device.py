"""The device code grant (RFC 8628 section 3.4): tokens for a device, once its person has said yes."""

from collections.abc import Mapping

from hexkeep.core.application.state import GrantType
from hexkeep.core.deviceauth.state import DEVICE_AUTHORIZATION
from hexkeep.core.kernel.ask import Kept, Take
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc import rfc8707
from hexkeep.core.oidc.errors import AuthorizationPending, ExpiredToken, GrantDenied, InvalidGrant
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.polling import insist_on_pace
from hexkeep.core.oidc.rfc6749 import required
from hexkeep.core.oidc.rfc8628 import DEVICE_CODE, DeviceRequest
from hexkeep.core.token.founding import Grant
from hexkeep.core.token.issue import found
from hexkeep.core.token.messages import TokenResponse
from hexkeep.core.token.standing import insist_on_consent


def redeem_device_code(params: Mapping[str, str], ctx: Context, client: Client) -> Decision[TokenResponse]:
    """Tokens for a device code of this client that somebody has approved, once.

    Raises ``AuthorizationPending``, ``SlowDown``, ``GrantDenied``, ``ExpiredToken`` (section 3.5), and ``InvalidGrant``
    for a code that is none, another client's or used up, and when the person may not any more.
    """
    text = required(params, "device_code")
    asked = DeviceRequest.from_bytes(ctx.ask(Kept(DEVICE_CODE, text)))
    if asked is None or asked.client_id != client.id:
        raise InvalidGrant
    insist_on_pace(ctx, text, asked.interval)
    answer = ctx.load(DEVICE_AUTHORIZATION, asked.request_id)
    if answer.denied:
        raise GrantDenied
    if ctx.now >= asked.expires_at:
        raise ExpiredToken
    if answer.approved is None:
        raise AuthorizationPending
    resources = rfc8707.narrowed(rfc8707.asked_in(params), asked.resources, client, ctx.request.issuer)
    # Of several who ask at the same moment one takes it. What goes wrong afterwards needs another code.
    if ctx.ask(Take(DEVICE_CODE, text)) is None:
        raise InvalidGrant
    insist_on_consent(ctx, answer.approved.user_id, client, answer.approved.approved_at)
    granted = Grant(
        family_id=asked.request_id,
        user_id=answer.approved.user_id,
        session_id=answer.approved.session_id,
        scopes=asked.scopes,
        auth_time=answer.approved.auth_time,
        grant_type=GrantType.DEVICE_CODE,
        acr=answer.approved.acr,
        resources=asked.resources,
        authorization_details=asked.authorization_details,
    )
    return found(ctx, granted, client, resources)
