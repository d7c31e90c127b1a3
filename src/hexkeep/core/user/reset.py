"""Resetting a forgotten password: a link is sent to the person's address, and with it comes another password."""

from pydantic import Field

from hexkeep.core.code.state import Purpose, code_of, count_wish, form_of, issue, keep_proof, try_code, use_up
from hexkeep.core.kernel.ask import CountUp
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, ResourceExhausted
from hexkeep.core.kernel.fields import Id, Name, Password
from hexkeep.core.kernel.network import network
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.setting.state import link_origin
from hexkeep.core.user import naming
from hexkeep.core.user.access import managed_human
from hexkeep.core.user.changes import email_change
from hexkeep.core.user.choosing import chosen_password
from hexkeep.core.user.contact import CodeText, address_for, receiver
from hexkeep.core.user.events import UserUnlocked
from hexkeep.core.user.state import USER, User

WINDOW_SECONDS = 3600
PER_PLACE = 6
"""Wishes for one login name from one network address within the window."""
PER_NAME = 12
"""Wishes for one login name from everywhere: how many mails strangers can have sent to somebody."""
PER_ADDRESS = 60
"""Wishes from one network address, for whomever."""
NOBODY = "nobody"
"""An id that no aggregate has; reading it takes as long as reading any."""


class RequestPasswordReset(Message):
    """Who has forgotten the password."""

    login_name: Name = Field(examples=["alice"])


class SendPasswordReset(Message):
    """The person who is to get a link to reset the password with."""

    user_id: Id


class ResetPassword(Message):
    """A new password, and the code that allows to set it."""

    user_id: Id
    code: CodeText = Field(repr=False)
    new_password: Password = Field(description="8 to 128 characters.")


def request_password_reset(request: RequestPasswordReset, ctx: Context) -> Decision[Empty]:
    """Send a person who has forgotten the password a link to set another one with, to the verified e-mail address.

    The answer is the same, and the work alike, whether there is such a person or not.
    """
    meant = naming.named(ctx, request.login_name)
    _count_wish(meant.login, ctx)
    user_id = meant.owner.id if meant.owner else NOBODY
    user = ctx.load(USER, user_id)
    in_organization = ctx.load(ORGANIZATION, user.organization_id or NOBODY).active
    if in_organization and user.email_verified and user.password_hash and user.may_recover(ctx.now):
        return Decision(Empty(), issue(ctx, Purpose.PASSWORD, receiver(user_id, user, user.email)))
    _as_much_work(meant.login, ctx)
    return Decision(Empty())


def send_password_reset(request: SendPasswordReset, ctx: Context) -> Decision[Empty]:
    """Send a person a link to set another password with. The present one holds until then."""
    user = managed_human(request.user_id, ctx)
    address = address_for(user, Purpose.PASSWORD)
    if not address or not user.password_hash:
        raise FailedPrecondition("The user has no password to reset; an invitation is what gives the first one")
    count_wish(ctx, Purpose.PASSWORD, request.user_id, address)
    return Decision(Empty(), issue(ctx, Purpose.PASSWORD, receiver(request.user_id, user, address)))


def reset_password(request: ResetPassword, ctx: Context) -> Decision[Empty]:
    """Set another password with the code that was sent to the person's e-mail address; the code is the permission.

    All sessions and tokens of the person end. Who was locked after failed attempts is let in again. A wrong code and a
    wrong person are answered alike. A password that cannot be used leaves the code as it is.
    """
    user = ctx.load(USER, request.user_id)
    address = address_for(user, Purpose.PASSWORD) if _may_reset(user, ctx) else ""
    tried = try_code(ctx, Purpose.PASSWORD, request.user_id, address, request.code)
    changed = chosen_password(ctx, user, request.new_password, field="new_password")
    use_up(ctx, tried)
    proven = email_change(user, {"email_verified": True})
    let_in = (UserUnlocked(),) if user.locked else ()
    return Decision(Empty(), USER.append(request.user_id, changed, *proven, *let_in))


def _may_reset(user: User, ctx: Context) -> bool:
    """Whoever is kept out by somebody cannot come back in by way of a new password."""
    return bool(user.password_hash) and user.may_recover(ctx.now)


def _count_wish(login: str, ctx: Context) -> None:
    place = network(ctx.request.address)
    if place:
        _count(f"reset/from/{place}", PER_ADDRESS, ctx)
        _count(f"reset/place/{place} {login}", PER_PLACE, ctx)
    _count(f"reset/name/{login}", PER_NAME, ctx)


def _count(bucket: str, limit: int, ctx: Context) -> None:
    if ctx.ask(CountUp(bucket, WINDOW_SECONDS)) > limit:
        raise ResourceExhausted("Too many wishes to reset a password", retry_after=WINDOW_SECONDS)


def _as_much_work(login: str, ctx: Context) -> None:
    """What ``issue`` does, for nobody: settings, an id, a secret, its hash, what is kept of it, and a commit."""
    symbols = form_of(ctx, Purpose.PASSWORD).symbols
    keep_proof(ctx, Purpose.PASSWORD, receiver(NOBODY, User(), ""), ctx.new_id(), code_of(ctx.new_secret(), symbols))
    link_origin(ctx)
    ctx.ask(CountUp(f"reset/unknown/{login}", WINDOW_SECONDS))
