"""Codes: how they are made, sent, tried and used up.

A code lives in two places. The **event** ``CodeIssued`` in the activity log is what brings it to its person: the outbox
makes a mail or a text message of it, at least once and never lost, and the log says who was sent something, when and at
whose wish. In it the code is the person's data, sealed under the person's key, and hidden from all who read the log.
What **proves** the code is not in the log but in the expiring store: the keyed hash of user, purpose, address and
code, taken out at the instant of its use, so that of many who present it one succeeds, and gone by itself when its
time is over. An event alone would not do: a restored backup would bring used codes back to life, attempts would have to
be written to the log, where strangers could make it grow, and to use a code would need a write in both logs at once.
The expiring store alone would not do either: what is put there nobody delivers, and nothing tells that it was.

Whoever asks for a new code voids the one before. Tries are counted per network address and, of codes that are typed,
per code and per user: those of the person who is signed in apart from those of everybody else, who could otherwise use
up the person's. A code in a link cannot be guessed, so no number of tries voids it. Wishes for codes are counted per
user, per address they go to and, where strangers may wish, per network address they come from.
"""

import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Self
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict

from hexkeep.core.code.errors import InvalidCode
from hexkeep.core.code.events import CodeFormReset, CodeFormSet, CodeIssued
from hexkeep.core.kernel.aggregate import Aggregate, Append
from hexkeep.core.kernel.ask import CountUp, Keep, Kept, KeyedHash, Take, VerifyKeyedHash
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.network import network
from hexkeep.core.setting.state import link_origin

SYMBOLS = "BCDFGHJKLMNPQRSTVWXZ"
"""Twenty letters that no two of them are mistaken for each other, and that make no words (RFC 8628 section 6.1)."""
TRIES = 5
"""How often one code that is typed may be tried, by its person and by everybody else."""
TRIES_WINDOW = 3600
TRIES_PER_USER = 30
"""How often codes for one purpose of one user may be tried within the window."""
TRIES_PER_PLACE = 60
"""How often codes may be tried from one network address within the window."""
SENT_WINDOW = 3600
SENT_PER_USER = 6
"""How many codes for one purpose a user is sent within the window."""
SENT_PER_ADDRESS = 12
"""How many codes go to one address within the window, whoever it is said to be of."""
SCOPE = "code"


class Purpose(enum.StrEnum):
    """What a code is for. The values are the kinds of messages that bring it, and stable."""

    EMAIL = "verify_email"
    PHONE = "verify_phone"
    PASSWORD = "reset_password"
    INVITATION = "invite_user"
    REGISTRATION = "register_user"
    OTP_EMAIL = "one_time_code"
    OTP_SMS = "one_time_text"
    """Brought by the same kind of message as the one before."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a code of some purpose looks like: its lifetime, by which channel it goes, and the page its link opens.

    ``symbols`` is the length of a code that people type; 0 is for a link with 256 random bits.
    """

    lifetime: timedelta
    symbols: int
    channel: str
    page: str


FORMS: Mapping[Purpose, Form] = {
    Purpose.EMAIL: Form(timedelta(hours=24), 8, "mail", "/ui/verify-email"),
    Purpose.PHONE: Form(timedelta(minutes=10), 6, "sms", ""),
    Purpose.PASSWORD: Form(timedelta(hours=1), 0, "mail", "/ui/reset-password"),
    Purpose.INVITATION: Form(timedelta(days=7), 0, "mail", "/ui/invitation"),
    Purpose.REGISTRATION: Form(timedelta(hours=1), 8, "mail", "/ui/verify-registration"),
    Purpose.OTP_EMAIL: Form(timedelta(minutes=5), 6, "mail", ""),
    Purpose.OTP_SMS: Form(timedelta(minutes=5), 6, "sms", ""),
}


def _reformed(state: CodeFormSet | None, event: Event) -> CodeFormSet | None:
    match event:
        case CodeFormSet():
            return event
        case CodeFormReset():
            return None
        case _:
            return state


CODE_FORM: Aggregate[CodeFormSet | None] = Aggregate(
    "code_form", Log.DURABLE, None, (CodeFormSet, CodeFormReset), _reformed
)
"""One per purpose, which is its id: what an administrator wants the instance's codes to be like."""


