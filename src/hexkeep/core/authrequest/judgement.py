"""What stands between an authorization request and its code: a sign-in, a right, a consent, or nothing."""

from datetime import timedelta

from hexkeep.core.authrequest.state import AuthRequest
from hexkeep.core.consent.state import CONSENT, consent_id
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc.errors import AccessDenied, ConsentRequired, LoginRequired, OAuthError
from hexkeep.core.oidc.oidc_core import Prompt
from hexkeep.core.oidc.parties import Client, Person, admits
from hexkeep.core.policy.state import LOGIN, effective


def obstacle(ctx: Context, asked: AuthRequest, client: Client, person: Person | None) -> OAuthError | None:
    """The first thing in the way, as the error it would be without pages, or ``None``: the code may be issued.

    ``LoginRequired`` and ``ConsentRequired`` can be overcome on our pages, unless ``is_final`` says otherwise.
    """
    if person is None or not fresh(ctx, asked, person) or not hinted(asked, person):
        return LoginRequired()
    if not admits(ctx, client, person.user_id):
        return AccessDenied("The user is not authorized to use this application")
    if not consented(ctx, asked, client, person):
        return ConsentRequired()
    return None


def is_final(asked: AuthRequest, error: OAuthError, person: Person | None) -> bool:
    """Whether an obstacle is the answer: no page may be shown, no page would help, or it has been shown in vain."""
    if Prompt.NONE in asked.prompts or isinstance(error, AccessDenied):
        return True
    return person is not None and asked.began_before(person.checked_at) and not hinted(asked, person)


def fresh(ctx: Context, asked: AuthRequest, person: Person) -> bool:
    """OIDC Core section 3.1.2.1, ``prompt`` and ``max_age``, and the login policy: whether the last sign-in is recent.

    One made for this very request always is, however small ``max_age`` and however slow the person.
    """
    if asked.began_before(person.checked_at):
        return True
    if ctx.now - person.checked_at > effective(ctx, LOGIN, person.user.organization_id).password_check_lifetime:
        return False
    if Prompt.LOGIN in asked.prompts or Prompt.SELECT_ACCOUNT in asked.prompts:
        return False
    return asked.max_age is None or ctx.now - person.checked_at <= timedelta(seconds=asked.max_age)


def hinted(asked: AuthRequest, person: Person) -> bool:
    """OIDC Core section 3.1.2.1, ``id_token_hint``: whether this is the person asked for."""
    return asked.hinted_user_id in ("", person.user_id)


def consented(ctx: Context, asked: AuthRequest, client: Client, person: Person) -> bool:
    """Whether a consent is not needed, or remembered; ``prompt=consent`` wants one given for this request."""
    wanted = Prompt.CONSENT in asked.prompts
    if not (wanted or client.application.consent_required):
        return True
    consent = ctx.load(CONSENT, consent_id(person.user_id, asked.client_id))
    if consent.granted_at is None or not consent.covers(asked.scopes):
        return False
    return asked.began_before(consent.granted_at) or not wanted


def agreed_in_detail(ctx: Context, request_id: str, asked: AuthRequest, person: Person) -> bool:
    """RFC 9396 section 11.2: whether nothing is asked for in detail, or the person agreed to this very request.

    Whatever else was agreed to, before or in another window meanwhile, the person was shown other details there.
    """
    if not asked.authorization_details:
        return True
    consent = ctx.load(CONSENT, consent_id(person.user_id, asked.client_id))
    return consent.exists and consent.auth_request_id == request_id
