"""What a person says yes to apart from the application's own window: on a device elsewhere, or in a list of wishes."""

from datetime import datetime

from hexkeep.core.consent.state import CONSENT, consent_id
from hexkeep.core.kernel.decision import Context, FollowUp
from hexkeep.core.kernel.errors import Unauthenticated
from hexkeep.core.oidc.errors import InvalidGrant
from hexkeep.core.oidc.parties import Client, Person, signed_in
from hexkeep.core.policy.state import LOGIN, effective


def approver(ctx: Context, session_token: str) -> Person:
    """Who is signed in here, and has been asked for the password lately; raises ``Unauthenticated``."""
    person = signed_in(ctx, session_token)
    if person is None or not recent(ctx, person):
        raise Unauthenticated("Sign in first")
    return person


def recent(ctx: Context, person: Person) -> bool:
    """Whether the last sign-in counts, by the login policy of the person's organization."""
    holds = effective(ctx, LOGIN, person.user.organization_id).password_check_lifetime
    return ctx.now - person.checked_at <= holds


def insist_on_consent(ctx: Context, user_id: str, client: Client, since: datetime) -> None:
    """Raise ``InvalidGrant`` where the person has taken back what was consented to after saying yes at ``since``."""
    if ctx.load(CONSENT, consent_id(user_id, client.id)).revoked_since(since):
        raise InvalidGrant("The user has withdrawn the consent")


def remembered(user_id: str, client_id: str, scopes: tuple[str, ...]) -> FollowUp:
    """The consent that a yes is as well: the person finds it among the others, and can take it back.

    It belongs to the durable log, the yes to the activity log. Should it be lost in between, no more was given than
    what the yes has given, and the application's next wish asks again.
    """
    return FollowUp("RememberConsent", {"user_id": user_id, "client_id": client_id, "scopes": list(scopes)})
