"""What happens to a token family: all tokens that follow from one code."""

from datetime import datetime
from typing import Annotated, ClassVar

from hexkeep.core.kernel.event import Event, Hidden, Personal

TokenHash = Annotated[str, Hidden()]
"""The keyed hash of a secret that an application presents."""


class TokenFamilyStarted(Event):
    """An application redeemed a code. Both hashes are empty when it got no refresh token.

    ``password_version`` tells which of the user's passwords had been given in the session, ``methods`` how the user had
    signed in (RFC 8176 section 2). ``claims`` and ``authorization_details`` are JSON (OIDC Core section 5.5, RFC 9396).
    ``jkt`` and ``certificate_thumbprint`` tell to which DPoP key or certificate its tokens are bound (RFC 9449, 8705).
    ``actor_id`` is who impersonates the user, and whose session it is then, empty where the user asked for it.
    ``grant_id`` is that of the managed grant which it holds, its own id where it began that.
    """

    type: ClassVar[str] = "token_family.started"

    client_id: str
    user_id: str
    session_id: str
    scopes: tuple[str, ...]
    auth_time: datetime
    started_at: datetime
    family_hash: TokenHash = ""
    token_hash: TokenHash = ""
    password_version: int = 0
    methods: tuple[str, ...] = ("pwd",)
    grant_type: str = "authorization_code"
    acr: str = ""
    claims: Annotated[str, Personal("user_id")] = ""
    resources: tuple[str, ...] = ()
    authorization_details: Annotated[str, Personal("user_id")] = ""
    jkt: str = ""
    certificate_thumbprint: str = ""
    actor_id: str = ""
    grant_id: str = ""


class UserImpersonated(Event):
    """Somebody else, who may, got tokens with which to be the user at an application. The aggregate's id is the user's.

    So it stands in what the user sees of the own account. ``reason`` is what the impersonator gave for one.
    """

    type: ClassVar[str] = "impersonation.started"

    organization_id: str
    actor_id: str
    client_id: str
    token_family_id: str
    scopes: tuple[str, ...]
    reason: Annotated[str, Personal()] = ""


class GrantPassedOn(Event):
    """The managed grant that this family began has changed, and another family holds what it is now.

    That family's events tell what that is. The one which held the grant before is revoked with it.
    """

    type: ClassVar[str] = "token_family.grant_passed_on"

    family_id: str


class RefreshTokenRotated(Event):
    """The application presented its refresh token and got the next one.

    ``previous_hash`` still holds until ``previous_until``, in case the answer got lost on its way.
    """

    type: ClassVar[str] = "token_family.rotated"

    token_hash: TokenHash
    previous_hash: TokenHash
    previous_until: datetime
    rotated_at: datetime


class RefreshTokenUsed(Event):
    """The application used a refresh token that stays the same. Not each use is recorded, but some of a span of time.

    So that it is known which families nobody uses any more.
    """

    type: ClassVar[str] = "token_family.refresh_token_used"

    used_at: datetime


class TokenExchanged(Event):
    """A service got a token of its own for one of the family (RFC 8693). ``actor`` is the subject that acts with it.

    For the audit alone: what ends the family ends that token too.
    """

    type: ClassVar[str] = "token_family.exchanged"

    client_id: str
    actor: str
    token_id: str
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    exchanged_at: datetime


class AccessTokenRevoked(Event):
    """The application gave one access token back (RFC 7009); the rest of the family holds.

    A token that belongs to no family, as a client gets it for itself, is a family of one under its own id.
    """

    type: ClassVar[str] = "token_family.access_token_revoked"

    token_id: str
    expires_at: datetime
    revoked_at: datetime


class TokenFamilyRevoked(Event):
    """No token of the family holds any more; ``reason`` is for the audit."""

    type: ClassVar[str] = "token_family.revoked"

    reason: str
