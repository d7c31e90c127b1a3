"""Checking who signs in: at the same pace and with the same answer whether the user or the password is wrong.

Everything that takes time happens for unknown users as well: the counting, the slow hash, the reads, one commit. What
is written of a failure is bounded by the counting, and only for known users something stays in the log.
"""

import enum
import ipaddress
import unicodedata
from dataclasses import dataclass

from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import CountUp, VerifyPassword
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.session.events import SignInFailed
from hexkeep.core.session.state import SIGN_IN
from hexkeep.core.user.state import USER, User, UserKind, user_name_key

WINDOW_SECONDS = 300
PER_USER = 10
"""Attempts on one user name per window, from wherever: what guessing costs."""
PER_ADDRESS = 100
"""Attempts from one network address per window, on whomever: what trying common passwords on many names costs."""
NOBODY = "nobody"
"""An id that no aggregate has; reading it takes as long as reading any."""
IPV6_PREFIX = 64
"""One IPv6 subscriber has at least this network, and so any number of addresses in it (RFC 6177)."""


class Failure(enum.StrEnum):
    """Why a sign-in failed, for the audit alone."""

    PASSWORD = "password"
    INACTIVE = "inactive"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who somebody says they are. ``login`` is what attempts are counted by; an unknown user has no ``user_id``."""

    login: str
    user_id: str = ""
    user: User = USER.initial


def candidate_named(login_name: str, ctx: Context) -> Candidate:
    """Whoever owns a user name, or nobody."""
    key = user_name_key(login_name)
    owner = ctx.owner(key)
    user = ctx.load(USER, owner.id if owner else NOBODY)
    return Candidate(key.normalised(), owner.id, user) if owner and user.exists else Candidate(key.normalised())


def candidate_with_id(user_id: str, ctx: Context) -> Candidate:
    """The user of an id, or nobody; counted together with attempts by user name."""
    user = ctx.load(USER, user_id)
    if not user.exists:
        return Candidate(user_id)
    return Candidate(user_name_key(user.user_name).normalised(), user_id, user)


def count_attempt(candidate: Candidate, ctx: Context) -> None:
    """Count one more attempt; raises ``ResourceExhausted`` before any costly work when there were too many."""
    if ctx.request.address:
        _count(f"login/address/{network(ctx.request.address)}", PER_ADDRESS, ctx)
    _count(f"login/user/{candidate.login}", PER_USER, ctx)


def check_password(candidate: Candidate, password: str, ctx: Context) -> Failure | None:
    """Why this password does not sign this candidate in now, or ``None`` when it does."""
    user = candidate.user
    human = user.kind is UserKind.HUMAN
    normal = unicodedata.normalize("NFC", password)
    fits = ctx.ask(VerifyPassword(user.password_hash if human else "", normal)).ok
    if not human:
        return Failure.MACHINE
    if not fits:
        return Failure.PASSWORD
    return None if may_sign_in(user, ctx) else Failure.INACTIVE


def may_sign_in(user: User, ctx: Context) -> bool:
    """Whether the user and the user's organization are active."""
    return user.active and ctx.load(ORGANIZATION, user.organization_id).active


def failure_recorded(candidate: Candidate, failure: Failure, ctx: Context) -> tuple[Append, ...]:
    """What is written of a failed sign-in: one event for a known user, nothing that lasts for an unknown one."""
    user_id = candidate.user_id
    ctx.load(SIGN_IN, user_id or NOBODY)  # so that the event follows the ones before it
    if not user_id:
        ctx.ask(CountUp(f"login/unknown/{candidate.login}", WINDOW_SECONDS))  # a commit, as the event is one
        return ()
    return (SIGN_IN.append(user_id, SignInFailed(reason=failure.value)),)


def network(address: str) -> str:
    """What stands for whoever calls from an address: the address itself, of IPv6 its network."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))


def _count(bucket: str, limit: int, ctx: Context) -> None:
    if ctx.ask(CountUp(bucket, WINDOW_SECONDS)) > limit:
        raise ResourceExhausted("Too many attempts to sign in", retry_after=WINDOW_SECONDS)
