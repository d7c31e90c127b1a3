"""What a person is shown of applications' requests, and says to them: on our page, or with an app of the person's."""

from hexkeep.core.backchannelauth.endpoint import pinged
from hexkeep.core.backchannelauth.events import BackchannelApproved, BackchannelDenied
from hexkeep.core.backchannelauth.messages import (
    ApproveBackchannelRequest,
    BackchannelPing,
    BackchannelRequestItem,
    BackchannelRequestList,
    DenyBackchannelRequest,
    PlanBackchannelPing,
)
from hexkeep.core.backchannelauth.state import BACKCHANNEL, Request, requests_to
from hexkeep.core.kernel.ask import Kept
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound, PermissionDenied
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.oidc import acr, ciba
from hexkeep.core.oidc.approval import calling, remembered
from hexkeep.core.oidc.errors import AccessDenied
from hexkeep.core.oidc.parties import Client, active_client, admits
from hexkeep.core.oidc.shown_details import shown_details


def list_my_backchannel_requests(_: Empty, ctx: Context) -> Decision[BackchannelRequestList]:
    """Tell which applications wait for the caller's answer, and what they ask for."""
    ctx.authorize(user=ctx.caller.user_id)
    found = requests_to(ctx, ctx.caller.user_id)
    waiting = {one: request for one, (_, request) in found.items() if request.waits(ctx.now)}
    items = (_item(ctx, one, request) for one, request in waiting.items())
    return Decision(BackchannelRequestList(requests=tuple(one for one in items if one is not None)))


def _item(ctx: Context, request_id: str, request: Request) -> BackchannelRequestItem | None:
    client = active_client(ctx, request.client_id)
    if client is None:
        return None
    return BackchannelRequestItem(
        request_id=request_id,
        client_id=client.id,
        client_name=client.application.name,
        scopes=request.scopes,
        authorization_details=shown_details(ctx, request.authorization_details),
        binding_message=request.binding_message,
        requested_at=request.requested_at,
        expires_at=request.expires_at,
    )


def approve_backchannel_request(request: ApproveBackchannelRequest, ctx: Context) -> Decision[Empty]:
    """Let an application have what it asked for.

    The caller has to have signed in lately, in a session (``reauthentication_required``): what a token of an
    application stands for is the session that it came from. ``NotFound`` when nothing waits under this id.
    """
    ctx.authorize(user=ctx.caller.user_id)
    person = calling(ctx)
    box, waiting, client = _waiting(ctx, request.request_id)
    if not admits(ctx, client, person.user_id, waiting.scopes):
        raise AccessDenied("The user is not authorized to use this application")
    approved = BackchannelApproved(
        request_id=request.request_id,
        client_id=client.id,
        user_id=person.user_id,
        session_id=person.session_id,
        auth_time=person.auth_time,
        approved_at=ctx.now,
        expires_at=waiting.expires_at,
        pinged=pinged(client),
        acr=acr.told(person.methods, acr.Wanted(waiting.acr_values)),
    )
    then = remembered(person.user_id, client.id, waiting.scopes)
    return Decision(Empty(), BACKCHANNEL.append(box, approved), then=(then,))


def deny_backchannel_request(request: DenyBackchannelRequest, ctx: Context) -> Decision[Empty]:
    """Refuse an application what it asked for; it is told so."""
    ctx.authorize(user=ctx.caller.user_id)
    box, waiting, client = _waiting(ctx, request.request_id)
    denied = BackchannelDenied(
        request_id=request.request_id,
        client_id=client.id,
        user_id=ctx.caller.user_id,
        expires_at=waiting.expires_at,
        pinged=pinged(client),
    )
    return Decision(Empty(), BACKCHANNEL.append(box, denied))


def _waiting(ctx: Context, request_id: str) -> tuple[str, Request, Client]:
    """A request to the caller; one to somebody else, one that is over and one that never was look alike."""
    box, found = requests_to(ctx, ctx.caller.user_id).get(request_id, ("", None))
    client = active_client(ctx, found.client_id) if found else None
    if found is None or client is None or not found.waits(ctx.now):
        raise NotFound
    ctx.client_id = ""  # it is the person who calls
    return box, found, client


def plan_backchannel_ping(request: PlanBackchannelPing, ctx: Context) -> Decision[BackchannelPing]:
    """Tell how an application learns that there is an answer; nothing where it polls, or nobody waits any more."""
    if ctx.caller.kind is not CallerKind.SYSTEM or ctx.caller.name:
        raise PermissionDenied
    ctx.authorize()
    ping = ciba.Ping.from_bytes(ctx.ask(Kept(ciba.PING, request.request_id)))
    client = active_client(ctx, ping.client_id) if ping else None
    if ping is None or client is None:
        return Decision(BackchannelPing())
    endpoint = client.application.client_metadata.backchannel_client_notification_endpoint
    return Decision(BackchannelPing(endpoint=endpoint, auth_req_id=ping.auth_req_id, token=ping.token))
