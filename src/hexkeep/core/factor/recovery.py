"""Recovery codes: ten codes that a person puts aside for when no device is at hand. Each can be used once."""

import hashlib

from pydantic import Field

from hexkeep.core.factor.events import RecoveryCodesGenerated, RecoveryCodesRemoved, RecoveryCodeUsed
from hexkeep.core.factor.proofs import RECOVERY, bound
from hexkeep.core.factor.state import FACTORS
from hexkeep.core.kernel.ask import KeyedHash
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, PermissionDenied
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.user import access

CODES = 10
SYMBOLS = "BCDFGHJKLMNPQRSTVWXZ"
"""Twenty letters that no two of them are mistaken for each other, and that make no words."""
GROUPS, GROUP = 4, 4
"""Sixteen symbols, 69 bits, in groups that can be copied."""


class RecoveryCodes(Message):
    """The codes, which are not shown again."""

    codes: tuple[str, ...] = Field(repr=False)


class DeleteUserRecoveryCodes(Message):
    """The person whose recovery codes are to hold no more."""

    user_id: Id


class RecordRecoveryCodeUse(Message):
    """The code that was used."""

    user_id: Id
    batch: int = Field(ge=0, lt=1 << 31)
    number: int = Field(ge=0, lt=CODES)


def generate_my_recovery_codes(_: Empty, ctx: Context) -> Decision[RecoveryCodes]:
    """Get ten recovery codes, shown this once, in place of earlier ones. Each stands in for a lost factor once.

    Only who has a second factor has use for them.
    """
    user_id, user = access.myself_in_session(ctx)
    factors = ctx.load(FACTORS, user_id)
    if factors.since(user) is None:
        raise FailedPrecondition("There is no second factor that a recovery code could stand in for")
    codes = tuple(_code(ctx.new_secret()) for _number in range(CODES))
    hashes = tuple(ctx.ask(KeyedHash(RECOVERY, bound(user_id, code.replace("-", "")))) for code in codes)
    generated = RecoveryCodesGenerated(user_id=user_id, batch=factors.recovery_batch + 1, hashes=hashes)
    return Decision(RecoveryCodes(codes=codes), FACTORS.append(user_id, generated))


def delete_user_recovery_codes(request: DeleteUserRecoveryCodes, ctx: Context) -> Decision[Empty]:
    """Void a person's recovery codes. The caller must hold at least what the user holds."""
    access.managed_human(request.user_id, ctx)
    if not ctx.load(FACTORS, request.user_id).codes_left:
        return Decision(Empty())
    return Decision(Empty(), FACTORS.append(request.user_id, RecoveryCodesRemoved(user_id=request.user_id)))


def record_recovery_code_use(request: RecordRecoveryCodeUse, ctx: Context) -> Decision[Empty]:
    """Note in the durable log that a recovery code was used.

    Follows a sign-in, which writes to the activity log; the expiring store knew at once.
    """
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
    factors = ctx.load(FACTORS, request.user_id)
    stands = factors.recovery_batch == request.batch and request.number < len(factors.recovery_hashes)
    if not stands or not factors.recovery_hashes[request.number]:
        return Decision(Empty())
    used = RecoveryCodeUsed(user_id=request.user_id, batch=request.batch, number=request.number)
    return Decision(Empty(), FACTORS.append(request.user_id, used))


def _code(secret: str) -> str:
    """A code of equally likely symbols, but for less than one in 2**180."""
    number = int.from_bytes(hashlib.sha256(secret.encode()).digest(), "big")
    symbols = (SYMBOLS[number // len(SYMBOLS) ** place % len(SYMBOLS)] for place in range(GROUPS * GROUP))
    text = "".join(symbols)
    return "-".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))
