"""Making and deleting personal access tokens: one's own, and those of machine users that one manages."""

from datetime import datetime, timedelta

from pydantic import Field

from hexkeep.core.accesstoken.events import PersonalAccessTokenCreated, PersonalAccessTokenDeleted
from hexkeep.core.accesstoken.projection import PERSONAL_ACCESS_TOKENS
from hexkeep.core.accesstoken.state import PERSONAL_ACCESS_TOKEN, PURPOSE, PersonalAccessToken, token_of
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.ask import KeyedHash, RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound
from hexkeep.core.kernel.expiry import expiry_of
from hexkeep.core.kernel.fields import Id, Name
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.kernel.view import Select, eq
from hexkeep.core.session.lately import myself_lately
from hexkeep.core.user.access import equipped_machine, insist_on_cover, insist_on_session, myself
from hexkeep.core.user.state import USER, User

MAX_TOKENS = 100
"""How many a user may have, expired ones included."""
USUAL, LONGEST = timedelta(days=365), timedelta(days=5 * 365)
"""How long a token holds that is made without a word about that, and how long one may hold at most."""
Expiry = Field(default=None, description="When it ceases to hold: within five years. If left out: a year from now.")


class CreatePersonalAccessToken(Message):
    """A new token for a machine user."""

    user_id: Id
    name: Name = Field(examples=["Nightly import"])
    expires_at: datetime | None = Expiry


class CreateMyPersonalAccessToken(Message):
    """A new token for oneself."""

    name: Name = Field(examples=["Laptop"])
    expires_at: datetime | None = Expiry


class NewPersonalAccessToken(Message):
    """The token, to be sent as a bearer token (RFC 6750 section 2.1). It is not shown again."""

    token_id: str
    token: str = Field(repr=False)
    expires_at: datetime


class DeletePersonalAccessToken(Conditional):
    """The token that is to hold no more."""

    token_id: Id


class DeleteMyPersonalAccessToken(Conditional):
    """One's own token that is to hold no more."""

    token_id: Id


def create_personal_access_token(request: CreatePersonalAccessToken, ctx: Context) -> Decision[NewPersonalAccessToken]:
    """Create a token with which a machine user calls the API. It is shown this once.

    Whoever presents it is that user, with all that the user may do. The caller must hold at least what the user holds.
    """
    user = equipped_machine(request.user_id, ctx)
    return _created(request.user_id, user, request.name, request.expires_at, ctx)


def create_my_personal_access_token(
    request: CreateMyPersonalAccessToken, ctx: Context
) -> Decision[NewPersonalAccessToken]:
    """Create a token with which the caller's own programs call the API. It is shown this once.

    It ends with the caller's present password. It can only be made with the token of a session, by somebody who has
    signed in lately: one that was found, or that an application was given, must not be good for another that outlives
    it. Raises ``ReauthenticationRequired``.
    """
    myself(ctx)
    insist_on_session(ctx)  # a machine never has one, whatever it is allowed besides
    user_id, user = myself_lately(ctx)
    return _created(user_id, user, request.name, request.expires_at, ctx)


def _created(
    user_id: str, user: User, name: str, expires_at: datetime | None, ctx: Context
) -> Decision[NewPersonalAccessToken]:
    expires = expiry_of(expires_at, ctx.now, usual=USUAL, longest=LONGEST)
    present = RowsOf(Select(PERSONAL_ACCESS_TOKENS, eq("user_id", user_id), limit=MAX_TOKENS), unscoped=True)
    if len(ctx.ask(present)) >= MAX_TOKENS:
        raise FailedPrecondition(f"A user has at most {MAX_TOKENS} personal access tokens: delete one first")
    token_id, secret = ctx.new_id(), ctx.new_secret()
    created = PersonalAccessTokenCreated(
        user_id=user_id,
        organization_id=user.organization_id,
        name=name,
        token_hash=ctx.ask(KeyedHash(PURPOSE, secret)),
        password_version=user.password_version,
        expires_at=expires,
    )
    answer = NewPersonalAccessToken(token_id=token_id, token=token_of(token_id, secret), expires_at=expires)
    return Decision(answer, PERSONAL_ACCESS_TOKEN.append(token_id, created))


def delete_personal_access_token(request: DeletePersonalAccessToken, ctx: Context) -> Decision[Empty]:
    """Delete a user's token: it holds no more, from this moment on.

    The caller must hold at least what the user holds.
    """
    token = ctx.load(PERSONAL_ACCESS_TOKEN, request.token_id)
    reach(ctx, "user.read", exists=token.exists, organization=token.organization_id)
    if ctx.load(USER, token.user_id).exists:
        insist_on_cover(token.user_id, ctx)
    return _deleted(request, ctx)


def delete_my_personal_access_token(request: DeleteMyPersonalAccessToken, ctx: Context) -> Decision[Empty]:
    """Delete one of the caller's own tokens: it holds no more, from this moment on."""
    user_id, _ = myself(ctx)
    token: PersonalAccessToken = ctx.load(PERSONAL_ACCESS_TOKEN, request.token_id)
    if not token.exists or token.user_id != user_id:
        raise NotFound
    return _deleted(request, ctx)


def _deleted(request: DeletePersonalAccessToken | DeleteMyPersonalAccessToken, ctx: Context) -> Decision[Empty]:
    expect(ctx, PERSONAL_ACCESS_TOKEN, request.token_id, request)
    return Decision(Empty(), PERSONAL_ACCESS_TOKEN.append(request.token_id, PersonalAccessTokenDeleted()))
