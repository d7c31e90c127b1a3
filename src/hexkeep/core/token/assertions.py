"""The JWT bearer grant (RFC 7523 section 2.1): a machine user shows who it is by what one of its keys has signed."""

from collections.abc import Mapping

from hexkeep.core.kernel.ask import ClaimOnce, VerifyJwt
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.machinekey.state import MACHINE_KEY
from hexkeep.core.oidc import rfc7523, rfc8707
from hexkeep.core.oidc.clients import Machine
from hexkeep.core.oidc.errors import InvalidGrant, InvalidRequest
from hexkeep.core.oidc.messages import ClientRequest
from hexkeep.core.oidc.parties import active_user
from hexkeep.core.oidc.possession import bound_machine
from hexkeep.core.oidc.rfc6749 import required, scope_list
from hexkeep.core.token.credentials import token_for_machine
from hexkeep.core.token.messages import TokenResponse
from hexkeep.core.user.state import UserKind

USED = "jwt_assertion"
"""The scope in which ids of assertions are claimed."""
CREDENTIALS = ("client_secret", "client_assertion", "client_assertion_type")


def jwt_bearer(params: Mapping[str, str], ctx: Context, request: ClientRequest) -> Decision[TokenResponse]:
    """An access token, as client credentials give one, for the machine that signed the assertion.

    The assertion is all the authentication there is: client credentials beside it would have to be those of somebody
    (section 3.1), and a machine is its own client. Raises ``InvalidGrant``, which does not say what is wrong.
    """
    text = required(params, "assertion")
    if request.authorization or any(name in params for name in CREDENTIALS):
        raise InvalidRequest("This grant takes the assertion alone, without client authentication")
    wanted = scope_list(params.get("scope", ""))
    machine, assertion = _signer(text, ctx)
    ctx.client_id = machine.id
    if params.get("client_id", machine.id) != machine.id:
        raise InvalidGrant
    if not ctx.ask(ClaimOnce(USED, f"{machine.id} {assertion.token_id}", assertion.expires_at)):
        raise InvalidGrant
    return token_for_machine(ctx, bound_machine(ctx, request, machine), wanted, rfc8707.asked_in(params))


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
