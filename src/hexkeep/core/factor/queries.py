"""Which second factors there are: one's own, and those of somebody whom one manages. Secrets are shown to nobody."""

from datetime import datetime

from pydantic import Field

from hexkeep.core.factor.state import FACTORS, Factor, Factors
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.user import access
from hexkeep.core.user.state import USER, User


class FactorView(Message):
    """A second factor that counts, and since when."""

    factor: Factor
    added_at: datetime


class FactorList(Message):
    """The second factors of a person. ``recovery_codes_left`` counts those that were not used yet."""

    factors: tuple[FactorView, ...]
    recovery_codes_left: int


class PasskeyView(Message):
    """A passkey or security key. One that is not ``passwordless`` is a factor beside the password."""

    passkey_id: str
    name: str
    passwordless: bool
    registered_at: datetime


class PasskeyList(Message):
    """All passkeys of a person, twenty at most."""

    passkeys: tuple[PasskeyView, ...]


class ListUserFactors(Message):
    """The person to look at."""

    user_id: Id = Field(examples=["0198c3f1"])


class ListUserPasskeys(Message):
    """The person to look at."""

    user_id: Id = Field(examples=["0198c3f1"])


def list_my_factors(_: Empty, ctx: Context) -> Decision[FactorList]:
    """List the caller's own second factors."""
    user_id, user = access.myself_human(ctx)
    return Decision(_factors(ctx.load(FACTORS, user_id), user))


def list_user_factors(request: ListUserFactors, ctx: Context) -> Decision[FactorList]:
    """List a person's second factors."""
    user = _readable(request.user_id, ctx)
    return Decision(_factors(ctx.load(FACTORS, request.user_id), user))


def list_my_passkeys(_: Empty, ctx: Context) -> Decision[PasskeyList]:
    """List the caller's own passkeys and security keys."""
    user_id, _user = access.myself_human(ctx)
    return Decision(_passkeys(ctx.load(FACTORS, user_id)))


def list_user_passkeys(request: ListUserPasskeys, ctx: Context) -> Decision[PasskeyList]:
    """List a person's passkeys and security keys."""
    _readable(request.user_id, ctx)
    return Decision(_passkeys(ctx.load(FACTORS, request.user_id)))


def _readable(user_id: str, ctx: Context) -> User:
    user = ctx.load(USER, user_id)
    reach(ctx, "user.read", exists=user.exists, organization=user.organization_id)
    return user


def _factors(factors: Factors, user: User) -> FactorList:
    views = tuple(FactorView(factor=factor, added_at=at) for factor, at in factors.added(user))
    return FactorList(factors=views, recovery_codes_left=factors.codes_left)


def _passkeys(factors: Factors) -> PasskeyList:
    fields = set(PasskeyView.model_fields)
    views = ({name: getattr(one, name) for name in fields} for one in factors.passkeys)
    return PasskeyList(passkeys=tuple(PasskeyView.model_validate(one) for one in views))
