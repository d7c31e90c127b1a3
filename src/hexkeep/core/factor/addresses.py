"""Codes by mail and by text message as second factors, for who has a verified address."""

from hexkeep.core.factor.events import OtpEmailAdded, OtpEmailRemoved, OtpSmsAdded, OtpSmsRemoved
from hexkeep.core.factor.state import FACTORS
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.user import access


class DeleteUserOtpEmail(Message):
    """The person who is to be sent no more codes by mail."""

    user_id: Id


class DeleteUserOtpSms(Message):
    """The person who is to be sent no more codes by text message."""

    user_id: Id


def add_my_otp_email(_: Empty, ctx: Context) -> Decision[Empty]:
    """Have codes sent to one's own verified e-mail address as a second factor.

    It counts as long as the address is verified: after a change from when the new one is.
    """
    user_id, user = access.myself_in_session(ctx)
    if not user.email or not user.email_verified:
        raise FailedPrecondition("The e-mail address is not verified")
    if ctx.load(FACTORS, user_id).otp_email_at is not None:
        return Decision(Empty())
    return Decision(Empty(), FACTORS.append(user_id, OtpEmailAdded(user_id=user_id, added_at=ctx.now)))


def add_my_otp_sms(_: Empty, ctx: Context) -> Decision[Empty]:
    """Have codes sent to one's own verified phone number as a second factor.

    It counts as long as the number is verified: after a change from when the new one is.
    """
    user_id, user = access.myself_in_session(ctx)
    if not user.phone or not user.phone_verified:
        raise FailedPrecondition("The phone number is not verified")
    if ctx.load(FACTORS, user_id).otp_sms_at is not None:
        return Decision(Empty())
    return Decision(Empty(), FACTORS.append(user_id, OtpSmsAdded(user_id=user_id, added_at=ctx.now)))


def remove_my_otp_email(_: Empty, ctx: Context) -> Decision[Empty]:
    """Have no more codes sent by mail as a second factor."""
    user_id, _user = access.myself_in_session(ctx)
    return _without_mail(user_id, ctx)


def remove_my_otp_sms(_: Empty, ctx: Context) -> Decision[Empty]:
    """Have no more codes sent by text message as a second factor."""
    user_id, _user = access.myself_in_session(ctx)
    return _without_text(user_id, ctx)


def delete_user_otp_email(request: DeleteUserOtpEmail, ctx: Context) -> Decision[Empty]:
    """Take codes by mail away as a person's second factor. The caller must hold at least what the user holds."""
    access.managed_human(request.user_id, ctx)
    return _without_mail(request.user_id, ctx)


def delete_user_otp_sms(request: DeleteUserOtpSms, ctx: Context) -> Decision[Empty]:
    """Take codes by text message away as a person's factor. The caller must hold at least what the user holds."""
    access.managed_human(request.user_id, ctx)
    return _without_text(request.user_id, ctx)


def _without_mail(user_id: str, ctx: Context) -> Decision[Empty]:
    if ctx.load(FACTORS, user_id).otp_email_at is None:
        return Decision(Empty())
    return Decision(Empty(), FACTORS.append(user_id, OtpEmailRemoved(user_id=user_id)))


def _without_text(user_id: str, ctx: Context) -> Decision[Empty]:
    if ctx.load(FACTORS, user_id).otp_sms_at is None:
        return Decision(Empty())
    return Decision(Empty(), FACTORS.append(user_id, OtpSmsRemoved(user_id=user_id)))
