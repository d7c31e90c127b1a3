"""The backchannel authentication endpoint (CIBA Core 1.0 section 7)."""

from hexkeep.core.application.client_metadata import TokenDelivery
from hexkeep.core.application.state import GrantType
from hexkeep.core.backchannelauth.events import BackchannelRequested
from hexkeep.core.backchannelauth.hints import hinted_user
from hexkeep.core.backchannelauth.messages import BackchannelAuthenticationResponse, StartBackchannelAuthentication
from hexkeep.core.backchannelauth.state import BACKCHANNEL, inbox
from hexkeep.core.detailstype.state import details_types
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import ClaimOnce, Keep
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc import ciba, discovery, rfc9396
from hexkeep.core.oidc.algorithms import SigningAlgorithm
from hexkeep.core.oidc.ciba import Ping, Ticket, Wish
from hexkeep.core.oidc.client_jwks import verify_by_client
from hexkeep.core.oidc.clients import authenticated_client, presented_by
from hexkeep.core.oidc.errors import InvalidRequest, UnauthorizedClient
from hexkeep.core.oidc.organizations import restriction
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.oidc.rfc6749 import present, refuse_repeated
from hexkeep.core.oidc.rfc8707 import accept_resources
from hexkeep.core.oidc.room import insist_on_room
from hexkeep.core.oidc.scopes import grantable
from hexkeep.core.policy.state import LIFETIME, effective
from hexkeep.core.setting.state import link_origin
from hexkeep.core.user.state import USER

USED = "backchannel/request"
"""Under which the expiring store remembers the ids of signed requests."""
PAGE = "/approve"
OUTSIDE = frozenset({"client_id", "client_secret", "client_assertion", "client_assertion_type", "request"})
"""Section 7.1.1: what stands beside a signed request; nothing else may."""


def start_backchannel_authentication(
    request: StartBackchannelAuthentication, ctx: Context
) -> Decision[BackchannelAuthenticationResponse]:
    """Ask a person elsewhere, and tell the application what to fetch the answer with.

    Raises ``InvalidClient``, ``UnauthorizedClient``, ``InvalidRequest``, ``InvalidScope``, ``InvalidBindingMessage``,
    ``UnknownUserId``, ``ExpiredLoginHintToken``; ``ResourceExhausted`` when somebody is asked too often.
    """
    refuse_repeated(request.repeated)
    client = authenticated_client(ctx, presented_by(request), discovery.BACKCHANNEL_AUTHENTICATION)
    if client.public or GrantType.CIBA not in rules_of(client.application).grants:
        raise UnauthorizedClient
    if pinged(client) and not client.application.client_metadata.backchannel_client_notification_endpoint:
        raise UnauthorizedClient("The application wants to be told, and has not said where")
    insist_on_room(ctx, client, "backchannel")
    params = _params(ctx, present(request.params), client)
    lifetimes = effective(ctx, LIFETIME, client.application.organization_id)
    wish = ciba.read(params, lifetimes.backchannel_request_lifetime)
    token = ciba.notification_token(params) if pinged(client) else ""
    ticket = Ticket(
        request_id=ctx.new_id(),
        client_id=client.id,
        user_id=hinted_user(ctx, client, *ciba.hint(params), restriction(ctx, wish.scopes)),
        scopes=grantable(wish.scopes, refresh=client.refreshes, api=client.application.api_access),
        resources=accept_resources(request.resources, client, ctx.request.issuer),
        authorization_details=_details(ctx, params.get(rfc9396.PARAMETER, ""), client),
        interval=lifetimes.polling_interval,
        expires_at=ctx.now + wish.expires_in,
    )
    answer = BackchannelAuthenticationResponse(
        auth_req_id=_kept(ctx, ticket, token),
        expires_in=int(wish.expires_in.total_seconds()),
        interval=int(ticket.interval.total_seconds()),
    )
    return Decision(answer, *((_asked(ctx, ticket, wish, client),) if ticket.user_id else ()))


def pinged(client: Client) -> bool:
    """Section 5: whether the client is told that there is an answer."""
    return client.application.client_metadata.backchannel_token_delivery_mode is TokenDelivery.PING


def _params(ctx: Context, params: dict[str, str], client: Client) -> dict[str, str]:
    """Section 7.1.1: the parameters, out of the signed request where there is one, or has to be."""
    algorithm = client.application.client_metadata.backchannel_authentication_request_signing_alg
    registered = algorithm is not SigningAlgorithm.UNSPECIFIED
    if "request" not in params:
        if rules_of(client.application).signed_elsewhere:
            raise InvalidRequest("This client signs its requests")
        return params
    if params.keys() - OUTSIDE:
        raise InvalidRequest("Beside a signed request there are no other parameters")
    claims = verify_by_client(ctx, client, params["request"], "", (algorithm,) if registered else ())
    if claims is None:
        raise InvalidRequest("The signature of the request is not valid")
    signed = ciba.unsigned(claims, client.id, ctx.request.issuer, ctx.now)
    until = ctx.now.fromtimestamp(float(str(claims["exp"])), ctx.now.tzinfo)
    if not ctx.ask(ClaimOnce(USED, f"{client.id} {claims['jti']}", until)):
        raise InvalidRequest("The request was used before")
    return signed


def _details(ctx: Context, text: str, client: Client) -> str:
    allowed = client.application.client_metadata.authorization_details_types
    return rfc9396.written(rfc9396.requested(text, details_types(ctx), allowed)) if text else ""


def _kept(ctx: Context, ticket: Ticket, token: str) -> str:
    auth_req_id = ctx.new_secret()
    ctx.ask(Keep(ciba.AUTH_REQ_ID, auth_req_id, ticket.to_bytes(), ticket.expires_at + ciba.REMEMBERED))
    if token:
        ping = Ping(client_id=ticket.client_id, auth_req_id=auth_req_id, token=token)
        ctx.ask(Keep(ciba.PING, ticket.request_id, ping.to_bytes(), ticket.expires_at))
    return auth_req_id


def _asked(ctx: Context, ticket: Ticket, wish: Wish, client: Client) -> Append:
    user = ctx.load(USER, ticket.user_id)
    requested = BackchannelRequested(
        request_id=ticket.request_id,
        client_id=client.id,
        client_name=client.application.name,
        user_id=ticket.user_id,
        scopes=ticket.scopes,
        acr_values=wish.acr_values,
        binding_message=wish.binding_message,
        authorization_details=ticket.authorization_details,
        address=user.email if user.email_verified else "",
        language=user.preferred_language,
        display_name=user.display_name,
        link=f"{link_origin(ctx)}{PAGE}?request={ticket.request_id}",
        requested_at=ctx.now,
        expires_at=ticket.expires_at,
    )
    box = inbox(ticket.user_id, ctx.now)
    ctx.load(BACKCHANNEL, box)  # others may ask the same person at the same moment
    return BACKCHANNEL.append(box, requested)
