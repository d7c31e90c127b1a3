"""Managed grants (Grant Management for OAuth 2.0): which family holds one, and how it changes.

A grant is what the tokens of one family may do. It is known by the id of the family that began it; when it changes, a
new family takes over and the former one is revoked. So there is nothing that could differ from what tokens are good
for, and what ends a family, whatever that is, ends the grant.
"""

from dataclasses import dataclass, replace

from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc import claims_request, rfc9396
from hexkeep.core.oidc.errors import InvalidGrant, InvalidGrantId
from hexkeep.core.oidc.grant_management import Action, Wish
from hexkeep.core.oidc.parties import Client
from hexkeep.core.policy.state import LIFETIME, effective
from hexkeep.core.session.state import SESSION
from hexkeep.core.token import standing  # a module: consents, which it imports, import authorization requests
from hexkeep.core.token.events import GrantPassedOn, TokenFamilyRevoked
from hexkeep.core.token.founding import Grant
from hexkeep.core.token.state import TOKEN_FAMILY, TokenFamily


@dataclass(frozen=True, slots=True)
class Holder:
    """The family that holds a grant now."""

    family_id: str
    family: TokenFamily


@dataclass(frozen=True, slots=True)
class Added:
    """What an authorization request asks for that cannot be put together without limit."""

    claims: str
    authorization_details: str


def holder_of(ctx: Context, grant_id: str) -> Holder | None:
    """The family that holds a grant, whether it still stands or not; ``None`` for a grant that never was."""
    family_id = ctx.load(TOKEN_FAMILY, grant_id, lapses=True).successor_id or grant_id
    family = ctx.load(TOKEN_FAMILY, family_id, lapses=True)
    return Holder(family_id, family) if family.grant_id == grant_id else None


def stands(ctx: Context, client: Client, family: TokenFamily) -> bool:
    """Whether anything can be done under a grant: with a refresh token, or else as long as the session is."""
    user = standing.standing_user(ctx, client, family)
    if user is None:
        return False
    if family.token_hash:
        return family.refreshes(ctx.now, effective(ctx, LIFETIME, user.organization_id))
    return ctx.load(SESSION, family.session_id, lapses=True).active(ctx.now)


def insist_on_grant(ctx: Context, client: Client, wish: Wish, added: Added, hinted_user_id: str) -> str:
    """The person who has to be asked, for the grant to change is that person's; where there is none, who is hinted at.

    Raises ``InvalidGrantId``, also where these two are not the same, and for what would not fit into the grant as
    reading that does: nobody is bothered with it.
    """
    if not wish.grant_id:
        return hinted_user_id
    holder = holder_of(ctx, wish.grant_id)
    if holder is None or holder.family.client_id != client.id or not stands(ctx, client, holder.family):
        raise InvalidGrantId
    if hinted_user_id not in {"", holder.family.user_id}:
        raise InvalidGrantId("The grant is not that of the person in the id_token_hint")
    if wish.action is Action.MERGE:
        claims_request.united(holder.family.claims, added.claims)
        rfc9396.united(holder.family.authorization_details, added.authorization_details)
    return holder.family.user_id


def continued(ctx: Context, client: Client, grant: Grant, wish: Wish) -> tuple[Grant, tuple[Append, ...]]:
    """What a managed grant is from now on, and what is written for it besides the family that is founded for it.

    Raises ``InvalidGrant`` when what was to change is over by now, or another person's.
    """
    if not wish.grant_id:
        return replace(grant, grant_id=grant.family_id if wish.action else ""), ()
    holder = holder_of(ctx, wish.grant_id)
    if holder is None or holder.family.user_id != grant.user_id or not stands(ctx, client, holder.family):
        raise InvalidGrant("The grant that was to be changed is over")
    changed = _merged(holder.family, grant) if wish.action is Action.MERGE else grant
    over, passed = TokenFamilyRevoked(reason="grant_changed"), GrantPassedOn(family_id=grant.family_id)
    if holder.family_id == wish.grant_id:
        written: tuple[Append, ...] = (TOKEN_FAMILY.append(wish.grant_id, over, passed),)
    else:
        written = (TOKEN_FAMILY.append(holder.family_id, over), TOKEN_FAMILY.append(wish.grant_id, passed))
    return replace(changed, grant_id=wish.grant_id), written


def _merged(before: TokenFamily, grant: Grant) -> Grant:
    return replace(
        grant,
        scopes=tuple(dict.fromkeys((*before.scopes, *grant.scopes))),
        resources=tuple(dict.fromkeys((*before.resources, *grant.resources))),
        claims=claims_request.united(before.claims, grant.claims),
        authorization_details=rfc9396.united(before.authorization_details, grant.authorization_details),
    )
