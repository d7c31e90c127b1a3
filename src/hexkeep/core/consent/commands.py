"""Consents: given on the consent page, taken back by the person."""

from hexkeep.core.authrequest.state import AUTH_REQUEST
from hexkeep.core.consent.events import ConsentForgotten, ConsentGranted
from hexkeep.core.consent.messages import ConsentGiven, ForgetConsent, GrantConsent, RememberConsent, RevokeConsent
from hexkeep.core.consent.state import CONSENT, Consent, consent_id, revocation
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound, PermissionDenied, Unauthenticated
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.oidc.parties import signed_in


def grant_consent(request: GrantConsent, ctx: Context) -> Decision[ConsentGiven]:
    """Remember that the signed-in person agrees to what a pending authorization request asks for.

    Continue the request afterwards. Raises ``Unauthenticated`` without a session, ``FailedPrecondition`` for a request
    that is over.
    """
    asked = ctx.load(AUTH_REQUEST, request.auth_request_id)
    if not asked.pending(ctx.now):
        raise FailedPrecondition("This sign-in is over. Go back to the application and start again")
    person = signed_in(ctx, request.session_token)
    if person is None:
        raise Unauthenticated
    aggregate_id = consent_id(person.user_id, asked.client_id)
    consent = ctx.load(CONSENT, aggregate_id)
    scopes = _added(consent, asked.to_consent)
    given = ConsentGiven(client_id=asked.client_id, scopes=scopes)
    if consent.covers(scopes) and consent.auth_request_id == request.auth_request_id:
        return Decision(given)
    granted = ConsentGranted(
        user_id=person.user_id,
        client_id=asked.client_id,
        scopes=scopes,
        granted_at=ctx.now,
        auth_request_id=request.auth_request_id,
    )
    return Decision(given, CONSENT.append(aggregate_id, granted))


def remember_consent(request: RememberConsent, ctx: Context) -> Decision[Empty]:
    """Remember that a person agreed to what a device or a backchannel request asked for. Follows that."""
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
    aggregate_id = consent_id(request.user_id, request.client_id)
    consent = ctx.load(CONSENT, aggregate_id)
    if consent.covers(request.scopes):
        return Decision(Empty())
    granted = ConsentGranted(
        user_id=request.user_id,
        client_id=request.client_id,
        scopes=_added(consent, request.scopes),
        granted_at=ctx.now,
    )
    return Decision(Empty(), CONSENT.append(aggregate_id, granted))


def forget_consent(request: ForgetConsent, ctx: Context) -> Decision[Empty]:
    """Ask the person anew when the application comes again. Follows a grant that the application ended by itself."""
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
    aggregate_id = consent_id(request.user_id, request.client_id)
    if not ctx.load(CONSENT, aggregate_id).exists:
        return Decision(Empty())
    return Decision(Empty(), CONSENT.append(aggregate_id, ConsentForgotten()))


def _added(consent: Consent, scopes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*consent.scopes, *scopes)))


def revoke_consent(request: RevokeConsent, ctx: Context) -> Decision[Empty]:
    """Take back the caller's consent to an application.

    The application has to ask again, and the refresh tokens it has for the caller do not work any more.
    """
    ctx.authorize(user=ctx.caller.user_id)
    aggregate_id = consent_id(ctx.caller.user_id, request.client_id)
    if not ctx.load(CONSENT, aggregate_id).exists:
        raise NotFound
    return Decision(Empty(), revocation(ctx.caller.user_id, request.client_id, ctx.now))
