"""The e-mail address and the phone number of a person: changed by the person, sent a code, verified with it.

An address that was changed counts as not verified until somebody brings the code that was sent there. The change itself
is of the durable log and the code of the activity log, so the code follows the change; whoever did not get it asks for
another.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from hexkeep.core.code.state import Purpose, Receiver, count_wish, issue, try_code, use_up
from hexkeep.core.kernel.decision import Context, Decision, FollowUp
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound, PermissionDenied
from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.fields import Email, Id, Name, Password, Phone
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.user.access import managed_human, myself_human
from hexkeep.core.user.changes import appended, email_change, phone_change
from hexkeep.core.user.credentials import confirm_person
from hexkeep.core.user.state import USER, User, UserKind

CodeText = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class SetMyEmail(Conditional):
    """Another e-mail address for the caller."""

    email: Email = Field(examples=["alice@example.com"])
    present_password: Password = Field(default="", description="Needed by whoever has a password.")


class SetMyPhone(Conditional):
    """Another phone number for the caller."""

    phone: Phone = Field(description="In international form (E.164); empty takes it away.", examples=["+41441234567"])
    present_password: Password = Field(default="", description="Needed by whoever has a password.")


class VerifyMyEmail(Message):
    """The code that was sent to the caller's e-mail address."""

    code: CodeText = Field(repr=False, examples=["BCDFGHJK"])


class VerifyMyPhone(Message):
    """The code that was sent to the caller's phone."""

    code: CodeText = Field(repr=False, examples=["BCDFGH"])


class VerifyEmail(Message):
    """The code that was sent to a person's e-mail address, which is all that it takes."""

    user_id: Id
    code: CodeText = Field(repr=False, examples=["BCDFGHJK"])


class ResendEmailCode(Message):
    """The person who is to get a code by mail."""

    user_id: Id


class ResendPhoneCode(Message):
    """The person who is to get a code by text message."""

    user_id: Id


class IssueCode(Message):
    """A code that follows what was decided about a person."""

    user_id: Id
    purpose: Name


def set_my_email(request: SetMyEmail, ctx: Context) -> Decision[Empty]:
    """Change the caller's own e-mail address. It counts as not verified until the code that is sent there is brought.

    Takes the present password, or from who has none a fresh sign-in: who has the address can have the password
    reset. The address before is told of the change.
    """
    user_id, user = myself_human(ctx)
    expect(ctx, USER, user_id, request)
    confirm_person(user_id, user, request.present_password, ctx)
    events = email_change(user, {"email": request.email})
    return _followed(user_id, events, Purpose.EMAIL, request.email, ctx)


def set_my_phone(request: SetMyPhone, ctx: Context) -> Decision[Empty]:
    """Change the caller's own phone number, or take it away. A new one is sent a code.

    Takes the present password, or from who has none a fresh sign-in.
    """
    user_id, user = myself_human(ctx)
    expect(ctx, USER, user_id, request)
    confirm_person(user_id, user, request.present_password, ctx)
    events = phone_change(user, {"phone": request.phone})
    return _followed(user_id, events, Purpose.PHONE, request.phone, ctx)


def resend_my_email_code(_: Empty, ctx: Context) -> Decision[Empty]:
    """Send the caller another code to verify the e-mail address with. Earlier ones are void."""
    return _resent(*myself_human(ctx), Purpose.EMAIL, ctx)


def resend_my_phone_code(_: Empty, ctx: Context) -> Decision[Empty]:
    """Send the caller another code to verify the phone number with. Earlier ones are void."""
    return _resent(*myself_human(ctx), Purpose.PHONE, ctx)


def resend_email_code(request: ResendEmailCode, ctx: Context) -> Decision[Empty]:
    """Send a person another code to verify the e-mail address with. Earlier ones are void."""
    return _resent(request.user_id, managed_human(request.user_id, ctx), Purpose.EMAIL, ctx)


def resend_phone_code(request: ResendPhoneCode, ctx: Context) -> Decision[Empty]:
    """Send a person another code to verify the phone number with. Earlier ones are void."""
    return _resent(request.user_id, managed_human(request.user_id, ctx), Purpose.PHONE, ctx)


def verify_my_email(request: VerifyMyEmail, ctx: Context) -> Decision[Empty]:
    """Verify the caller's own e-mail address with the code that was sent there."""
    return _verified(*myself_human(ctx), Purpose.EMAIL, request.code, ctx)


def verify_my_phone(request: VerifyMyPhone, ctx: Context) -> Decision[Empty]:
    """Verify the caller's own phone number with the code that was sent there."""
    return _verified(*myself_human(ctx), Purpose.PHONE, request.code, ctx)


def verify_email(request: VerifyEmail, ctx: Context) -> Decision[Empty]:
    """Verify a person's e-mail address with the code that was sent there; the code is the permission.

    Whether there is such a person is not told: a wrong code and a wrong person are answered alike.
    """
    return _verified(request.user_id, ctx.load(USER, request.user_id), Purpose.EMAIL, request.code, ctx)


def issue_code(request: IssueCode, ctx: Context) -> Decision[Empty]:
    """Send a code because of what was decided about a person.

    Follows a change of an address or an invitation, which cannot do so themselves: they write to the durable log. Who
    wished for it was counted there.
    """
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
    user = ctx.load(USER, request.user_id)
    purpose = Purpose(request.purpose)
    address = address_for(user, purpose)
    if not user.exists or not address:
        raise NotFound
    return Decision(Empty(), issue(ctx, purpose, receiver(request.user_id, user, address)))


def address_for(user: User, purpose: Purpose) -> str:
    """Where a code for that purpose goes; empty for who has no such address."""
    if user.kind is not UserKind.HUMAN:
        return ""
    return user.phone if purpose is Purpose.PHONE else user.email


def receiver(user_id: str, user: User, address: str) -> Receiver:
    """A person as who gets a code."""
    return Receiver(user_id, address, user.user_name, user.display_name, user.preferred_language)


def follow_up(user_id: str, purpose: Purpose) -> FollowUp:
    """Let a code be sent behind a decision."""
    return FollowUp("IssueCode", {"user_id": user_id, "purpose": purpose.value})


def _followed(user_id: str, events: tuple[Event, ...], purpose: Purpose, address: str, ctx: Context) -> Decision[Empty]:
    if not events or not address:
        return appended(user_id, events)
    count_wish(ctx, purpose, user_id, address)
    return Decision(Empty(), USER.append(user_id, *events), then=(follow_up(user_id, purpose),))


def _resent(user_id: str, user: User, purpose: Purpose, ctx: Context) -> Decision[Empty]:
    address = address_for(user, purpose)
    verified = user.phone_verified if purpose is Purpose.PHONE else user.email_verified
    if not address or verified:
        raise FailedPrecondition("There is no address to verify")
    count_wish(ctx, purpose, user_id, address)
    return Decision(Empty(), issue(ctx, purpose, receiver(user_id, user, address)))


def _verified(user_id: str, user: User, purpose: Purpose, code: str, ctx: Context) -> Decision[Empty]:
    use_up(ctx, try_code(ctx, purpose, user_id, address_for(user, purpose), code))
    if purpose is Purpose.PHONE:
        events = phone_change(user, {"phone_verified": True})
    else:
        events = email_change(user, {"email_verified": True})
    return appended(user_id, events)
