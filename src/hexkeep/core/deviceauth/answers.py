"""What a person is shown of a device's request, and says to it.

Nobody finds out whether a code is one who has not signed in, and nobody may try many: the code is short (RFC 8628
section 5.1). Whoever has signed in and knows a code decides; that the device before this person is the one that shows
it, only the person can see (section 5.4), which is why the page asks to compare.
"""

from hexkeep.core.deviceauth.events import DeviceApproved, DeviceDenied
from hexkeep.core.deviceauth.messages import (
    ApproveDeviceAuthorization,
    DenyDeviceAuthorization,
    DeviceAuthorizationDetails,
    EnteredCode,
    GetDeviceAuthorization,
)
from hexkeep.core.deviceauth.state import DEVICE_AUTHORIZATION
from hexkeep.core.kernel.ask import CountUp, Kept
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound, ResourceExhausted
from hexkeep.core.kernel.network import network
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.oidc import acr, organizations, rfc8628
from hexkeep.core.oidc.approval import approver, remembered
from hexkeep.core.oidc.errors import AccessDenied
from hexkeep.core.oidc.parties import Client, Person, active_client, admits
from hexkeep.core.oidc.rfc8628 import DeviceRequest
from hexkeep.core.oidc.shown_details import shown_details
from hexkeep.core.organization.state import ORGANIZATION

WINDOW = 3600
TRIES_PER_USER = 30
"""How often one person may try a code within the window, in all sessions together; the pages take three for one."""
TRIES_PER_PLACE = 300
"""How often codes may be tried from one network address: many people share one."""


def get_device_authorization(request: GetDeviceAuthorization, ctx: Context) -> Decision[DeviceAuthorizationDetails]:
    """Tell what the device behind a user code waits for.

    Raises ``Unauthenticated`` when somebody has to sign in, ``NotFound`` for a code that nothing waits for, and
    ``ResourceExhausted`` after too many tries.
    """
    _, asked, client = _waiting(request, ctx)
    meant = organizations.meant(ctx, asked.scopes)
    return Decision(
        DeviceAuthorizationDetails(
            user_code=rfc8628.shown(rfc8628.entered(request.user_code)),
            client_id=client.id,
            client_name=client.application.name,
            scopes=asked.scopes,
            authorization_details=shown_details(ctx, asked.authorization_details),
            organization_id=meant,
            organization_name=ctx.load(ORGANIZATION, meant).name if meant else "",
            expires_at=asked.expires_at,
        )
    )


def approve_device_authorization(request: ApproveDeviceAuthorization, ctx: Context) -> Decision[Empty]:
    """Let a device act for the person who is signed in. Raises as showing does, and ``AccessDenied``."""
    person, asked, client = _waiting(request, ctx)
    if not admits(ctx, client, person.user_id, asked.scopes):
        raise AccessDenied("The user is not authorized to use this application")
    approved = DeviceApproved(
        client_id=client.id,
        user_id=person.user_id,
        session_id=person.session_id,
        scopes=asked.scopes,
        auth_time=person.auth_time,
        approved_at=ctx.now,
        acr=acr.told(person.methods, acr.Wanted(asked.acr_values)),
    )
    then = remembered(person.user_id, client.id, asked.scopes)
    return Decision(Empty(), DEVICE_AUTHORIZATION.append(asked.request_id, approved), then=(then,))


def deny_device_authorization(request: DenyDeviceAuthorization, ctx: Context) -> Decision[Empty]:
    """Refuse a device. It is told so when it polls next."""
    person, asked, client = _waiting(request, ctx)
    denied = DeviceDenied(client_id=client.id, user_id=person.user_id)
    return Decision(Empty(), DEVICE_AUTHORIZATION.append(asked.request_id, denied))


def _waiting(request: EnteredCode, ctx: Context) -> tuple[Person, DeviceRequest, Client]:
    """Who has entered which code; one that is over cannot be told from one that never was."""
    person = approver(ctx, request.session_token)
    _count_try(ctx, person.user_id)
    code = rfc8628.entered(request.user_code)
    asked = DeviceRequest.from_bytes(ctx.ask(Kept(rfc8628.USER_CODE, code))) if code else None
    if asked is None or ctx.now >= asked.expires_at or ctx.load(DEVICE_AUTHORIZATION, asked.request_id).answered:
        raise NotFound("Nothing waits for this code")
    client = active_client(ctx, asked.client_id)
    if client is None:
        raise NotFound("Nothing waits for this code")
    return person, asked, client


def _count_try(ctx: Context, user_id: str) -> None:
    """Section 5.1: every look at a code counts, the right one as well, so that no answer tells more than it says."""
    _count(ctx, f"device/tried/by/{user_id}", TRIES_PER_USER)
    if place := network(ctx.request.address):
        _count(ctx, f"device/tried/from/{place}", TRIES_PER_PLACE)


def _count(ctx: Context, bucket: str, limit: int) -> None:
    if ctx.ask(CountUp(bucket, WINDOW)) > limit:
        raise ResourceExhausted("Too many codes were tried", retry_after=WINDOW)
