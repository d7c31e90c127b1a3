"""Looking at what the last verifications found."""

import enum
from datetime import datetime

from hexkeep.core.instance.access import insist_on_system
from hexkeep.core.kernel.ask import Kept
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import Empty, Message

SCOPE = "verification"
STATUS = "status"
"""Where the engine keeps the status, in the instance ``system``."""


class Verdict(enum.StrEnum):
    """What is known of the logs."""

    UNSPECIFIED = "unspecified"
    UNVERIFIED = "unverified"
    """No verification has ended yet."""
    INTACT = "intact"
    BROKEN = "broken"


class LogBreak(Message):
    """The first thing in one log that is not as it was; positions are inclusive."""

    instance_id: str
    log: str
    fault: str
    first: int
    last: int
    meaning: str


class VerificationStatus(Message):
    """What the last verifications found. ``breaks`` holds a hundred at most."""

    verdict: Verdict = Verdict.UNVERIFIED
    verified_at: datetime | None = None
    """When the last verification ended."""
    verified_all_at: datetime | None = None
    """When the last one that read everything ended."""
    logs: int = 0
    events: int = 0
    """Events that the last verification read."""
    breaks: tuple[LogBreak, ...] = ()


def get_verification_status(_request: Empty, ctx: Context) -> Decision[VerificationStatus]:
    """Get what the scheduled verification of all logs found last."""
    insist_on_system(ctx)
    return Decision(status_of(ctx.ask(Kept(SCOPE, STATUS))))


def status_of(kept: bytes | None) -> VerificationStatus:
    """The status as the engine keeps it."""
    return VerificationStatus.model_validate_json(kept) if kept else VerificationStatus()
