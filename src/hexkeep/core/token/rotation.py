"""The refresh grant (RFC 6749 section 6) with rotation and reuse detection (RFC 9700 section 4.14.2)."""

from collections.abc import Mapping
from datetime import datetime

from hexkeep.core.application.state import GrantType
from hexkeep.core.kernel.ask import KeyedHash, VerifyKeyedHash
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc import acr, rfc8707, rfc9396
from hexkeep.core.oidc.errors import InvalidGrant, InvalidScope
from hexkeep.core.oidc.issue import Sitting
from hexkeep.core.oidc.oidc_core import Authentication
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.oidc.refresh_tokens import FAMILY_PURPOSE, TOKEN_PURPOSE, RefreshToken, parse
from hexkeep.core.oidc.rfc6749 import required, scope_list
from hexkeep.core.oidc.rfc7800 import BEARER, Confirmation
from hexkeep.core.policy.events import LifetimePolicy
from hexkeep.core.policy.state import LIFETIME, effective
from hexkeep.core.token.events import RefreshTokenRotated, RefreshTokenUsed, TokenFamilyRevoked
from hexkeep.core.token.issue import NOTHING, response
from hexkeep.core.token.messages import TokenResponse
from hexkeep.core.token.standing import standing_user
from hexkeep.core.token.state import GRACE, TOKEN_FAMILY, TokenFamily
from hexkeep.core.user.state import USER


def refresh(params: Mapping[str, str], ctx: Context, client: Client) -> Decision[TokenResponse]:
    """New tokens for a refresh token, which is replaced; an old one that comes back ends the family.

    Not so for confidential clients whose tokens are bound to what they hold. Theirs stays the same: stolen, it is of no
    use without that and the client's credentials (RFC 9700 section 4.14.2, FAPI 2.0 section 5.3.2.1).

    Raises ``InvalidGrant``, and ``InvalidScope`` for more than was granted.
    """
    token = parse(required(params, "refresh_token"))
    if token is None:
        raise InvalidGrant
    family = ctx.load(TOKEN_FAMILY, token.family_id, lapses=True)
    if family.client_id != client.id or not family.refreshes(ctx.now, lifetimes_of(ctx, family)):
        raise InvalidGrant
    if not ctx.ask(VerifyKeyedHash(FAMILY_PURPOSE, token.family_secret, family.family_hash)):
        raise InvalidGrant
    _insist_on_binding(client, family)
    if not present_secret(ctx, token, family):
        revoked = TOKEN_FAMILY.append(token.family_id, TokenFamilyRevoked(reason="refresh_token_reused"))
        return Decision(NOTHING, revoked, error=InvalidGrant())
    granted = _narrowed(params.get("scope", ""), family.scopes)
    resources = rfc8707.narrowed(rfc8707.asked_in(params), family.resources, client, ctx.request.issuer)
    details = rfc9396.narrowed(params.get(rfc9396.PARAMETER, ""), family.authorization_details)
    user = standing_user(ctx, client, family)
    if user is None:
        raise InvalidGrant
    who, kind = _authentication(ctx, client, family), GrantType.REFRESH_TOKEN.value
    sitting = Sitting(
        token.family_id,
        client,
        user.organization_id,
        who,
        resources,
        details,
        kind,
        family.claims,
        grant_id=family.grant_id,
    )
    if rules_of(client.application).rotates:
        following = RefreshToken(token.family_id, token.family_secret, ctx.new_secret())
        answer = response(ctx, sitting, granted, following.text)
        return Decision(answer, TOKEN_FAMILY.append(token.family_id, _rotated(ctx, family, token, following)))
    used = (RefreshTokenUsed(used_at=ctx.now),) if family.long_unused(ctx.now, lifetimes_of(ctx, family)) else ()
    changes = (TOKEN_FAMILY.append(token.family_id, *used),) if used else ()
    return Decision(response(ctx, sitting, granted, None), *changes)


def _insist_on_binding(client: Client, family: TokenFamily) -> None:
    """A family that began bound stays so. Raises ``InvalidGrant``.

    To a public client's key its refresh tokens are bound as well (RFC 9449 section 5, RFC 8705 section 4). Those of a
    confidential client are bound to the client, which may have another key or certificate today.
    """
    began, now = Confirmation(family.jkt, family.certificate_thumbprint), client.confirmation
    if began != BEARER and (now == BEARER or (client.public and now != began)):
        raise InvalidGrant("The refresh token is bound to a key or certificate that was not shown")


def lifetimes_of(ctx: Context, family: TokenFamily) -> LifetimePolicy:
    """What counts for the person of a family now, not what counted when it was founded."""
    return effective(ctx, LIFETIME, ctx.load(USER, family.user_id).organization_id)


def present_secret(ctx: Context, token: RefreshToken, family: TokenFamily) -> bool:
    """Whether a token shows the secret that holds now, or the one before as long as its answer may be lost."""
    if ctx.ask(VerifyKeyedHash(TOKEN_PURPOSE, token.secret, family.token_hash)):
        return True
    previous = family.previous_hash if family.in_grace(ctx.now) else ""
    return ctx.ask(VerifyKeyedHash(TOKEN_PURPOSE, token.secret, previous))


def _narrowed(asked: str, granted: tuple[str, ...]) -> tuple[str, ...]:
    """Section 6: the scope may be less than what was granted, never more; omitted, it is the same."""
    if not asked:
        return granted
    wanted = scope_list(asked)
    if not set(wanted) <= set(granted):
        raise InvalidScope
    return wanted


def _authentication(ctx: Context, client: Client, family: TokenFamily) -> Authentication:
    """OIDC Core section 12.2: the same authentication, and no nonce."""
    auth_time = int((family.auth_time or ctx.now).timestamp())
    known = family.acr or acr.told(family.methods)
    return Authentication(family.user_id, client.id, family.session_id, auth_time, methods=family.methods, acr=known)


def _rotated(ctx: Context, family: TokenFamily, token: RefreshToken, following: RefreshToken) -> RefreshTokenRotated:
    return RefreshTokenRotated(
        token_hash=ctx.ask(KeyedHash(TOKEN_PURPOSE, following.secret)),
        previous_hash=ctx.ask(KeyedHash(TOKEN_PURPOSE, token.secret)),
        previous_until=_previous_until(ctx, token, family),
        rotated_at=ctx.now,
    )


def _previous_until(ctx: Context, token: RefreshToken, family: TokenFamily) -> datetime:
    """When the presented token ceases to hold: a token that came twice gets no second grace."""
    again = family.in_grace(ctx.now) and ctx.ask(VerifyKeyedHash(TOKEN_PURPOSE, token.secret, family.previous_hash))
    return family.previous_until if again and family.previous_until else ctx.now + GRACE
