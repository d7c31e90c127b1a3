"""What the codes of an instance are like: how long, and for how long they are good."""

import enum
from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field

from hexkeep.core.code.events import CodeFormReset, CodeFormSet
from hexkeep.core.code.state import CODE_FORM, FORMS, Purpose, form_of
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import Conditional, expect

LEAST_SYMBOLS, MOST_SYMBOLS = 6, 32
"""Of twenty symbols each: with the bound on tries, six are enough (NIST SP 800-63B-4 section 3.1.3)."""
LEAST_LIFETIME = timedelta(minutes=1)
MOST_LIFETIME: Mapping[Purpose, timedelta] = {
    Purpose.EMAIL: timedelta(days=7),
    Purpose.PHONE: timedelta(hours=1),
    Purpose.PASSWORD: timedelta(days=1),
    Purpose.INVITATION: timedelta(days=30),
    Purpose.REGISTRATION: timedelta(days=1),
    Purpose.OTP_EMAIL: timedelta(minutes=10),
    Purpose.OTP_SMS: timedelta(minutes=10),
}
"""Ten minutes at most for what is entered while signing in (NIST SP 800-63B-4 section 3.1.3.2)."""


class CodePurpose(enum.StrEnum):
    """What codes are for."""

    UNSPECIFIED = "unspecified"
    VERIFY_EMAIL = "verify_email"
    VERIFY_PHONE = "verify_phone"
    RESET_PASSWORD = "reset_password"
    INVITE_USER = "invite_user"
    REGISTER_USER = "register_user"
    ONE_TIME_CODE = "one_time_code"
    ONE_TIME_TEXT = "one_time_text"


class SetCodeSettings(Conditional):
    """What codes for a purpose are to be like from now on. Codes that are on their way stay as they are."""

    purpose: CodePurpose
    length: int = Field(
        default=0, ge=0, le=MOST_SYMBOLS, description="Letters, 6 at least; 0 for what is a link with 256 random bits."
    )
    lifetime_seconds: int = Field(ge=1, le=10_000_000, description="How long a code is good.", examples=[600])


class ResetCodeSettings(Conditional):
    """The purpose for which codes are to be as they were at first."""

    purpose: CodePurpose


class CodeSettings(Message):
    """What codes for a purpose are like. ``is_default``: nobody has set it otherwise."""

    purpose: CodePurpose
    length: int
    lifetime_seconds: int
    is_default: bool
    version: int


class CodeSettingsList(Message):
    """What codes are like, for every purpose."""

    settings: tuple[CodeSettings, ...]


def list_code_settings(_request: Empty, ctx: Context) -> Decision[CodeSettingsList]:
    """List how long codes are, and for how long they are good, by what they are for."""
    ctx.authorize()
    return Decision(CodeSettingsList(settings=tuple(_shown(purpose, ctx) for purpose in Purpose)))


def set_code_settings(request: SetCodeSettings, ctx: Context) -> Decision[Empty]:
    """Set how long codes for a purpose are, and for how long they are good, within what is safe."""
    ctx.authorize()
    purpose = _purpose(request.purpose)
    expect(ctx, CODE_FORM, purpose.value, request)
    _insist_on_safety(purpose, request)
    wanted = CodeFormSet(symbols=request.length, lifetime_seconds=request.lifetime_seconds)
    if ctx.load(CODE_FORM, purpose.value) == wanted:
        return Decision(Empty())
    return Decision(Empty(), CODE_FORM.append(purpose.value, wanted))


def reset_code_settings(request: ResetCodeSettings, ctx: Context) -> Decision[Empty]:
    """Have codes for a purpose be as they were at first."""
    ctx.authorize()
    purpose = _purpose(request.purpose)
    expect(ctx, CODE_FORM, purpose.value, request)
    if ctx.load(CODE_FORM, purpose.value) is None:
        return Decision(Empty())
    return Decision(Empty(), CODE_FORM.append(purpose.value, CodeFormReset()))


def _purpose(named: CodePurpose) -> Purpose:
    if named is CodePurpose.UNSPECIFIED:
        raise InvalidInput("", Violation("purpose", "must be given"))
    return Purpose(named.value)


def _insist_on_safety(purpose: Purpose, request: SetCodeSettings) -> None:
    if FORMS[purpose].symbols == 0 and request.length:
        raise InvalidInput("", Violation("length", "must be 0: this is a link"))
    if FORMS[purpose].symbols and request.length < LEAST_SYMBOLS:
        raise InvalidInput("", Violation("length", f"must be at least {LEAST_SYMBOLS}"))
    least, most = (int(one.total_seconds()) for one in (LEAST_LIFETIME, MOST_LIFETIME[purpose]))
    if not least <= request.lifetime_seconds <= most:
        raise InvalidInput("", Violation("lifetime_seconds", f"must be from {least} to {most}"))


def _shown(purpose: Purpose, ctx: Context) -> CodeSettings:
    form = form_of(ctx, purpose)
    return CodeSettings(
        purpose=CodePurpose(purpose.value),
        length=form.symbols,
        lifetime_seconds=int(form.lifetime.total_seconds()),
        is_default=ctx.load(CODE_FORM, purpose.value) is None,
        version=ctx.version(CODE_FORM, purpose.value),
    )
