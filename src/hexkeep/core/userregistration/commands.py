"""Making an account for oneself: first a wish and a mail, then the code out of it, and there is the account.

Nobody learns whether there is an account already but who reads the mail: every wish is answered alike and takes as much
work. Nothing lasts before the address is proven, so strangers neither take names away nor fill the log. An address as
user name is the one that is proven: nobody is taken for whom another one belongs to. The password is asked for again
with the code: whoever finds a code in a mailbox without having begun makes no account with a password that somebody
else knows.
"""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from hexkeep.core.code.state import Purpose, Receiver, code_of, form_of, keep_proof, link_of, try_code, use_up
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import CountUp, HashPassword, Keep, Kept, Take, VerifyPassword
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import InvalidInput, PermissionDenied, ResourceExhausted, Violation
from hexkeep.core.kernel.fields import Email, Id, LanguageTag, Line, Name, OptionalId, Password, one_line
from hexkeep.core.kernel.network import network
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.policy.state import COMPLEXITY, effective
from hexkeep.core.setting.state import link_origin
from hexkeep.core.user import naming
from hexkeep.core.user.events import HumanUserAdded, UserPasswordSet
from hexkeep.core.user.passwords import accept_password
from hexkeep.core.user.state import USER, user_name_key
from hexkeep.core.userregistration.events import UserRegistrationRequested
from hexkeep.core.userregistration.state import SCOPE, USER_REGISTRATION, Wish, open_organization

CODE, EXISTS = Purpose.REGISTRATION.value, "account_exists"
"""The kinds of mails: the code, or that there is an account of that user name."""
SIGN_IN = "/ui/login"
WINDOW_SECONDS = 3600
PER_PLACE = 30
"""Wishes from one network address within the window."""
PER_ADDRESS = 6
"""Wishes with one e-mail address within the window: how many mails strangers can have sent to somebody."""
MAX_USER_NAME = 200

UserName = Annotated[
    str,
    StringConstraints(max_length=MAX_USER_NAME, strip_whitespace=True, pattern=r"^\S*$"),
    AfterValidator(one_line),
]
CodeText = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class RegisterUser(Message):
    """The account that somebody wants for oneself."""

    organization_id: OptionalId = Field(default="", description="The instance's default one if left out.")
    email: Email = Field(examples=["alice@example.com"])
    given_name: Name = Field(examples=["Alice"])
    family_name: Line = Field(default="", examples=["Adams"])
    user_name: UserName = Field(default="", description="The e-mail address if left out.", examples=["alice"])
    password: Password = Field(description="8 to 128 characters.")
    preferred_language: LanguageTag = Field(default="", examples=["en"])


class UserRegistration(Message):
    """A wish for an account. ``user_id`` is the id that the user gets with the account."""

    user_id: str


class VerifyUserRegistration(Message):
    """The code that was sent to the address, and the password that was chosen."""

    user_id: Id
    code: CodeText = Field(repr=False, examples=["BCDFGHJK"])
    password: Password = Field(description="The one that was chosen.")


def register_user(request: RegisterUser, ctx: Context) -> Decision[UserRegistration]:
    """Ask for an account of one's own. A code goes to the e-mail address; with it and the password there is one.

    Refused where the login policy of the organization does not let people make accounts. Where there is an account of
    that user name already, the answer is the same, and the mail says so.
    """
    wish = _wish(request, ctx)
    taken = _is_taken(wish, ctx)
    user_id = ctx.new_id()
    until = ctx.now + form_of(ctx, Purpose.REGISTRATION).lifetime
    ctx.ask(Keep(SCOPE, user_id, wish.model_dump_json().encode(), until))
    return Decision(UserRegistration(user_id=user_id), _told(user_id, wish, ctx, taken=taken))


