"""Messages of service providers: their wish for a logout, and their responses to ours (Profiles section 4.4.3)."""

from hexkeep.core.application.state import SamlProvider
from hexkeep.core.kernel.ask import Keep, Kept
from hexkeep.core.kernel.decision import Context, Decision, FollowUp
from hexkeep.core.kernel.hosts import host_of
from hexkeep.core.oidc import participants
from hexkeep.core.saml import incoming, logout, rates, receiving, single_logout
from hexkeep.core.saml.bindings import REQUEST, RESPONSE, Received, SamlRequestBinding, received
from hexkeep.core.saml.errors import (
    REQUEST_UNSUPPORTED,
    UNKNOWN_PRINCIPAL,
    SamlError,
    SamlProviderUnknown,
    SamlRequestInvalid,
    SamlRequestOver,
    SamlRequestUnsigned,
    Status,
)
from hexkeep.core.saml.idp_metadata import SLO
from hexkeep.core.saml.logout import LogoutRequest
from hexkeep.core.saml.parties import look_again, proven, provider_of
from hexkeep.core.saml.receiving import Disbelieved
from hexkeep.core.saml.single_logout import ANSWERED, BADLY, LASTS, SENT, WELL, Asked
from hexkeep.core.saml.xml import Element
from hexkeep.core.samllogout.answering import answered
from hexkeep.core.samllogout.meant import LOGOUT_REQUEST, heard
from hexkeep.core.samllogout.messages import ReceiveSamlLogout, SamlLogoutKind, SamlLogoutStep

PER_PLACE = 3000
"""Messages from one network address within the window: a whole company may be behind one."""
NOTHING = SamlLogoutStep(kind=SamlLogoutKind.UNSPECIFIED)
"""Goes with an error that something follows: nobody gets it."""


def receive_saml_logout(request: ReceiveSamlLogout, ctx: Context) -> Decision[SamlLogoutStep]:
    """End the sessions that a service provider's LogoutRequest names, or take its response to ours.

    A request has to be signed; it reaches sessions alone in which that provider takes part, by the user's name there.
    Of a session that has ended elsewhere those are told that hear by a browser alone: here is one.
    What does not fit is answered with a status (Core section 3.2.2), and ends nothing. A response that cannot be
    believed counts as none. Raises ``SamlError`` while it is not certain who asks, and for a request that comes again
    and has nothing left to end; and ``ResourceExhausted`` for too many messages from one network address.
    """
    rates.count(ctx, "saml_logout/from", PER_PLACE)
    message = received(request.binding, request.query, REQUEST, RESPONSE)
    if message.parameter == RESPONSE:
        return _response(ctx, message)
    said = receiving.said(ctx, message, LOGOUT_REQUEST, SLO)
    if isinstance(said, Disbelieved):
        return Decision(NOTHING, error=said.error, then=said.then)
    logout.insist_on_time(said.message, ctx.now)
    if _has_to_hop(request, said.message):
        return Decision(SamlLogoutStep(kind=SamlLogoutKind.HOP))
    client, provider, asked = said.client, said.provider, said.message
    told = Asked(client_id=client.id, request_id=asked.id, relay_state=message.relay_state)
    status = None if asked.name is not None else REQUEST_UNSUPPORTED
    came = heard(ctx, said, (request.session_token, *request.waiting_tokens))
    found = came.sessions
    ending = {session_id: session for session_id, session in found.items() if session.active(ctx.now)}
    if came.again and not ending:
        raise SamlRequestOver  # it was not heard in vain; whom else it concerns is told the first browser alone
    if status is not None or not found:
        return Decision(_refused(ctx, told, provider, status or UNKNOWN_PRINCIPAL))
    frames = dict.fromkeys(uri for one in found.items() for uri in participants.frames(ctx, *one))
    token = single_logout.begun(ctx, found, told)
    step = SamlLogoutStep(kind=SamlLogoutKind.ONWARD, token=token, frames=tuple(frames))
    return Decision(step, *(participants.ended(ctx, *one, but=client.id) for one in ending.items()))


def _has_to_hop(request: ReceiveSamlLogout, asked: LogoutRequest) -> bool:
    """A form of another site brings no cookies, and without an index nothing else tells which session is meant."""
    posted = request.binding is SamlRequestBinding.POST and not request.hopped
    return posted and not asked.session_indexes and not request.session_token


def _refused(ctx: Context, asked: Asked, provider: SamlProvider, status: Status) -> SamlLogoutStep:
    """The response; where the provider takes none, its error is shown."""
    step = answered(ctx, asked, provider, status)
    if step is None:
        raise SamlRequestInvalid("The session is not known, or the user is named in a way that is not supported")
    return step


def _response(ctx: Context, message: Received) -> Decision[SamlLogoutStep]:
    """Core section 3.7.3.2: note what came back, for the browser that goes on, whoever brings it."""
    root = receiving.root_of(ctx, message)
    client, provider = provider_of(ctx, incoming.issuer_of(root, logout.RESPONSE))
    request_id = (root or Element("")).get("InResponseTo")
    if ctx.ask(Kept(SENT, request_id)) != client.id.encode():
        raise SamlProviderUnknown("This answers nothing that was asked of this application")
    then: tuple[FollowUp, ...] = ()
    try:
        covered, signed = proven(ctx, message, root, provider, required=True)
        found = logout.read_response(covered)
        incoming.insist_on_destination(found, ctx.request.issuer + SLO, signed=signed)
        incoming.insist_on_freshness(found, ctx.now)
        well = found.successful and found.in_response_to == request_id
    except SamlRequestUnsigned:
        well, then = False, look_again(client.id, provider)
    except SamlError:
        well = False
    ctx.ask(Keep(ANSWERED, request_id, WELL if well else BADLY, ctx.now + LASTS))
    return Decision(SamlLogoutStep(kind=SamlLogoutKind.ONWARD, host=host_of(ctx, request_id)), then=then)
