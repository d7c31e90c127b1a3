"""Lockout: what follows when somebody fails to sign in under one name over and over again.

Of each name it is kept how many attempts have failed in a row, and whether the next one has to wait. The work after a
failure is the same whoever is meant and whatever the policies say, and while the instance hides who is unknown so is
the answer: the waits are then those of the instance's policy alone.

Nobody can be kept out for good by strangers who guess. A wait does not hold where the user has signed in lately; nor
does a lock of who owns the instance, which is but a long wait. Everybody else can be let in again by a manager.
"""

import enum
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hexkeep.core.kernel.ask import CountUp, Keep, Kept
from hexkeep.core.kernel.decision import Context, FollowUp
from hexkeep.core.kernel.errors import HexkeepError, ResourceExhausted
from hexkeep.core.policy.events import LockoutPolicy
from hexkeep.core.policy.state import LOCKOUT, SECURITY, effective
from hexkeep.core.session.errors import InvalidCredentials, UnknownUser, UserKeptOut
from hexkeep.core.session.sign_in import NOBODY, Candidate, Failure, at_known_place

RECORD = "login.failures"
"""Under which the expiring store remembers the failures of a name."""
WINDOW = timedelta(days=1)
"""What has failed longer ago counts no more."""
LONGEST_WAIT = timedelta(minutes=5)
"""However often it was tried: a wait is to slow guessing down, not to keep somebody out."""


class Hold(enum.StrEnum):
    """What the next attempt meets."""

    NONE = "none"
    WAIT = "wait"
    LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Record:
    """The failures in a row of one name. ``row`` tells them from those before the last success."""

    row: str = ""
    failed: bool = False
    hold: Hold = Hold.NONE
    until: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    @classmethod
    def of(cls, kept: bytes | None) -> "Record":
        """What is kept, or nothing yet."""
        if not kept:
            return cls()
        row, failed, hold, until = kept.decode().split("|")
        return cls(row, failed == "failed", Hold(hold), datetime.fromtimestamp(float(until), UTC))

    @property
    def kept(self) -> bytes:
        """What is to be kept."""
        return f"{self.row}|{'failed' if self.failed else ''}|{self.hold}|{self.until.timestamp()}".encode()

    def held(self, hold: Hold, now: datetime) -> bool:
        """Whether it holds the next attempt back in that way."""
        return self.hold is hold and now < self.until


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts for one candidate. ``hidden``: nobody is told whether there is such a user."""

    policy: LockoutPolicy
    waits: LockoutPolicy
    hidden: bool

    @property
    def count(self) -> bool:
        """Whether failures have any consequence."""
        return bool(self.policy.max_password_attempts or self.waits.tarpit_after)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a failure is answered with, and what follows."""

    error: HexkeepError
    then: tuple[FollowUp, ...] = ()


def rules_for(candidate: Candidate, ctx: Context) -> Rules:
    """The rules of the candidate's organization, and of the instance for who is unknown."""
    hidden = effective(ctx, SECURITY).hide_unknown_users
    policy = effective(ctx, LOCKOUT, candidate.user.organization_id)
    return Rules(policy, effective(ctx, LOCKOUT) if hidden else policy, hidden)


def after_success(candidate: Candidate, ctx: Context) -> Failure | None:
    """Whether the right password is of no use, because of those before it; if it is, they count no more.

    Raises ``ResourceExhausted`` when it comes too early.
    """
    if not rules_for(candidate, ctx).count:
        return None
    record = _record(candidate, ctx)
    if not at_known_place(candidate, ctx):
        _insist_on_waiting(record, ctx)
        if record.held(Hold.LOCK, ctx.now):
            return Failure.LOCKED
    if record.failed:
        _keep(candidate, Record(row=f"{ctx.now.timestamp()}"), ctx)
    return None


def after_failure(candidate: Candidate, failure: Failure, ctx: Context) -> Refusal:
    """Count a failure; raises ``ResourceExhausted`` when the attempt came too early to count."""
    rules, record = rules_for(candidate, ctx), _record(candidate, ctx)
    if not at_known_place(candidate, ctx):
        _insist_on_waiting(record, ctx)
    if record.hold is Hold.LOCK and record.until <= ctx.now:
        record = Record(row=f"{record.until.timestamp()}")
    failures = ctx.ask(CountUp(f"login/failed/{_name(candidate)}/{record.row}", int(WINDOW.total_seconds())))
    _keep(candidate, _following(record, rules, failures, ctx.now), ctx)
    locks = _reached(rules.policy, failures) and not record.held(Hold.LOCK, ctx.now)
    then = (FollowUp("LockAfterFailures", {"user_id": candidate.user_id or NOBODY}),) if locks else ()
    return Refusal(_error(candidate, failure, rules, failures), then)


def _following(record: Record, rules: Rules, failures: int, now: datetime) -> Record:
    if record.held(Hold.LOCK, now):
        return record
    if _reached(rules.policy, failures):
        return Record(record.row, True, Hold.LOCK, now + timedelta(minutes=rules.policy.owner_lock_minutes))
    if rules.waits.tarpit_after and failures >= rules.waits.tarpit_after:
        times = failures - rules.waits.tarpit_after + 1
        wait = min(timedelta(seconds=rules.waits.tarpit_seconds * times), LONGEST_WAIT)
        return Record(record.row, True, Hold.WAIT, now + wait)
    return Record(record.row, failed=True)


def _reached(policy: LockoutPolicy, failures: int) -> bool:
    return 0 < policy.max_password_attempts <= failures


def _error(candidate: Candidate, failure: Failure, rules: Rules, failures: int) -> HexkeepError:
    """While nobody is to be told who exists, all failures are the same."""
    if rules.hidden:
        return InvalidCredentials()
    if not candidate.user_id:
        return UnknownUser()
    if failure is Failure.LOCKED:
        return UserKeptOut()
    most = rules.policy.max_password_attempts
    if rules.policy.show_failures and most:
        return InvalidCredentials("", attempts_left=str(max(0, most - failures)))
    return InvalidCredentials()


def _insist_on_waiting(record: Record, ctx: Context) -> None:
    if record.held(Hold.WAIT, ctx.now):
        seconds = int((record.until - ctx.now).total_seconds()) + 1
        raise ResourceExhausted("Too many attempts to sign in", retry_after=seconds)


def _record(candidate: Candidate, ctx: Context) -> Record:
    return Record.of(ctx.ask(Kept(RECORD, _name(candidate))))


def _keep(candidate: Candidate, record: Record, ctx: Context) -> None:
    ctx.ask(Keep(RECORD, _name(candidate), record.kept, ctx.now + WINDOW))


def _name(candidate: Candidate) -> str:
    """What failures are counted by: those before somebody let the user in again count no more."""
    return f"{candidate.login} {candidate.user.let_in}"
