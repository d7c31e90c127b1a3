"""The JWT bearer grant (RFC 7523 section 2.1): who asks shows who it is by what one of its keys has signed.

That is a machine user, or an application that registered the grant.
"""

from collections.abc import Mapping

from hexkeep.core.application.state import GrantType
from hexkeep.core.kernel.ask import ClaimOnce, VerifyJwt
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.machinekey.state import MACHINE_KEY
from hexkeep.core.oidc import discovery, rfc7523, rfc8707
from hexkeep.core.oidc.client_jwks import verify_by_client
from hexkeep.core.oidc.clients import Machine
from hexkeep.core.oidc.errors import InvalidGrant, InvalidRequest, UnauthorizedClient
from hexkeep.core.oidc.messages import ClientRequest
from hexkeep.core.oidc.parties import Client, active_client, active_user
from hexkeep.core.oidc.possession import bound_client, bound_machine
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.oidc.rfc6749 import required, scope_list
from hexkeep.core.token.credentials import token_for_client, token_for_machine
from hexkeep.core.token.messages import TokenResponse
from hexkeep.core.user.state import UserKind

CREDENTIALS = ("client_secret", "client_assertion", "client_assertion_type")


def jwt_bearer(params: Mapping[str, str], ctx: Context, request: ClientRequest) -> Decision[TokenResponse]:
    """An access token, as client credentials give one, for the machine or application that signed the assertion.

    The assertion is all the authentication there is: client credentials beside it would have to be those of somebody
    (section 3.1), and a machine is its own client. Raises ``InvalidGrant``, which does not say what is wrong.
    """
    text = required(params, "assertion")
    if request.authorization or any(name in params for name in CREDENTIALS):
        raise InvalidRequest("This grant takes the assertion alone, without client authentication")
    wanted = scope_list(params.get("scope", ""))
    client = active_client(ctx, rfc7523.issuer_of(text))
    if client is not None:
        return _for_application(params, ctx, request, client)
    machine, assertion = _signer(text, ctx)
    ctx.client_id = machine.id
    if params.get("client_id", machine.id) != machine.id:
        raise InvalidGrant
    if not ctx.ask(ClaimOnce(rfc7523.USED, f"{machine.id} {assertion.token_id}", assertion.expires_at)):
        raise InvalidGrant
    bound, resources = bound_machine(ctx, request, machine), rfc8707.asked_in(params)
    return token_for_machine(ctx, bound, wanted, resources, GrantType.JWT_BEARER)


def _for_application(
    params: Mapping[str, str], ctx: Context, request: ClientRequest, client: Client
) -> Decision[TokenResponse]:
    """The same for an application: by any of its keys, with an algorithm of its profile, once."""
    claims = verify_by_client(ctx, client, params["assertion"], "")
    issuer = ctx.request.issuer
    legacy = rules_of(client.application).token_endpoint_audience
    audiences = (issuer, issuer + discovery.TOKEN) if legacy else (issuer,)
    read = (rfc7523.read(claims, one, ctx.now) for one in audiences) if claims is not None else iter(())
    said = next((one for one in read if one is not None), None)
    if said is None or said.subject != client.id or not said.token_id:
        raise InvalidGrant
    if params.get("client_id", client.id) != client.id:
        raise InvalidGrant
    if GrantType.JWT_BEARER not in client.application.grant_types:
        raise UnauthorizedClient
    if not ctx.ask(ClaimOnce(rfc7523.USED, f"{client.id} {said.token_id}", said.expires_at)):
        raise InvalidGrant
    bound, wanted = bound_client(ctx, request, client), scope_list(params.get("scope", ""))
    return token_for_client(ctx, bound, wanted, rfc8707.asked_in(params))


def _signer(text: str, ctx: Context) -> tuple[Machine, rfc7523.Assertion]:
    """Whose assertion it is. The key is found by its name alone, and fixes algorithm and user."""
    key_id = rfc7523.key_id_of(text)
    key = ctx.load(MACHINE_KEY, key_id) if key_id else None
    if key is None or not key.active(ctx.now):
        raise InvalidGrant
    claims = ctx.ask(VerifyJwt(text, ({**key.public, "kid": key_id},), ""))
    assertion = None if claims is None else rfc7523.read(claims, ctx.request.issuer, ctx.now)
    user = active_user(ctx, key.user_id)
    if assertion is None or not assertion.token_id:
        raise InvalidGrant
    if assertion.subject != key.user_id or user is None or user.kind is not UserKind.MACHINE:
        raise InvalidGrant
    return Machine(key.user_id, user), assertion
