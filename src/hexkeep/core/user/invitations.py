"""Invitations: a person who was added without a password gets a link, and chooses one."""

from pydantic import Field

from hexkeep.core.code.state import Purpose, count_wish, issue, try_code, use_up
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.fields import Id, Password
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.user.access import managed_human
from hexkeep.core.user.changes import email_change
from hexkeep.core.user.choosing import chosen_password
from hexkeep.core.user.commands import keep_an_owner
from hexkeep.core.user.contact import CodeText, address_for, follow_up, receiver
from hexkeep.core.user.events import UserActivated, UserInvited
from hexkeep.core.user.state import USER, User
from hexkeep.core.user.status import UserStatus


class CreateInvitation(Conditional):
    """The person to invite."""

    user_id: Id


class ResendInvitation(Message):
    """The person who is to get the invitation once more."""

    user_id: Id


class VerifyInvitation(Message):
    """The code of an invitation, and the first password of who got it."""

    user_id: Id
    code: CodeText = Field(repr=False)
    password: Password = Field(description="8 to 128 characters.")


def create_invitation(request: CreateInvitation, ctx: Context) -> Decision[Empty]:
    """Invite a person who has no password yet: a link to choose one goes to the person's e-mail address.

    The person is in the initial state until then and cannot sign in. The last owner of the instance stays active.
    """
    user = managed_human(request.user_id, ctx)
    user.status.insist(UserStatus.ACTIVE)
    expect(ctx, USER, request.user_id, request)
    address = _address(user)
    keep_an_owner(request.user_id, ctx)
    count_wish(ctx, Purpose.INVITATION, request.user_id, address)
    then = (follow_up(request.user_id, Purpose.INVITATION),)
    return Decision(Empty(), USER.append(request.user_id, UserInvited()), then=then)


def resend_invitation(request: ResendInvitation, ctx: Context) -> Decision[Empty]:
    """Send the invitation again, with a new link. Earlier ones are void."""
    user = managed_human(request.user_id, ctx)
    user.status.insist(UserStatus.INITIAL)
    address = _address(user)
    count_wish(ctx, Purpose.INVITATION, request.user_id, address)
    return Decision(Empty(), issue(ctx, Purpose.INVITATION, receiver(request.user_id, user, address)))


def verify_invitation(request: VerifyInvitation, ctx: Context) -> Decision[Empty]:
    """Accept an invitation: set the first password, and by that verify the address; the code is the permission.

    A wrong code and a wrong person are answered alike. A password that cannot be used leaves the code as it is.
    """
    user = ctx.load(USER, request.user_id)
    awaited = user.status is UserStatus.INITIAL and ctx.load(ORGANIZATION, user.organization_id).active
    address = address_for(user, Purpose.INVITATION) if awaited else ""
    tried = try_code(ctx, Purpose.INVITATION, request.user_id, address, request.code)
    chosen = chosen_password(ctx, user, request.password)
    use_up(ctx, tried)
    proven = email_change(user, {"email_verified": True})
    return Decision(Empty(), USER.append(request.user_id, chosen, *proven, UserActivated()))


def _address(user: User) -> str:
    address = address_for(user, Purpose.INVITATION)
    if not address or user.password_hash:
        raise FailedPrecondition("Who has a password already is not invited")
    return address
