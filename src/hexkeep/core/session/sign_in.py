"""Checking who signs in: at the same pace and with the same answer whether the user or the password is wrong.

Everything that takes time happens for unknown users as well: the counting, the slow hash, the reads, one commit. What
is written of a failure is bounded by the counting, and only for known users something stays in the log.

Guessing is limited three times over: tightly for one name from one place, generously for one name from everywhere and
for one place on all names. The limit of a name would let strangers keep its user out, so it does not hold where that
user has signed in lately.
"""

import enum
import unicodedata
from dataclasses import dataclass, field
from datetime import timedelta

from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import CountUp, Keep, Kept, PasswordCheck, VerifyPassword
from hexkeep.core.kernel.decision import Context, FollowUp
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.kernel.network import network
from hexkeep.core.membership import owners
from hexkeep.core.membership.state import MEMBERSHIPS
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy.state import LOGIN, effective
from hexkeep.core.session.events import SignInFailed
from hexkeep.core.session.password_age import has_expired
from hexkeep.core.session.state import SIGN_IN
from hexkeep.core.user import naming
from hexkeep.core.user.state import USER, User, UserKind

WINDOW_SECONDS = 300
PER_PLACE = 10
"""Attempts on one user name from one network address per window: what guessing costs."""
PER_USER = 50
"""Attempts on one user name per window, from wherever: what guessing from many addresses costs."""
PER_ADDRESS = 100
"""Attempts from one network address per window, on whomever: what trying common passwords on many names costs."""
KNOWN_PLACE = "login.known"
"""Under which the expiring store remembers where a user has signed in."""
REMEMBERED = timedelta(days=30)
"""For how long after the last sign-in."""
NOBODY = "nobody"
"""An id that no aggregate has; reading it takes as long as reading any."""


class Failure(enum.StrEnum):
    """Why a sign-in failed, for the audit alone."""

    PASSWORD = "password"
    INACTIVE = "inactive"
    MACHINE = "machine"
    LOCKED = "locked"
    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"
    OTP_EMAIL = "otp_email"
    OTP_SMS = "otp_sms"
    PASSKEY = "passkey"
    """These are named as the factors."""
    SIGN_COUNT = "sign_count"
    """A passkey has counted less than before: there may be two of it."""
    FORBIDDEN = "forbidden"
    """The login policy does not let people sign in this way."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who somebody says they are. ``login`` is what attempts are counted by; an unknown user has no ``user_id``."""

    login: str
    user_id: str = ""
    user: User = field(default=USER.initial, repr=False)


def candidate_named(login_name: str, ctx: Context, organization_id: str = "") -> Candidate:
    """Whoever owns a user name, or nobody; see ``naming.named``."""
    meant = naming.named(ctx, login_name, organization_id)
    user = ctx.load(USER, meant.owner.id if meant.owner else NOBODY)
    return Candidate(meant.login, meant.owner.id, user) if meant.owner and user.exists else Candidate(meant.login)


def candidate_with_id(user_id: str, ctx: Context) -> Candidate:
    """The user of an id, or nobody; counted together with attempts by user name."""
    user = ctx.load(USER, user_id)
    if not user.exists:
        return Candidate(user_id)
    return Candidate(naming.login_of(user), user_id, user)


def count_attempt(candidate: Candidate, ctx: Context) -> None:
    """Count one more attempt; raises ``ResourceExhausted`` before any costly work when there were too many.

    What the first limits refuse does not count towards the last: one place alone cannot use up a name.
    """
    place = network(ctx.request.address)
    if place:
        _count(f"login/address/{place}", PER_ADDRESS, ctx)
    _count(f"login/place/{_at(place, candidate)}", PER_PLACE, ctx)
    if not at_known_place(candidate, ctx):
        _count(f"login/user/{candidate.login}", PER_USER, ctx)


def at_known_place(candidate: Candidate, ctx: Context) -> bool:
    """Whether the user has signed in from here lately."""
    return ctx.ask(Kept(KNOWN_PLACE, _at(network(ctx.request.address), candidate))) is not None


def remember_place(candidate: Candidate, ctx: Context) -> None:
    """The user has signed in from here: strangers' attempts from elsewhere shall not keep the user out."""
    if ctx.request.address:
        place = network(ctx.request.address)
        ctx.ask(Keep(KNOWN_PLACE, _at(place, candidate), b"1", ctx.now + REMEMBERED))


def _at(place: str, candidate: Candidate) -> str:
    return f"{place} {candidate.login}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password signs somebody in: why not, and if it does, what follows for its outdated hash."""

    failure: Failure | None = None
    then: tuple[FollowUp, ...] = ()


def check_password(candidate: Candidate, password: str, ctx: Context) -> Verdict:
    """Whether this password signs this candidate in now."""
    user = candidate.user
    human = user.kind is UserKind.HUMAN
    normal = unicodedata.normalize("NFC", password)
    check = ctx.ask(VerifyPassword(user.password_hash if human else "", normal))
    if not human:
        return Verdict(Failure.MACHINE)
    if not check.ok:
        return Verdict(Failure.PASSWORD)
    if not may_sign_in(user, ctx):
        return Verdict(Failure.LOCKED if user.locked else Failure.INACTIVE)
    if not _password_suffices(candidate, ctx):
        return Verdict(Failure.FORBIDDEN)
    return Verdict(then=(*_hashed_anew(candidate, check), *_expired(candidate, ctx)))


def _password_suffices(candidate: Candidate, ctx: Context) -> bool:
    """Whether the login policy allows it. Who owns the instance always may: nobody else could set it right again."""
    if effective(ctx, LOGIN, candidate.user.organization_id).password_allowed:
        return True
    return owners.is_owner(ctx.load(MEMBERSHIPS, candidate.user_id))


def _expired(candidate: Candidate, ctx: Context) -> tuple[FollowUp, ...]:
    """The user's durable log is told behind the sign-in that another password has to be chosen."""
    user = candidate.user
    if user.password_change_required or not has_expired(user, ctx):
        return ()
    return (FollowUp("ExpirePassword", {"user_id": candidate.user_id, "password_version": user.password_version}),)


def _hashed_anew(candidate: Candidate, check: PasswordCheck) -> tuple[FollowUp, ...]:
    """The user's durable log gets the stronger hash behind the sign-in, whatever surface it came by."""
    if not check.rehash:
        return ()
    fields = {"user_id": candidate.user_id, "outdated": candidate.user.password_hash, "hash": check.rehash}
    return (FollowUp("ReplacePasswordHash", fields),)


def may_sign_in(user: User, ctx: Context) -> bool:
    """Whether the user and the user's organization are active."""
    return user.active_at(ctx.now) and ctx.load(ORGANIZATION, user.organization_id).active


def failure_recorded(candidate: Candidate, failure: Failure, ctx: Context) -> tuple[Append, ...]:
    """What is written of a failed sign-in: one event for a known user, nothing that lasts for an unknown one."""
    if not candidate.user_id:
        ctx.ask(CountUp(f"login/unknown/{candidate.login}", WINDOW_SECONDS))  # a commit, as the event is one
        return ()
    return (SIGN_IN.append(ctx.new_id(), SignInFailed(user_id=candidate.user_id, reason=failure.value)),)


def _count(bucket: str, limit: int, ctx: Context) -> None:
    if ctx.ask(CountUp(bucket, WINDOW_SECONDS)) > limit:
        raise ResourceExhausted("Too many attempts to sign in", retry_after=WINDOW_SECONDS)
