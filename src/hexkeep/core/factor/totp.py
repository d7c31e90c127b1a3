"""Authenticator apps: a secret that is shown once, and counts once the app has shown a right code."""

from pydantic import Field

from hexkeep.core.factor import rfc6238
from hexkeep.core.factor.errors import InvalidFactor
from hexkeep.core.factor.events import TotpRegistered, TotpRemoved, TotpVerified
from hexkeep.core.factor.proofs import count_try, proven_in_session, totp_fits
from hexkeep.core.factor.state import FACTORS, Factor
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.user import access


class NewTotp(Message):
    """What the app is to know. Neither is shown again."""

    uri: str = Field(repr=False, description="The `otpauth` URI, to be shown as a QR code.")
    secret: str = Field(repr=False, description="The secret in Base32, to be typed.")


class VerifyMyTotp(Message):
    """What the app shows now."""

    code: str = Field(min_length=1, max_length=20, repr=False, examples=["492039"])


class DeleteUserTotp(Message):
    """The person whose app is to count no more."""

    user_id: Id


def register_my_totp(_: Empty, ctx: Context) -> Decision[NewTotp]:
    """Begin to set up an authenticator app (RFC 6238): get the secret that it is to know, shown this once.

    It counts once `VerifyMyTotp` has been called with a code that the app shows. A secret that was not verified is
    void. Who has an app deletes it first.
    """
    user_id, user = access.myself_in_session(ctx)
    if ctx.load(FACTORS, user_id).totp_verified_at is not None:
        raise FailedPrecondition("There is an authenticator app: delete it first")
    secret = rfc6238.new_secret(ctx.new_secret())
    issuer = ctx.request.issuer.partition("://")[2]
    shown = NewTotp(uri=rfc6238.uri(secret, issuer, user.user_name), secret=secret)
    return Decision(shown, FACTORS.append(user_id, TotpRegistered(user_id=user_id, secret=secret)))


def verify_my_totp(request: VerifyMyTotp, ctx: Context) -> Decision[Empty]:
    """Finish setting up an authenticator app with a code that it shows. It is a second factor from now on."""
    user_id, _ = access.myself_in_session(ctx)
    factors = ctx.load(FACTORS, user_id)
    if not factors.totp_secret or factors.totp_verified_at is not None:
        raise FailedPrecondition("No authenticator app is being set up")
    count_try(ctx, user_id)
    if not totp_fits(ctx, user_id, factors.totp_secret, request.code):
        raise InvalidFactor("code")
    verified = FACTORS.append(user_id, TotpVerified(user_id=user_id, verified_at=ctx.now))
    return Decision(Empty(), verified, then=proven_in_session(ctx, Factor.TOTP))


def delete_my_totp(_: Empty, ctx: Context) -> Decision[Empty]:
    """Take the caller's own authenticator app away, or end setting one up."""
    user_id, _user = access.myself_in_session(ctx)
    return _removed(user_id, ctx)


def delete_user_totp(request: DeleteUserTotp, ctx: Context) -> Decision[Empty]:
    """Take away the app of a person who has lost it. The caller must hold at least what the user holds."""
    access.managed_human(request.user_id, ctx)
    return _removed(request.user_id, ctx)


def _removed(user_id: str, ctx: Context) -> Decision[Empty]:
    if not ctx.load(FACTORS, user_id).totp_secret:
        return Decision(Empty())
    return Decision(Empty(), FACTORS.append(user_id, TotpRemoved(user_id=user_id)))