def verify_user_registration(request: VerifyUserRegistration, ctx: Context) -> Decision[Empty]:
    """Make the account that was asked for, with the code that was sent to the address and the password chosen before.

    The code is the permission; the address is verified by it. A wrong code and a wish that never was are answered
    alike. A wrong password leaves the code as it is.
    """
    wish = Wish.of(ctx.ask(Kept(SCOPE, request.user_id)))
    tried = try_code(ctx, Purpose.REGISTRATION, request.user_id, wish.email, request.code)
    _insist_on_openness(ctx, wish.organization_id)
    password = unicodedata.normalize("NFC", request.password)
    if not ctx.ask(VerifyPassword(wish.password_hash, password)).ok:
        raise InvalidInput("This is not the password", Violation("password", "is not the one that was chosen"))
    use_up(ctx, tried)
    ctx.ask(Take(SCOPE, request.user_id))
    added = HumanUserAdded(
        **wish.model_dump(include={*HumanUserAdded.model_fields}),
        display_name=f"{wish.given_name} {wish.family_name}".strip(),
        email_verified=True,
        name_scope=naming.scope_of_names(ctx, wish.organization_id),
    )
    chosen = UserPasswordSet(hash=wish.password_hash, change_required=False, set_at=ctx.now)
    claim = Claim(user_name_key(added.user_name, added.name_scope), USER.ref(request.user_id))
    return Decision(Empty(), USER.append(request.user_id, added, chosen), claim)


def _wish(request: RegisterUser, ctx: Context) -> Wish:
    """What is wanted, if it may be, and if it is not too often: it is counted before the password is hashed."""
    organization_id = _insist_on_openness(ctx, request.organization_id)
    user_name = request.user_name or request.email
    _insist_on_name(user_name, request.email)
    naming.insist_on_form(ctx, organization_id, user_name)
    names = (user_name, request.given_name, request.family_name, request.email)
    normal = accept_password(request.password, *names, policy=effective(ctx, COMPLEXITY, organization_id))
    _count_wish(request.email, ctx)
    return Wish(
        organization_id=organization_id,
        user_name=user_name,
        given_name=request.given_name,
        family_name=request.family_name,
        email=request.email,
        preferred_language=request.preferred_language,
        password_hash=ctx.ask(HashPassword(normal)),
    )


def _insist_on_name(user_name: str, email: str) -> None:
    """A name that is an address is the newcomer's own, and no other counts as the same (``UniqueKey.normalised``)."""
    if len(user_name) > MAX_USER_NAME:
        raise InvalidInput("", Violation("user_name", "must be given: the e-mail address is too long for one"))
    folded = user_name_key(user_name).normalised()
    if "@" in folded and folded != email.lower():
        raise InvalidInput("", Violation("user_name", "must be the e-mail address itself, or have no @ in it"))


def _insist_on_openness(ctx: Context, organization_id: str) -> str:
    """Where the account is going to be; raises ``PermissionDenied``, also for an organization that there is not."""
    found = open_organization(ctx, organization_id)
    if not found:
        raise PermissionDenied("People do not make accounts for themselves here")
    return found


def _count_wish(address: str, ctx: Context) -> None:
    place = network(ctx.request.address)
    if place:
        _count(f"user_registration/from/{place}", PER_PLACE, ctx)
    _count(f"user_registration/to/{address.casefold()}", PER_ADDRESS, ctx)


def _count(bucket: str, limit: int, ctx: Context) -> None:
    if ctx.ask(CountUp(bucket, WINDOW_SECONDS)) > limit:
        raise ResourceExhausted("Too many wishes for an account", retry_after=WINDOW_SECONDS)


def _is_taken(wish: Wish, ctx: Context) -> bool:
    """Whether somebody has that user name, or signs in with it; the same is asked whoever exists."""
    key = user_name_key(wish.user_name, naming.scope_of_names(ctx, wish.organization_id))
    owner, meant = ctx.owner(key), naming.named(ctx, wish.user_name).owner
    return owner is not None or meant is not None


def _told(user_id: str, wish: Wish, ctx: Context, *, taken: bool) -> Append:
    """The mail to the address. What is kept where the name is taken proves a code that nobody ever sees."""
    form, number = form_of(ctx, Purpose.REGISTRATION), ctx.new_id()
    code = code_of(ctx.new_secret(), form.symbols)
    receiver = Receiver(user_id, wish.email)
    keep_proof(ctx, Purpose.REGISTRATION, receiver, number, code)
    requested = UserRegistrationRequested(
        message=EXISTS if taken else CODE,
        address=wish.email,
        language=wish.preferred_language,
        code="" if taken else code,
        link=f"{link_origin(ctx)}{SIGN_IN}" if taken else link_of(ctx, form, receiver, code),
        expires_at=ctx.now + form.lifetime,
    )
    return USER_REGISTRATION.append(user_id, requested)
