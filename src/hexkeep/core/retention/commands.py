"""Setting how long the activity log is kept, and looking at it."""

from pydantic import Field

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.retention.events import ActivityRetentionSet
from hexkeep.core.retention.state import LEAST_DAYS, MOST_DAYS, RETENTION, RETENTION_ID


class SetActivityRetention(Message):
    """How long to keep the activity log."""

    days: int = Field(ge=0, le=MOST_DAYS, description="0 keeps it for ever.", examples=[400])


class ActivityRetention(Message):
    """How long the activity log is kept: sessions, sign-ins, token families. 0 is for ever."""

    days: int


def set_activity_retention(request: SetActivityRetention, ctx: Context) -> Decision[Empty]:
    """Set for how many days the instance keeps its activity log. What is older is dropped within a day, for good.

    Whole sealed ranges are dropped, and their seals stay. The history of users, organizations and so on is not touched.
    """
    ctx.authorize()
    if 0 < request.days < LEAST_DAYS:
        message = f"at least {LEAST_DAYS} days, for token families may live nearly as long"
        raise InvalidInput("", Violation("days", message))
    if ctx.load(RETENTION, RETENTION_ID).days == request.days:
        return Decision(Empty())
    return Decision(Empty(), RETENTION.append(RETENTION_ID, ActivityRetentionSet(days=request.days)))


def get_activity_retention(_request: Empty, ctx: Context) -> Decision[ActivityRetention]:
    """Get for how many days the instance keeps its activity log."""
    ctx.authorize()
    return Decision(ActivityRetention(days=ctx.load(RETENTION, RETENTION_ID).days))
