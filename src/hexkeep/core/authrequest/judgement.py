"""What stands between an authorization request and its code: a sign-in, a right, a consent, or nothing."""

from datetime import timedelta

from hexkeep.core.authrequest import saml_answers
from hexkeep.core.authrequest.state import AuthRequest
from hexkeep.core.consent.state import CONSENT, consent_id
from hexkeep.core.factor.state import FACTORS, Factor
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc.errors import (
    AccessDenied,
    AccountSelectionRequired,
    ConsentRequired,
    InteractionRequired,
    LoginRequired,
    OAuthError,
    StepUpRequired,
    UnmetAuthenticationRequirements,
)
from hexkeep.core.oidc.oidc_core import Prompt
from hexkeep.core.oidc.parties import Client, Person, admits
from hexkeep.core.oidc.recency import is_recent
from hexkeep.core.policy.state import LOGIN, effective


def obstacle(ctx: Context, asked: AuthRequest, client: Client, person: Person | None) -> OAuthError | None:
    """The first thing in the way, as the error it would be without pages, or ``None``: the code may be issued.

    What is neither a right nor a requirement can be overcome on our pages, unless ``is_final`` says otherwise.
    """
    if not made(asked, person):
        return InteractionRequired()
    if not chosen(asked, person):
        return AccountSelectionRequired()
    if person is None or not belongs(asked, person) or not fresh(ctx, asked, person):
        return LoginRequired()
    if not hinted(ctx, asked, client, person):
        return LoginRequired()
    if (weak := weakness(ctx, asked, person)) is not None:
        return weak
    if not admits(ctx, client, person.user_id):
        return AccessDenied("The user is not authorized to use this application")
    if not consented(ctx, asked, client, person):
        return ConsentRequired()
    return None


def is_final(ctx: Context, asked: AuthRequest, client: Client, error: OAuthError, person: Person | None) -> bool:
    """Whether an obstacle is the answer: no page may be shown, no page would help, or it has been shown in vain."""
    if Prompt.NONE in asked.prompts or isinstance(error, AccessDenied | UnmetAuthenticationRequirements):
        return True
    return person is not None and asked.began_before(person.checked_at) and not hinted(ctx, asked, client, person)


def made(asked: AuthRequest, person: Person | None) -> bool:
    """Prompt Create 1.0 section 4: whether the person made an account for this request, or signed in instead."""
    return Prompt.CREATE not in asked.prompts or (person is not None and asked.began_before(person.checked_at))


def chosen(asked: AuthRequest, person: Person | None) -> bool:
    """OIDC Core section 3.1.2.1, ``prompt=select_account``: whether the person chose, or signed in for this request."""
    if Prompt.SELECT_ACCOUNT not in asked.prompts:
        return True
    return person is not None and (
        asked.began_before(person.checked_at) or asked.chosen_session_id == person.session_id
    )


def belongs(asked: AuthRequest, person: Person) -> bool:
    """Whether this is one of the people who are meant. A session from elsewhere is as good as none."""
    return asked.organization_id in {"", person.user.organization_id}


def fresh(ctx: Context, asked: AuthRequest, person: Person) -> bool:
    """OIDC Core section 3.1.2.1, ``prompt`` and ``max_age``, and the login policy: whether the last sign-in is recent.

    The policy's time begins anew when an identity provider has said again who it is; that is no sign-in.
    One made for this very request is by the policy; and for the application, however small ``max_age`` and however slow
    the person, unless a provider has told of a session there from before, or not when that was.
    """
    for_this, max_age = asked.began_before(person.checked_at), asked.sign_in_max_age
    policy = effective(ctx, LOGIN, person.user.organization_id)
    lasts = policy.external_check_lifetime if person.external else policy.password_check_lifetime
    if not for_this and ctx.now - (person.vouched_at or person.checked_at) > lasts:
        return False
    if max_age is None:
        return True
    if person.authenticated_at is None or asked.requested_at is None:
        return False
    if for_this:
        return is_recent(person.authenticated_at, max_age, asked.requested_at)
    within = ctx.now - person.authenticated_at <= timedelta(seconds=max_age)
    return within and Prompt.LOGIN not in asked.prompts


def hinted(ctx: Context, asked: AuthRequest, client: Client, person: Person) -> bool:
    """Whether this is the person asked for.

    OIDC Core sections 3.1.2.1, ``id_token_hint``, and 5.5.1, ``sub``; SAML 2.0 Core section 3.4.1, ``Subject``.
    """
    if asked.saml is not None:
        return saml_answers.is_meant(ctx, asked.saml, client, person)
    subjects = asked.claims_request.subjects
    return asked.hinted_user_id in ("", person.user_id) and (not subjects or person.user_id in subjects)


def weakness(ctx: Context, asked: AuthRequest, person: Person) -> OAuthError | None:
    """OIDC Core section 5.5.1.1, RFC 9470 section 5: what is wrong with how this person signed in, if anything is.

    Whoever has a proof that would do is asked for it, even for a mere wish; that alone stops nobody.
    """
    wanted = asked.wanted_acr
    if wanted.met(person.methods):
        return None
    usable = ctx.load(FACTORS, person.user_id).usable(person.user)
    reachable = wanted.met_by(person.methods, second=bool(usable), passkey=Factor.PASSKEY in usable)
    if wanted.essential:
        return StepUpRequired() if reachable else UnmetAuthenticationRequirements()
    return StepUpRequired() if reachable and Prompt.NONE not in asked.prompts else None


def consented(ctx: Context, asked: AuthRequest, client: Client, person: Person) -> bool:
    """Whether a consent is not needed, or remembered; ``prompt=consent`` wants one given for this request."""
    wanted = Prompt.CONSENT in asked.prompts
    if not (wanted or client.application.consent_required):
        return True
    consent = ctx.load(CONSENT, consent_id(person.user_id, asked.client_id))
    if consent.granted_at is None or not consent.covers(asked.to_consent):
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
