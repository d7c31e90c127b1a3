"""Checking second factors: each proof once, and not too often. For every slice that asks somebody for one."""

from dataclasses import dataclass
from datetime import timedelta

from hexkeep.core.factor import rfc6238
from hexkeep.core.factor.asks import VerifyAssertion
from hexkeep.core.factor.state import Factor, Factors, Passkey
from hexkeep.core.factor.webauthn import Response, party_of, take_challenge
from hexkeep.core.kernel.ask import ClaimOnce, CountUp, VerifyKeyedHash
from hexkeep.core.kernel.decision import Context, FollowUp
from hexkeep.core.kernel.errors import ResourceExhausted

TRIES, WINDOW_SECONDS = 20, 3600
"""How often proofs of one user may be tried: with six digits and three steps, a year of guessing finds two in five."""
RECOVERY = "recovery_code"
"""The purpose of the keyed hashes of recovery codes."""
USED = "factor.used"
"""Under which the expiring store remembers what was used."""
STEP_REMEMBERED = timedelta(minutes=5)
CODE_REMEMBERED = timedelta(days=3650)
"""The durable log has it too, usually; this holds also where what follows a sign-in was lost."""


def count_try(ctx: Context, user_id: str) -> None:
    """Count one more proof that is tried for a user; raises ``ResourceExhausted`` when there were too many."""
    if ctx.ask(CountUp(f"factor/tried/{user_id}", WINDOW_SECONDS)) > TRIES:
        raise ResourceExhausted("Too many second factors were tried", retry_after=WINDOW_SECONDS)


def totp_fits(ctx: Context, user_id: str, secret: str, code: str) -> bool:
    """Whether an app with this secret shows the code now, and nobody has used it (RFC 6238 section 5.2)."""
    step = rfc6238.matching_step(secret, ctx.now, code)
    if step is None:
        return False
    return ctx.ask(ClaimOnce(USED, f"totp/{user_id}/{step}", ctx.now + STEP_REMEMBERED))


def recovery_code_number(ctx: Context, user_id: str, factors: Factors, code: str) -> int | None:
    """The number of the recovery code that this is, which is used by that; ``None`` for any other."""
    presented = bound(user_id, "".join(code.split()).replace("-", "").upper())
    fits = [ctx.ask(VerifyKeyedHash(RECOVERY, presented, one)) for one in factors.recovery_hashes]
    if True not in fits:
        return None
    number = fits.index(True)
    used = ClaimOnce(USED, f"recovery/{user_id}/{factors.recovery_batch}/{number}", ctx.now + CODE_REMEMBERED)
    return number if ctx.ask(used) else None


def bound(user_id: str, code: str) -> str:
    """What is hashed of a recovery code: that of another user has another hash."""
    return f"{user_id}/{code}"


def proven_in_session(ctx: Context, factor: Factor) -> tuple[FollowUp, ...]:
    """Who has just shown a new factor need not show it again in the session at hand."""
    session_id = ctx.caller.session_id
    if not session_id:
        return ()
    fields = {"session_id": session_id, "user_id": ctx.caller.user_id, "factor": factor.value}
    return (FollowUp("RecordEnrolledFactor", fields),)


@dataclass(frozen=True, slots=True)
class Signed:
    """A passkey that has signed. ``verified``: it has made sure who uses it, and so stands for a password as well."""

    passkey: Passkey
    sign_count: int
    verified: bool
    regressed: bool
    """It has counted less than before: there may be two of it (W3C Web Authentication section 6.1.1)."""


def signed_by(ctx: Context, factors: Factors, response: Response, purpose: str) -> Signed | None:
    """The passkey that has answered a challenge for this purpose, which can be answered no more; ``None`` for none."""
    stood_for = take_challenge(ctx, response.challenge) if response.challenge else ""
    passkey = factors.credential(response.credential_id)
    if stood_for != purpose or passkey is None:
        return None
    told = ctx.ask(
        VerifyAssertion(
            response.text, response.challenge, party_of(ctx), passkey.public_key, verified_user=passkey.passwordless
        )
    )
    if told is None:
        return None
    counts = bool(told.sign_count or passkey.sign_count)
    return Signed(
        passkey,
        told.sign_count,
        verified=passkey.passwordless and told.user_verified,
        regressed=counts and told.sign_count <= passkey.sign_count,
    )