def form_of(ctx: Context, purpose: Purpose) -> Form:
    """What codes for a purpose look like in the instance."""
    own = ctx.load(CODE_FORM, purpose.value)
    if own is None:
        return FORMS[purpose]
    return replace(FORMS[purpose], symbols=own.symbols, lifetime=timedelta(seconds=own.lifetime_seconds))


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who gets a code, and where. ``login_name`` stands in links to pages on which a password is chosen.

    There the browser has to know what it keeps the password with, before anybody has shown who is asking.
    """

    user_id: str
    address: str = field(repr=False)
    login_name: str = field(default="", repr=False)
    display_name: str = field(default="", repr=False)
    language: str = ""


class _Proof(BaseModel):
    """What is kept of a code until it is used or its time is over: nothing that tells of a person."""

    model_config = ConfigDict(frozen=True)

    number: str
    hash: str

    @classmethod
    def of(cls, kept: bytes | None) -> Self:
        """What was kept, or what no code fits."""
        return cls.model_validate_json(kept) if kept else cls(number="", hash="")


@dataclass(frozen=True, slots=True)
class Tried:
    """A code that is right, and was not used yet."""

    purpose: Purpose
    user_id: str
    kept: bytes = field(repr=False)


def count_wish(ctx: Context, purpose: Purpose, user_id: str, address: str) -> None:
    """Count one more code for a user and to an address; raises ``ResourceExhausted`` when there were too many."""
    _count(ctx, f"code/sent/{purpose}/{user_id}", SENT_PER_USER, SENT_WINDOW)
    if address:
        _count(ctx, f"code/sent/to/{address.casefold()}", SENT_PER_ADDRESS, SENT_WINDOW)


def issue(ctx: Context, purpose: Purpose, receiver: Receiver) -> Append:
    """Send a new code, which voids the one before. Whoever calls has counted the wish."""
    form, number = form_of(ctx, purpose), ctx.new_id()
    code = code_of(ctx.new_secret(), form.symbols)
    keep_proof(ctx, purpose, receiver, number, code)
    issued = CodeIssued(
        user_id=receiver.user_id,
        purpose=purpose.value,
        channel=form.channel,
        address=receiver.address,
        language=receiver.language,
        display_name=receiver.display_name,
        code=code,
        link=link_of(ctx, form, receiver, code),
        expires_at=ctx.now + form.lifetime,
    )
    return CODE.append(number, issued)


def keep_proof(ctx: Context, purpose: Purpose, receiver: Receiver, number: str, code: str) -> None:
    """Keep what proves a code."""
    bound = _bound(purpose, receiver.user_id, receiver.address, code)
    proof = _Proof(number=number, hash=ctx.ask(KeyedHash(SCOPE, bound)))
    until = ctx.now + form_of(ctx, purpose).lifetime
    ctx.ask(Keep(_scope(purpose), receiver.user_id, proof.model_dump_json().encode(), until))


def try_code(ctx: Context, purpose: Purpose, user_id: str, address: str, code: str) -> Tried:
    """A code that a user has for a purpose, sent to the address that is still the user's; it is not used up yet.

    Raises ``InvalidCode`` for any other, also when there is no such user, and ``ResourceExhausted`` after too many
    tries.
    """
    if place := network(ctx.request.address):
        _count(ctx, f"code/tried/from/{place}", TRIES_PER_PLACE, TRIES_WINDOW)
    kept = ctx.ask(Kept(_scope(purpose), user_id))
    proof = _Proof.of(kept)
    spent = _are_tries_spent(ctx, purpose, user_id, proof.number)
    presented = _bound(purpose, user_id, address, normalised(code, FORMS[purpose].symbols))
    fits = ctx.ask(VerifyKeyedHash(SCOPE, presented, proof.hash))
    if kept is None or spent or not fits or not address:
        raise InvalidCode
    return Tried(purpose, user_id, kept)


def _are_tries_spent(ctx: Context, purpose: Purpose, user_id: str, number: str) -> bool:
    """Count one more try of a code that is typed; raises ``ResourceExhausted`` for too many of one user's."""
    form = form_of(ctx, purpose)
    if not form.symbols:
        return False
    who = "own" if ctx.caller.user_id == user_id else "others"
    _count(ctx, f"code/tried/{who}/{purpose}/{user_id}", TRIES_PER_USER, TRIES_WINDOW)
    lifetime = int(form.lifetime.total_seconds())
    return ctx.ask(CountUp(f"code/tried/one/{who}/{number or user_id}", lifetime)) > TRIES


def use_up(ctx: Context, tried: Tried) -> None:
    """Use a code up; raises ``InvalidCode`` for all but the first who do."""
    if ctx.ask(Take(_scope(tried.purpose), tried.user_id)) != tried.kept:
        raise InvalidCode


def code_of(secret: str, symbols: int) -> str:
    """A code of that many symbols, each equally likely but for less than one in 2**200; 0: the secret itself."""
    if not symbols:
        return secret
    number = int.from_bytes(hashlib.sha256(secret.encode()).digest(), "big")
    return "".join(SYMBOLS[number // len(SYMBOLS) ** place % len(SYMBOLS)] for place in range(symbols))


def normalised(code: str, symbols: int) -> str:
    """A code as it was issued, however it was typed: people put in spaces and hyphens, and forget the shift key."""
    return "".join(code.split()).replace("-", "").upper() if symbols else code.strip()


def link_of(ctx: Context, form: Form, receiver: Receiver, code: str) -> str:
    """The link to the page on which a code is entered, filled in; empty for codes that have none."""
    login = {} if form.symbols else {"login": receiver.login_name}
    query = urlencode({"user": receiver.user_id, **login, "code": code})
    return f"{link_origin(ctx)}{form.page}?{query}" if form.page else ""


def _scope(purpose: Purpose) -> str:
    return f"{SCOPE}/{purpose}"


def _bound(purpose: Purpose, user_id: str, address: str, code: str) -> str:
    """What is hashed: the code of another user, for another purpose or sent to another address has another hash."""
    return f"{purpose}\n{user_id}\n{address}\n{code}"


def _count(ctx: Context, bucket: str, limit: int, window: int) -> None:
    if ctx.ask(CountUp(bucket, window)) > limit:
        raise ResourceExhausted("Too many codes were asked for or tried", retry_after=window)


def _evolve(state: int, _: Event) -> int:
    return state + 1


CODE = Aggregate(name="code", log=Log.ACTIVITY, initial=0, events=(CodeIssued,), evolve=_evolve)
"""One per code, with an id of its own, and one event in each: two that are asked for at a moment do not conflict. What
became of it is not folded here; the store of what expires knows."""
