"""Messages of service providers: their wish for a logout, and their responses to ours (Profiles section 4.4.3)."""

import re

from hexkeep.core.application.state import SamlProvider
from hexkeep.core.kernel.ask import ClaimOnce, Keep, Kept
from hexkeep.core.kernel.decision import Context, Decision, FollowUp
from hexkeep.core.kernel.hosts import host_of
from hexkeep.core.oidc import participants
from hexkeep.core.oidc.parties import Client, held_session
from hexkeep.core.saml import incoming, logout, session_index, single_logout
from hexkeep.core.saml.asks import ReadXml
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
from hexkeep.core.saml.name_id import is_as_told
from hexkeep.core.saml.parties import look_again, proven, provider_of
from hexkeep.core.saml.single_logout import ANSWERED, BADLY, LASTS, SENT, WELL, Asked
from hexkeep.core.saml.xml import Element
from hexkeep.core.samllogout.answering import answered
from hexkeep.core.samllogout.messages import ReceiveSamlLogout, SamlLogoutKind, SamlLogoutStep
from hexkeep.core.session.state import SESSION, Session

ONCE = "saml_logout_request"
"""Under which the ids of requests are remembered until they are over."""
NOTHING = SamlLogoutStep(kind=SamlLogoutKind.UNSPECIFIED)
"""Goes with an error that something follows: nobody gets it."""
_INDEX = re.compile(r"[A-Za-z0-9._-]{1,100}")


def receive_saml_logout(request: ReceiveSamlLogout, ctx: Context) -> Decision[SamlLogoutStep]:
    """End the sessions that a service provider's LogoutRequest names, or take its response to ours.

    A request has to be signed; it reaches sessions alone in which that provider takes part, by the user's name there.
    What does not fit is answered with a status (Core section 3.2.2), and ends nothing. A response that cannot be
    believed counts as none. Raises ``SamlError`` while it is not certain who asks.
    """
    message = received(request.binding, request.query, REQUEST, RESPONSE)
    root = ctx.ask(ReadXml(message.content, message.deflated))
    if message.parameter == RESPONSE:
        return _response(ctx, message, root, request.binding)
    client, provider = provider_of(ctx, incoming.issuer_of(root, logout.REQUEST))
    try:
        covered, signed = proven(ctx, message, root, provider, request.binding, required=True)
    except (SamlProviderUnknown, SamlRequestUnsigned) as error:
        return Decision(NOTHING, error=error, then=look_again(client.id, provider))
    asked = logout.read_request(covered)
    incoming.insist_on_destination(asked, ctx.request.issuer + SLO, signed=signed)
    until = incoming.insist_on_freshness(asked, ctx.now)
    logout.insist_on_time(asked, ctx.now)
    if _has_to_hop(request, asked):
        return Decision(SamlLogoutStep(kind=SamlLogoutKind.HOP))
    if not ctx.ask(ClaimOnce(ONCE, f"{client.id} {asked.id}", until)):
        raise SamlRequestOver
    told = Asked(client_id=client.id, request_id=asked.id, relay_state=message.relay_state)
    status = None if asked.name is not None else REQUEST_UNSUPPORTED
    found = _sessions(ctx, request, asked, client, provider)
    if status is not None or not found:
        return Decision(_refused(ctx, told, provider, status or UNKNOWN_PRINCIPAL))
    ending = {session_id: session for session_id, session in found.items() if session.active(ctx.now)}
    frames = dict.fromkeys(uri for one in ending.items() for uri in participants.frames(ctx, *one))
    token = single_logout.begun(ctx, ending, told)
    step = SamlLogoutStep(kind=SamlLogoutKind.ONWARD, token=token, frames=tuple(frames))
    return Decision(step, *(participants.ended(ctx, *one, but=client.id) for one in ending.items()))


def _has_to_hop(request: ReceiveSamlLogout, asked: LogoutRequest) -> bool:
    """A form of another site brings no cookies, and without an index nothing else tells which session is meant."""
    posted = request.binding is SamlRequestBinding.POST and not request.hopped
    return posted and not asked.session_indexes and not request.session_token


def _sessions(
    ctx: Context, request: ReceiveSamlLogout, asked: LogoutRequest, client: Client, provider: SamlProvider
) -> dict[str, Session]:
    """The sessions that are meant: by their indexes, else those of this browser.

    A session has to be one in which this provider takes part, of the user that the name is for there; all others are
    as unknown as those that there never were.
    """
    if asked.session_indexes:
        indexes = dict.fromkeys(one for one in asked.session_indexes if _INDEX.fullmatch(one))
        found = (session_index.session_with(ctx, one, client.id) for one in indexes)
        wanted = tuple(one for one in found if one)
    else:
        held = (held_session(ctx, token) for token in (request.session_token, *request.waiting_tokens) if token)
        wanted = tuple(one[0] for one in held if one is not None)
    sessions = {one: ctx.load(SESSION, one, lapses=True) for one in dict.fromkeys(wanted)}
    return {one: session for one, session in sessions.items() if _is_meant(ctx, one, session, asked, client, provider)}


def _is_meant(
    ctx: Context, session_id: str, session: Session, asked: LogoutRequest, client: Client, provider: SamlProvider
) -> bool:
    if asked.name is None or not session.exists or not session.has(client.id):
        return False
    known = single_logout.name_in(ctx, session_id, client.id, provider)
    return known is not None and is_as_told(ctx, asked.name, provider.metadata.entity_id, known)


def _refused(ctx: Context, asked: Asked, provider: SamlProvider, status: Status) -> SamlLogoutStep:
    """The response; where the provider takes none, its error is shown."""
    step = answered(ctx, asked, provider, status)
    if step is None:
        raise SamlRequestInvalid("The session is not known, or the user is named in a way that is not supported")
    return step


def _response(
    ctx: Context, message: Received, root: Element | None, binding: SamlRequestBinding
) -> Decision[SamlLogoutStep]:
    """Core section 3.7.3.2: note what came back, for the browser that goes on, whoever brings it."""
    client, provider = provider_of(ctx, incoming.issuer_of(root, logout.RESPONSE))
    request_id = (root or Element("")).get("InResponseTo")
    if ctx.ask(Kept(SENT, request_id)) != client.id.encode():
        raise SamlProviderUnknown("This answers nothing that was asked of this application")
    then: tuple[FollowUp, ...] = ()
    try:
        covered, signed = proven(ctx, message, root, provider, binding, required=True)
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
