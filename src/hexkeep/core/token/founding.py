"""How a token family begins: everything that a person's grant to an application turns into when it is redeemed.

The one place for every way in which a person can grant: a code, a device's code, a backchannel request, tokens through
the browser. Whose tokens they are is judged here anew, for between the person's yes and its redemption time has passed.
"""

from dataclasses import dataclass
from datetime import datetime

from hexkeep.core.application.state import GrantType
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import KeyedHash
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc import acr, participants
from hexkeep.core.oidc.errors import InvalidGrant
from hexkeep.core.oidc.oidc_core import Authentication
from hexkeep.core.oidc.parties import Client, active_user, admits
from hexkeep.core.oidc.refresh_tokens import FAMILY_PURPOSE, TOKEN_PURPOSE, RefreshToken
from hexkeep.core.oidc.scopes import OFFLINE_ACCESS
from hexkeep.core.session.state import SESSION, Session, proves
from hexkeep.core.token.events import TokenFamilyStarted
from hexkeep.core.token.state import TOKEN_FAMILY
from hexkeep.core.user.state import User


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person has granted to a client. ``auth_time`` is when the person last proved who it is."""

    family_id: str
    """The token family it founds: that of the request which the person has answered, so that there is one at most."""
    user_id: str
    session_id: str
    scopes: tuple[str, ...]
    auth_time: datetime
    grant_type: GrantType = GrantType.AUTHORIZATION_CODE
    nonce: str = ""
    acr: str = ""
    claims: str = ""
    resources: tuple[str, ...] = ()
    authorization_details: str = ""
    grant_id: str = ""
    """The managed grant that it is, or empty."""


@dataclass(frozen=True, slots=True)
class Founder:
    """The person of a grant and the session it was given in, as they are at its redemption."""

    user: User
    session: Session

    def authentication(self, grant: Grant, client: Client) -> Authentication:
        """What an ID token says about the sign-in."""
        at = int(grant.auth_time.timestamp())
        how, known = self.session.methods, grant.acr or acr.told(self.session.methods)
        return Authentication(grant.user_id, client.id, grant.session_id, at, grant.nonce, how, known)


def founder_of(ctx: Context, grant: Grant, client: Client) -> Founder:
    """Who founds the family; raises ``InvalidGrant`` when that person may not, or not any more."""
    user, session = active_user(ctx, grant.user_id), ctx.load(SESSION, grant.session_id)
    if user is None or not proves(session, user, ctx.now):
        raise InvalidGrant("The user is not signed in any more")
    if not admits(ctx, client, grant.user_id, grant.scopes):
        raise InvalidGrant("The user is not authorized to use this application")
    return Founder(user, session)


def founded(
    ctx: Context, grant: Grant, client: Client, founder: Founder
) -> tuple[tuple[Append, ...], RefreshToken | None]:
    """What is written: the family begins and the client takes part in the session. With the first refresh token."""
    refresh_token = _first_refresh_token(ctx, grant, client)
    started = TokenFamilyStarted(
        client_id=client.id,
        user_id=grant.user_id,
        session_id=grant.session_id,
        scopes=grant.scopes,
        auth_time=grant.auth_time,
        password_version=founder.session.password_version,
        methods=founder.session.methods,
        grant_type=grant.grant_type.value,
        acr=grant.acr,
        claims=grant.claims,
        resources=grant.resources,
        authorization_details=grant.authorization_details,
        jkt=client.confirmation.jkt,
        certificate_thumbprint=client.confirmation.certificate,
        grant_id=grant.grant_id,
        started_at=ctx.now,
        family_hash=ctx.ask(KeyedHash(FAMILY_PURPOSE, refresh_token.family_secret)) if refresh_token else "",
        token_hash=ctx.ask(KeyedHash(TOKEN_PURPOSE, refresh_token.secret)) if refresh_token else "",
    )
    joined = participants.joined(ctx, grant.session_id, founder.session, client.id)
    return (TOKEN_FAMILY.append(grant.family_id, started), *joined), refresh_token


def _first_refresh_token(ctx: Context, grant: Grant, client: Client) -> RefreshToken | None:
    if OFFLINE_ACCESS not in grant.scopes or not client.refreshes:
        return None
    return RefreshToken(grant.family_id, ctx.new_secret(), ctx.new_secret())
