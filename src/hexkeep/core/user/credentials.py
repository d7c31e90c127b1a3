"""What can be done to a user's credentials: a person's password, a machine's client secret."""

import unicodedata
from datetime import timedelta

from pydantic import Field

from hexkeep.core.kernel.ask import CountUp, KeyedHash, VerifyPassword
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import (
    FailedPrecondition,
    InvalidInput,
    PermissionDenied,
    ReauthenticationRequired,
    ResourceExhausted,
    Violation,
)
from hexkeep.core.kernel.fields import Id, Password
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.user.access import equipped_machine, managed_human, managed_machine, myself, myself_in_session
from hexkeep.core.user.choosing import chosen_password
from hexkeep.core.user.errors import PasswordMismatch
from hexkeep.core.user.events import (
    UserActivated,
    UserClientSecretRemoved,
    UserClientSecretSet,
    UserPasswordExpired,
    UserPasswordRehashed,
)
from hexkeep.core.user.state import USER, User
from hexkeep.core.user.status import UserStatus

CLIENT_SECRET = "client_secret"
"""The purpose of the keyed hash of a client secret."""
TRIES, WINDOW = 10, timedelta(minutes=10)
"""How often a user may present a password in order to change it, so that a stolen token does not help to guess it."""


class SetPassword(Message):
    """A password that a manager gives to a person."""

    user_id: Id
    password: Password = Field(description="8 to 128 characters.")
    change_required: bool = Field(default=True, description="Whether to ask for another at the next sign-in.")


class ChangePassword(Message):
    """A password that a person chooses in place of the present one."""

    present_password: Password
    new_password: Password = Field(description="8 to 128 characters.")


class ReplacePasswordHash(Message):
    """Another hash of the same password, made when the password was given."""

    user_id: Id
    outdated: str = Field(max_length=1000, repr=False)
    hash: str = Field(min_length=1, max_length=1000, repr=False)


class ExpirePassword(Message):
    """The person whose password is too old, and which of the person's passwords that is."""

    user_id: Id
    password_version: int = Field(ge=0, lt=1 << 31)


class GenerateClientSecret(Conditional):
    """The machine that gets a new secret."""

    user_id: Id


class MachineCredentials(Message):
    """What the machine authenticates with from now on. The secret is not shown again."""

    client_id: str
    client_secret: str = Field(repr=False)


class DeleteClientSecret(Conditional):
    """The machine whose secret is to hold no more."""

    user_id: Id


def set_password(request: SetPassword, ctx: Context) -> Decision[Empty]:
    """Set a person's password. All sessions and tokens of the person end.

    One's own password is changed with the present one, so that a stolen session or token does not suffice for it.
    """
    user = managed_human(request.user_id, ctx)
    if request.user_id == ctx.caller.user_id:
        raise FailedPrecondition("Change your own password with the present one")
    changed = chosen_password(ctx, user, request.password, change_required=request.change_required)
    activated = (UserActivated(),) if user.status is UserStatus.INITIAL else ()
    return Decision(Empty(), USER.append(request.user_id, changed, *activated))


def change_password(request: ChangePassword, ctx: Context) -> Decision[Empty]:
    """Change the caller's own password. Takes the present one, which is counted against guessing.

    All sessions of the caller end with the old password, and all tokens that were issued in them, those for offline use
    included (RFC 9700 section 4.14.2). The session at hand can be proven anew with `CheckSession`, and so gets another
    token.
    """
    user_id, user = myself(ctx)
    confirm_password(user_id, user, request.present_password, ctx)
    present, new = (unicodedata.normalize("NFC", text) for text in (request.present_password, request.new_password))
    if new == present:
        raise InvalidInput(
            "This password cannot be used", Violation("new_password", "must differ from the present one")
        )
    return Decision(Empty(), USER.append(user_id, chosen_password(ctx, user, new, field="new_password")))


def confirm_password(user_id: str, user: User, password: str, ctx: Context) -> None:
    """Insist on a person's present password before something sensitive; raises ``PasswordMismatch``.

    Raises ``ResourceExhausted`` after too many tries, whatever they were for.
    """
    window = int(WINDOW.total_seconds())
    if ctx.ask(CountUp(f"change_password.{user_id}", window)) > TRIES:
        raise ResourceExhausted("Too many tries with the present password", retry_after=window)
    if not ctx.ask(VerifyPassword(user.password_hash, unicodedata.normalize("NFC", password))).ok:
        raise PasswordMismatch("", Violation("present_password", "is not right"))


def confirm_person(user_id: str, user: User, password: str, ctx: Context) -> None:
    """Insist that it is the person who wants something by which the account could be taken over or lost.

    It is shown by the present password; by who has none with a fresh sign-in, for neither a session that was left open
    nor a token that was found, or that an application was given, suffices. Raises ``ReauthenticationRequired`` and
    ``PermissionDenied`` then, and as ``confirm_password`` does.
    """
    from hexkeep.core.session.lately import has_signed_in_lately  # noqa: PLC0415 - sessions are made of what users are

    if user.password_hash:
        confirm_password(user_id, user, password, ctx)
        return
    myself_in_session(ctx)
    if not has_signed_in_lately(ctx, user):
        raise ReauthenticationRequired


def replace_password_hash(request: ReplacePasswordHash, ctx: Context) -> Decision[Empty]:
    """Put a stronger hash of the same password in the place of an outdated one.

    Follows a sign-in, which cannot do so itself: it writes to the activity log, the password belongs to the durable
    one. If another password was set meanwhile nothing happens.
    """
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
    user = ctx.load(USER, request.user_id)
    if not user.exists or not user.password_hash or user.password_hash != request.outdated:
        return Decision(Empty())
    return Decision(Empty(), USER.append(request.user_id, UserPasswordRehashed(hash=request.hash)))


def expire_password(request: ExpirePassword, ctx: Context) -> Decision[Empty]:
    """Have a person choose another password before anything else, for the present one is too old.

    Follows a sign-in with it. If another password was set meanwhile nothing happens.
    """
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
    user = ctx.load(USER, request.user_id)
    if not user.exists or user.password_version != request.password_version or user.password_change_required:
        return Decision(Empty())
    return Decision(Empty(), USER.append(request.user_id, UserPasswordExpired()))


def generate_client_secret(request: GenerateClientSecret, ctx: Context) -> Decision[MachineCredentials]:
    """Give a machine user a new client secret in place of the present one. It is shown this once."""
    equipped_machine(request.user_id, ctx)
    expect(ctx, USER, request.user_id, request)
    secret = ctx.new_secret()
    digest = ctx.ask(KeyedHash(CLIENT_SECRET, secret))
    made = MachineCredentials(client_id=request.user_id, client_secret=secret)
    return Decision(made, USER.append(request.user_id, UserClientSecretSet(hash=digest)))


def delete_client_secret(request: DeleteClientSecret, ctx: Context) -> Decision[Empty]:
    """Take a machine user's client secret away."""
    user = managed_machine(request.user_id, ctx)
    expect(ctx, USER, request.user_id, request)
    if not user.client_secret_hash:
        return Decision(Empty())
    return Decision(Empty(), USER.append(request.user_id, UserClientSecretRemoved()))
