"""What tokens rest on, looked at each time one is presented: once it is gone they hold no more, expired or not.

A token of a person rests on the user, the application (each with what it belongs to), the consent, the right to use
the application, the token family, the password that opened it and, unless it was granted for offline use, the session.
A client's own token rests on the client alone. One that was exchanged for a machine user's (RFC 8693) rests on the
machine and on that token, as if it were its family; one for an impersonated user on who impersonates, may still do so
and is still signed in.
"""

from datetime import datetime

from hexkeep.core.consent.state import CONSENT, consent_id
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc.errors import InvalidGrant, InvalidToken
from hexkeep.core.oidc.pairwise import subject_of
from hexkeep.core.oidc.parties import Client, active_client, active_user, admits
from hexkeep.core.oidc.rfc8693 import ACT
from hexkeep.core.oidc.rfc9068 import AccessToken
from hexkeep.core.oidc.scopes import OFFLINE_ACCESS
from hexkeep.core.session.state import SESSION
from hexkeep.core.token.impersonators import may_impersonate
from hexkeep.core.token.state import TOKEN_FAMILY, TokenFamily
from hexkeep.core.user.state import User, UserKind


def standing_user(ctx: Context, client: Client, family: TokenFamily) -> User | None:
    """The user of a family, or ``None`` when nothing may be done for that user in its name any more."""
    user = active_user(ctx, family.user_id)
    if user is None or family.revoked or family.started_at is None:
        return None
    if not user.proven_by(family.password_version) or not admits(ctx, client, family.user_id, family.scopes):
        return None
    consent = ctx.load(CONSENT, consent_id(family.user_id, client.id))
    return None if consent.revoked_since(family.started_at) else user


def insist_on_standing(ctx: Context, token: AccessToken) -> Client | None:
    """The application that a token was issued to, ``None`` for that of a machine user; raises ``InvalidToken``."""
    client = active_client(ctx, token.client_id)
    if not ctx.load(TOKEN_FAMILY, token.stream, lapses=True).holds(token.token_id):
        raise InvalidToken
    if token.family_id:
        _insist_on_family(ctx, token, client)
    elif token.subject != token.client_id or (client is None and active_user(ctx, token.subject) is None):
        raise InvalidToken
    return client


def user_of(ctx: Context, token: AccessToken) -> str:
    """The id of the user that a token which stands is for: its family's, whatever subject it names (see ``pairwise``).

    A machine user's own token names the user, and so does what was exchanged for it.
    """
    family = ctx.load(TOKEN_FAMILY, token.family_id, lapses=True) if token.family_id else None
    return family.user_id if family and family.exists else token.subject


def _insist_on_family(ctx: Context, token: AccessToken, client: Client | None) -> None:
    family = ctx.load(TOKEN_FAMILY, token.family_id, lapses=True)
    if not family.exists:
        _insist_on_machine(ctx, token, client, family)
        return
    origin = client if family.client_id == token.client_id else _exchanged_from(ctx, token, family)
    if client is None or origin is None or subject_of(ctx, client, family.user_id) != token.subject:
        raise InvalidToken
    if not admits(ctx, client, family.user_id):
        raise InvalidToken
    if standing_user(ctx, origin, family) is None:
        raise InvalidToken
    if family.actor_id and not may_impersonate(ctx, family.actor_id, family.user_id):
        raise InvalidToken
    if OFFLINE_ACCESS in token.scopes or (family.actor_id and not family.session_id):
        return
    if not ctx.load(SESSION, token.session_id, lapses=True).active(ctx.now):
        raise InvalidToken


def _insist_on_machine(ctx: Context, token: AccessToken, client: Client | None, origin: TokenFamily) -> None:
    """A token that was exchanged for a machine user's own: that one's id is in place of a family's."""
    machine = active_user(ctx, token.subject)
    if client is None or machine is None or machine.kind is not UserKind.MACHINE:
        raise InvalidToken
    if ACT not in token.claims or not origin.holds(token.family_id):
        raise InvalidToken


def _exchanged_from(ctx: Context, token: AccessToken, family: TokenFamily) -> Client | None:
    """The application whose family a token of another one rests on, where it was exchanged (RFC 8693)."""
    if ACT not in token.claims:
        return None
    origin = active_client(ctx, family.client_id)
    ctx.client_id = token.client_id
    return origin


def insist_on_consent(ctx: Context, user_id: str, client: Client, since: datetime) -> None:
    """Raise ``InvalidGrant`` where the person has taken back what was consented to after saying yes at ``since``."""
    if ctx.load(CONSENT, consent_id(user_id, client.id)).revoked_since(since):
        raise InvalidGrant("The user has withdrawn the consent")
