"""A token family, as the events of the activity log make it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.policy.events import LifetimePolicy
from hexkeep.core.token.events import (
    AccessTokenRevoked,
    GrantPassedOn,
    RefreshTokenRotated,
    RefreshTokenUsed,
    TokenExchanged,
    TokenFamilyRevoked,
    TokenFamilyStarted,
    UserImpersonated,
)

GRACE = timedelta(seconds=10)
"""For so long the token before the present one still holds: its answer may have been lost."""

USES_TOLD = 0.05
"""The part of the idle lifetime within which one use of a refresh token stands for all."""


@dataclass(frozen=True, slots=True)
class RevokedToken:
    """An access token that was given back; once it has expired nobody need remember it."""

    id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenFamily:
    """The tokens that follow from one code. Its id is that of the authorization request."""

    client_id: str = ""
    user_id: str = ""
    session_id: str = ""
    scopes: tuple[str, ...] = ()
    auth_time: datetime | None = None
    password_version: int = 0
    methods: tuple[str, ...] = ("pwd",)
    grant_type: str = "authorization_code"
    acr: str = ""
    claims: str = ""
    resources: tuple[str, ...] = ()
    authorization_details: str = ""
    jkt: str = ""
    certificate_thumbprint: str = ""
    actor_id: str = ""
    """Who impersonates the user, if somebody does; the session is that one's."""
    grant_id: str = ""
    """Of the managed grant that it belongs to; empty where its client does not manage it."""
    successor_id: str = ""
    """The family that holds by now the grant that this one began, or empty."""
    started_at: datetime | None = None
    family_hash: str = field(default="", repr=False)
    token_hash: str = field(default="", repr=False)
    previous_hash: str = field(default="", repr=False)
    previous_until: datetime | None = None
    used_at: datetime | None = None
    revoked: bool = False
    revoked_tokens: tuple[RevokedToken, ...] = ()

    @property
    def exists(self) -> bool:
        """Whether a code was redeemed for it."""
        return self.started_at is not None

    def refreshes(self, now: datetime, lifetimes: LifetimePolicy) -> bool:
        """Whether its refresh token may still be used, as far as time and revocation go.

        However often it was used somebody has to sign in again at last (ASVS 5.0, 10.4.8).
        """
        if self.started_at is None or self.used_at is None or self.revoked or not self.token_hash:
            return False
        last = self.started_at + lifetimes.refresh_token_lifetime
        return now < last and now < self.used_at + lifetimes.refresh_token_idle_lifetime

    def holds(self, token_id: str) -> bool:
        """Whether an access token of the family has not been revoked, by itself or with all others."""
        return not self.revoked and all(one.id != token_id for one in self.revoked_tokens)

    def long_unused(self, now: datetime, lifetimes: LifetimePolicy) -> bool:
        """Whether a use of a refresh token that stays the same is worth an event, so that it does not lapse."""
        return self.used_at is None or now >= self.used_at + lifetimes.refresh_token_idle_lifetime * USES_TOLD

    def in_grace(self, now: datetime) -> bool:
        """Whether the token before the present one still holds."""
        return self.previous_until is not None and now < self.previous_until


def _started(state: TokenFamily, event: TokenFamilyStarted) -> TokenFamily:
    return TokenFamily(
        client_id=event.client_id,
        user_id=event.user_id,
        session_id=event.session_id,
        scopes=event.scopes,
        auth_time=event.auth_time,
        password_version=event.password_version,
        methods=event.methods,
        grant_type=event.grant_type,
        acr=event.acr,
        claims=event.claims,
        resources=event.resources,
        authorization_details=event.authorization_details,
        jkt=event.jkt,
        certificate_thumbprint=event.certificate_thumbprint,
        actor_id=event.actor_id,
        grant_id=event.grant_id,
        successor_id=state.successor_id,
        started_at=event.started_at,
        family_hash=event.family_hash,
        token_hash=event.token_hash,
        used_at=event.started_at,
        revoked=state.revoked,
        revoked_tokens=state.revoked_tokens,
    )


def _evolve(state: TokenFamily, event: Event) -> TokenFamily:
    match event:
        case TokenFamilyStarted():
            return _started(state, event)
        case RefreshTokenRotated():
            return replace(
                state,
                token_hash=event.token_hash,
                previous_hash=event.previous_hash,
                previous_until=event.previous_until,
                used_at=event.rotated_at,
            )
        case AccessTokenRevoked():
            lasting = tuple(one for one in state.revoked_tokens if event.revoked_at < one.expires_at)
            return replace(state, revoked_tokens=(*lasting, RevokedToken(event.token_id, event.expires_at)))
        case GrantPassedOn(family_id=family_id):
            return replace(state, successor_id=family_id)
        case RefreshTokenUsed():
            return replace(state, used_at=event.used_at)
        case TokenFamilyRevoked():
            return replace(state, revoked=True)
        case _:
            return state


TOKEN_FAMILY = Aggregate(
    name="token_family",
    log=Log.ACTIVITY,
    initial=TokenFamily(),
    events=(
        TokenFamilyStarted,
        GrantPassedOn,
        RefreshTokenRotated,
        RefreshTokenUsed,
        TokenExchanged,
        AccessTokenRevoked,
        TokenFamilyRevoked,
    ),
    evolve=_evolve,
)


def _count(state: int, event: Event) -> int:
    return state + isinstance(event, UserImpersonated)


IMPERSONATION = Aggregate(name="impersonation", log=Log.ACTIVITY, initial=0, events=(UserImpersonated,), evolve=_count)
"""How often somebody else was a user, under the user's id."""
