"""What becomes of the sessions of a user who is erased."""

from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.view import Select, eq
from hexkeep.core.session.events import SubjectActivityErased
from hexkeep.core.session.projection import SESSIONS
from hexkeep.core.session.state import SUBJECT_ACTIVITY, former_subject_activity_id, subject_activity_id


class EraseActivity(Message):
    """The user who was erased."""

    user_id: Id


def erase_activity(request: EraseActivity, ctx: Context) -> Decision[Empty]:
    """Let the views of the activity log drop a user, again if something of the user has come to light since."""
    first, former = subject_activity_id(request.user_id), former_subject_activity_id(request.user_id)
    asked = ctx.load(SUBJECT_ACTIVITY, first).erased
    if asked or ctx.load(SUBJECT_ACTIVITY, former, lapses=True).erased:
        left = RowsOf(Select(SESSIONS, eq("user_id", request.user_id), limit=1), unscoped=True, current=True)
        if not ctx.ask(left):
            return Decision(Empty())
    aggregate_id = f"{first}.{ctx.new_id()}" if asked else first
    return Decision(Empty(), SUBJECT_ACTIVITY.append(aggregate_id, SubjectActivityErased(user_id=request.user_id)))
