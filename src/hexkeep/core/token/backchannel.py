"""The CIBA grant (CIBA Core 1.0 section 10.1): tokens for an application, once whom it asked has said yes."""

from collections.abc import Mapping

from hexkeep.core.application.state import GrantType
from hexkeep.core.backchannelauth.state import Request, requests_to
from hexkeep.core.kernel.ask import Kept, Take
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc import rfc8707
from hexkeep.core.oidc.ciba import AUTH_REQ_ID, Ticket
from hexkeep.core.oidc.errors import AuthorizationPending, ExpiredToken, GrantDenied, InvalidGrant
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.polling import insist_on_pace
from hexkeep.core.oidc.rfc6749 import required
from hexkeep.core.token.founding import Grant
from hexkeep.core.token.issue import found
from hexkeep.core.token.messages import TokenResponse
from hexkeep.core.token.standing import insist_on_consent


def redeem_auth_req_id(params: Mapping[str, str], ctx: Context, client: Client) -> Decision[TokenResponse]:
    """Tokens for an ``auth_req_id`` of this client that its person has approved, once.

    Raises ``AuthorizationPending``, ``SlowDown``, ``GrantDenied``, ``ExpiredToken`` (section 11), and ``InvalidGrant``
    for one that is none, another client's or used up, and when the person may not any more.
    """
    text = required(params, "auth_req_id")
    ticket = Ticket.from_bytes(ctx.ask(Kept(AUTH_REQ_ID, text)))
    if ticket is None or ticket.client_id != client.id:
        raise InvalidGrant
    insist_on_pace(ctx, text, ticket.interval)
    asked = _asked(ctx, ticket)
    if asked is not None and asked.denied:
        raise GrantDenied
    if ctx.now >= ticket.expires_at:
        raise ExpiredToken
    if asked is None or asked.approval is None:
        raise AuthorizationPending
    resources = rfc8707.narrowed(rfc8707.asked_in(params), ticket.resources, client, ctx.request.issuer)
    # Of several who ask at the same moment one takes it. What goes wrong afterwards needs another request.
    if ctx.ask(Take(AUTH_REQ_ID, text)) is None:
        raise InvalidGrant
    insist_on_consent(ctx, ticket.user_id, client, asked.approval.approved_at)
    granted = Grant(
        family_id=ticket.request_id,
        user_id=ticket.user_id,
        session_id=asked.approval.session_id,
        scopes=ticket.scopes,
        auth_time=asked.approval.auth_time,
        grant_type=GrantType.CIBA,
        acr=asked.approval.acr,
        resources=ticket.resources,
        authorization_details=ticket.authorization_details,
    )
    return found(ctx, granted, client, resources)


def _asked(ctx: Context, ticket: Ticket) -> Request | None:
    """What the person has been asked; nothing where there is no such person, of which the client learns nothing."""
    if not ticket.user_id:
        return None
    _, asked = requests_to(ctx, ticket.user_id).get(ticket.request_id, ("", None))
    return asked
